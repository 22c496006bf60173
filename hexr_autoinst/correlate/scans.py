"""A guard's scans around the model calls of one turn, and which of them were of which call. Never a guess: where two could be, a link.

A prompt is scanned before the call, an output after it. A scan is of the call that begins next, or ended last, if no other model
call of the turn was open meanwhile. So that an output's scan can still be told on the call, a turn that scans holds its calls for a while.
The proxy's guard step says which call it was: its connection is named after the call's (`<conn>#prompt`, `<conn>#output`).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Effect, Extra, Failure, ModelCall, Operation, Thread

Spot = tuple[str, str]
Place = tuple[str, int]  # a connection of the proxy, the how-manieth request on it
HOLD: Final = NANO  # for a scan to begin
_LOOK: Final = 10 * NANO  # for one that has begun to end
_CALLS: Final = 32
_LOOKS: Final = 16
_BLOCKED: Final = "guard_blocked"
_TOLD: Final = frozenset({"chat", "completion"})
_SIDES: Final = (("prompt", "guard.prompt_blocked"), ("output", "guard.output_blocked"))


@dataclass(slots=True)
class Asked:
    """A model call. `ended` 0: it is open."""

    id: tuple[str, str]
    began: int
    ended: int = 0
    spot: Spot = ("", "")
    place: Place = ("", 0)

    def meets(self, since: int, until: int) -> bool:
        """Whether it was open at some time between."""
        return self.began < until and (not self.ended or self.ended > since)


@dataclass(slots=True)
class Look:
    """A scan. `scanners`: which of them have blocked; empty where none has, or it is not over. `of`: the call's place, if it says so."""

    began: int
    what: str
    ended: int = 0
    scanners: tuple[str, ...] = ()
    spot: Spot = ("", "")
    of: Place | None = None


@dataclass(slots=True)
class Scans:
    """What one turn knows of both, newest last."""

    calls: deque[Asked] = field(default_factory=lambda: deque(maxlen=_CALLS))
    looks: deque[Look] = field(default_factory=lambda: deque(maxlen=_LOOKS))

    def asked(self, exchange: Exchange, operation: object) -> None:
        """A call of the turn has begun. `operation`: none, or a conversation's thread, of a model's."""
        if operation is None or isinstance(operation, Thread):
            self.calls.append(Asked(_id(exchange), exchange.began, place=_place(exchange) or ("", 0)))
        elif isinstance(operation, Effect) and operation.kind == "guard":
            what = str(dict(operation.facts).get("guard.what", ""))
            self.looks.append(Look(exchange.began, what, of=_place(exchange, f"#{what}")))

    def holds(self, exchange: Exchange, ended: int, now: int) -> bool:
        """Whether a scan of its output may still be told on this call."""
        if exchange.key is None or not self.looks or self._call(exchange) is None:
            return False
        if any(c.began >= ended for c in self.calls):
            return False
        looking = any(
            not x.ended
            and (x.what == "output" and x.began >= ended if x.of is None else x.of == _place(exchange))
            for x in self.looks
        )
        return now - ended < (_LOOK if looking else HOLD) and not self._after(ended, ())

    def told(
        self, exchange: Exchange, operation: Operation, spot: Spot
    ) -> tuple[Operation, tuple[Spot, ...]]:
        """The operation with what is known of its scans, and links to what it may belong to."""
        if isinstance(operation, Effect) and operation.kind == "guard":
            return operation, self._looked(exchange, operation, spot)
        mine = self._call(exchange)
        if mine is None or not isinstance(operation, ModelCall):
            return operation, ()
        mine.ended, mine.spot = exchange.ended, spot
        if operation.kind not in _TOLD:
            self.calls.remove(mine)
            return operation, ()
        if not self.looks:  # as of most agents
            return operation, ()
        named = [x for x in self.looks if x.scanners and x.of is not None and x.of == mine.place]
        others = tuple(c for c in self.calls if c is not mine)
        found = (*self._before(exchange.began, others), *self._after(exchange.ended, others))
        # Calls whose process nobody knows share a turn, not a client.
        sure = [x for x in found if exchange.key is not None and _alone(x, mine, others)]
        return _blocked(operation, [*named, *sure]), tuple(x.spot for x in (*named, *found))

    def drop(self, exchange: Exchange) -> None:
        """It meant nothing."""
        if call := self._call(exchange):
            self.calls.remove(call)

    def _call(self, exchange: Exchange) -> Asked | None:
        """The newest are asked for most."""
        wanted = _id(exchange)
        return next((c for c in reversed(self.calls) if c.id == wanted), None)

    def _looked(self, exchange: Exchange, effect: Effect, spot: Spot) -> tuple[Spot, ...]:
        """A scan is over. One of an output links to the call that ended last before it."""
        facts = dict(effect.facts)
        look = next((x for x in self.looks if x.began == exchange.began and not x.ended), None)
        if look is None:
            return ()
        look.ended, look.spot = exchange.ended, spot
        if facts.get("guard.valid") is False:
            said = facts.get("guard.hits") or facts.get("guard.scanners")
            look.scanners = (
                tuple(map(str, said)) if isinstance(said, tuple) and said else (effect.service or "guard",)
            )
        if look.of is not None:
            return tuple(c.spot for c in self.calls if c.place == look.of and c.ended)
        over = [c for c in self.calls if c.ended and c.ended <= exchange.began]
        last = max(over, key=lambda c: c.ended, default=None)
        return (last.spot,) if look.what == "output" and last is not None else ()

    def _before(self, began: int, others: tuple[Asked, ...]) -> Iterator[Look]:
        """Prompts that were blocked since the last model call began."""
        for look in self.looks:
            earlier = any(look.ended <= c.began < began for c in others)
            if (
                look.scanners
                and not look.of
                and look.what == "prompt"
                and look.ended <= began
                and not earlier
            ):
                yield look

    def _after(self, ended: int, others: tuple[Asked, ...]) -> list[Look]:
        """Outputs that were blocked before another model call ended."""
        return [
            x
            for x in self.looks
            if x.scanners
            and not x.of
            and x.what == "output"
            and x.began >= ended
            and not any(ended < c.ended <= x.began for c in others)
        ]


def _alone(look: Look, mine: Asked, others: tuple[Asked, ...]) -> bool:
    since, until = min(look.began, mine.ended), max(look.ended, mine.began)
    return not any(c.meets(since, until) for c in others)


def _blocked(call: ModelCall, looks: list[Look]) -> ModelCall:
    """What a guard of the agent's own has found, beside what the provider's has."""
    extras: dict[str, Extra] = dict(call.extras)
    for what, name in _SIDES:
        names = tuple(dict.fromkeys(s for x in looks if x.what == what for s in x.scanners))
        if names:
            extras.setdefault(name, names)
    if len(extras) == len(call.extras):
        return call
    return replace(call, extras=tuple(extras.items()), failure=call.failure or Failure(_BLOCKED))


def _place(exchange: Exchange, suffix: str = "") -> Place | None:
    """Where a call of the proxy stands, or the call that a scan with such a suffix is of; None for all others."""
    conn = exchange.conn
    if exchange.source != "proxy" or not isinstance(conn, str) or not conn.endswith(suffix):
        return None
    return conn.removesuffix(suffix), exchange.ordinal


def _id(exchange: Exchange) -> tuple[str, str]:
    return exchange.id, exchange.part
