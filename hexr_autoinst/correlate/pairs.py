"""The two ends of one call on one host find each other, whether it names its caller or not: each is told as a span, and they are one call.

An end waits until the other is there, or until it is told. Two that may be the same call but cannot be shown to be are left apart.
"""

from dataclasses import dataclass
from typing import Any

from hexr_autoinst.correlate.links import Ends, plain
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.model.exchange import Exchange

_Where = tuple[bool, Any]  # whether it is the server's end of the exchange, and a line or what joins


@dataclass(frozen=True, slots=True)
class Mark:
    """What both ends of a call see alike. `line`: the addresses of client and server; a pipe's ends have names that are none of the network."""

    server: bool
    line: Ends | None
    ordinal: int
    part: str
    words: tuple[str, str]
    said: tuple[str | None, bool]
    join: tuple[str, ...]


def mark(standing: Standing, exchange: Exchange, ends: Ends | None = None) -> Mark:
    """Of this end. `ends`: its own address and the other's, where they are known only now."""
    call, request = standing.call, exchange.request
    server = exchange.role == "server"
    if ends is None and exchange.local and exchange.peer:
        ends = (exchange.local, exchange.peer)
    line = (plain(ends[0]), plain(ends[1])) if ends else None
    return Mark(
        server,
        (line[1], line[0]) if line and server else line,
        exchange.ordinal,
        exchange.part,
        (request.method, request.path),
        (call.request_id, call.backwards) if call else (None, False),
        (call.protocol, *call.join) if call and call.join else (),
    )


class Pairs:
    """The ends that wait."""

    def __init__(self) -> None:
        """None does."""
        self._marks: dict[Standing, Mark] = {}
        self._waiting: dict[_Where, list[Standing]] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._marks)

    def meet(self, standing: Standing, its: Mark) -> Standing | None:
        """The other end, if it waits: then neither does any more. Else this one waits, under what is known of it now."""
        self.leave(standing)
        found = self._on_line(its) or self._by_join(its)
        if found is not None:
            self.leave(found)
            return found
        self._marks[standing] = its
        for where in _places(its, its.server):
            self._waiting.setdefault(where, []).append(standing)
        return None

    def leave(self, standing: Standing) -> None:
        """It waits no longer."""
        its = self._marks.pop(standing, None)
        for where in _places(its, its.server) if its else ():
            self._waiting[where].remove(standing)
            if not self._waiting[where]:
                del self._waiting[where]

    def waits(self, standing: Standing) -> bool:
        """Whether its other end is not there yet."""
        return standing in self._marks

    def _on_line(self, its: Mark) -> Standing | None:
        """On the same connection: at the same place of it; or, where a beginning was missed, with the same id."""
        there = self._there((not its.server, its.line)) if its.line else []
        alike = [(s, m) for s, m in there if (m.words, m.said) == (its.words, its.said)]
        exact = [s for s, m in alike if (m.ordinal, m.part) == (its.ordinal, its.part)]
        told = [s for s, m in alike if its.said[0] is not None or (its.join and m.join == its.join)]
        return next((f[0] for f in (exact, told) if len(f) == 1), None)

    def _by_join(self, its: Mark) -> Standing | None:
        """On two connections with something between (a proxy, an address that is translated): by what only both ends have."""
        there = self._there((not its.server, its.join)) if its.join else []
        alike = [s for s, m in there if m.said == its.said and not _apart(m, its)]
        return alike[0] if len(alike) == 1 else None

    def _there(self, where: _Where) -> list[tuple[Standing, Mark]]:
        return [(s, self._marks[s]) for s in self._waiting.get(where, ())]


def _apart(one: Mark, other: Mark) -> bool:
    """Two places on one connection are two calls, whatever they carry: a message may be sent again."""
    return one.line is not None and one.line == other.line


def _places(its: Mark, server: bool) -> list[_Where]:
    return [(server, what) for what in (its.line, its.join) if what]
