"""A veiled recording's exchanges, heard again: each fact of the file is spent on the exchange it tells of.

What was heard was framed, decoded and redacted when it was recorded. Left to do is what a file alone can want:
an exchange that was open before the recording began, or when it ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Heard, Said, Skipped
from hexr_autoinst.model.facts import Exchanged


@dataclass(slots=True)
class _Open:
    exchange: Exchange
    facts: int
    last: int


class Overheard:
    """The exchanges that are open in the recording, at most so many."""

    def __init__(self, most: int) -> None:
        """None yet."""
        self._most = most
        self._open: dict[str, _Open] = {}

    def feed(self, fact: Exchanged) -> Iterator[Heard]:
        """What this fact tells."""
        match fact.heard:
            case Asked(exchange=exchange) as asked:
                yield from self._begin(asked, exchange)
            case Said(id=id_) as said if id_ in self._open:
                self._spend(id_, said.at)
                yield said
            case Ended(exchange=exchange) as ended if exchange.id in self._open:
                facts = self._open.pop(exchange.id).facts + 1
                yield replace(ended, exchange=replace(exchange, facts=facts))
            case Said() | Ended():
                yield Skipped(fact.at, "before_recording", 1)
            case Skipped() as skipped:
                yield replace(skipped, n=1)
            case _:
                yield Skipped(fact.at, "no_exchange", 1)

    def end(self) -> Iterator[Heard]:
        """The recording is over."""
        for id_ in list(self._open):
            yield self._cut(id_, "open_at_end")

    def _begin(self, asked: Asked, exchange: Exchange) -> Iterator[Heard]:
        if exchange.id in self._open:  # told twice: the first is over
            yield self._cut(exchange.id, "truncated:response")
        if len(self._open) >= self._most:
            yield self._cut(next(iter(self._open)), "too_many_exchanges")
        self._open[exchange.id] = _Open(exchange, 1, asked.at)
        yield replace(asked, exchange=replace(exchange, facts=0))

    def _spend(self, id_: str, at: int) -> None:
        known = self._open[id_]
        known.facts += 1
        known.last = max(known.last, at)

    def _cut(self, id_: str, why: str) -> Ended:
        known = self._open.pop(id_)
        missing = (*known.exchange.missing, why)
        return Ended(known.last, replace(known.exchange, missing=missing, facts=known.facts))
