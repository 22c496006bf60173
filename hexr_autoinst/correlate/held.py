"""What processes that are no agents do in the world: held for a while, for what an agent does first is to get its credentials.

Bounded in number and in time, which is the facts'. No body is held: the effect has been read.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from hexr_autoinst.correlate.identity import body_hash
from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.operation import Effect
from hexr_autoinst.model.story import Uncounted

EACH: Final = 64  # effects of one process
PROCESSES: Final = 256
HOLD: Final = 300 * NANO
_REASON: Final = "not_an_agent"


class One(NamedTuple):
    """An effect that is over, and when it was taken."""

    exchange: Exchange
    effect: Effect
    at: int


class Held:
    """The effects of each process, oldest first; the process that has been quiet for the longest time stands first."""

    def __init__(self) -> None:
        """Nothing is held."""
        self._of: OrderedDict[Key, deque[One]] = OrderedDict()
        self.facts = 0

    def __len__(self) -> int:
        """How many are held."""
        return sum(map(len, self._of.values()))

    def keep(self, exchange: Exchange, effect: Effect, key: Key, now: int) -> list[Uncounted]:
        """Hold one; what it takes the place of is nobody's. What is only counted takes nothing's place."""
        if effect.counted:
            return [Uncounted(_REASON, exchange.facts)] if exchange.facts else []
        mine = self._of.setdefault(key, deque())
        self._of.move_to_end(key)
        mine.append(One(_bare(exchange), effect, now))
        self.facts += exchange.facts
        over = [mine.popleft()] if len(mine) > EACH else []
        if len(self._of) > PROCESSES:
            over += self._of.popitem(last=False)[1]
        return self._gone(over)

    def release(self, whose: Callable[[Key], bool]) -> Iterator[tuple[Exchange, Effect]]:
        """All of the processes that are some agent's now, each process's in the order in which they began."""
        for key in [k for k in self._of if whose(k)]:
            for exchange, effect, _ in sorted(self._of.pop(key), key=lambda one: one.exchange.began):
                self.facts -= exchange.facts
                yield exchange, effect

    def forget(self, now: int) -> list[Uncounted]:
        """What was held for long enough is nobody's."""
        over: list[One] = []
        for key, mine in list(self._of.items()):
            while mine and mine[0].at + HOLD <= now:
                over.append(mine.popleft())
            if not mine:
                del self._of[key]
        return self._gone(over)

    def drop(self, keys: list[Key]) -> list[Uncounted]:
        """Processes long gone."""
        return self._gone([one for key in keys for one in self._of.pop(key, ())])

    def _gone(self, over: list[One]) -> list[Uncounted]:
        facts = sum(one.exchange.facts for one in over)
        self.facts -= facts
        return [Uncounted(_REASON, facts)] if facts else []


def _bare(exchange: Exchange) -> Exchange:
    """The exchange without its bodies. What the request's was is still told apart from others."""
    request, answer = exchange.request, exchange.response
    request = replace(request, body=b"", seal=request.seal or body_hash(request.body))
    return replace(exchange, request=request, response=answer and replace(answer, body=b""))
