"""One call seen by two planes, told once: which exchanges are the same call, and whose facts are told."""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

from hexr_autoinst.correlate.identity import body_hash
from hexr_autoinst.correlate.links import plain
from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.model.exchange import Exchange, Phases, Request
from hexr_autoinst.model.facts import Address, Key, Opened
from hexr_autoinst.model.operation import Operation

TWIN_WAIT: Final = 300_000_000  # how long the side that ended first waits for the other
_MEMORY: Final = 5 * NANO  # how long a told call still recognizes its late twin
_PLANES: Final = frozenset({"ebpf", "proxy"})


@dataclass(slots=True)
class Half:
    """One plane's view of a call. `gone`: it meant nothing after all."""

    asked: Exchange
    ended: Exchange | None = None
    operation: Operation | None = None
    gone: bool = False

    @property
    def settled(self) -> bool:
        """Whether nothing more will come of it."""
        return self.gone or self.ended is not None


@dataclass(slots=True, eq=False)
class Call:
    """One call, by whichever planes saw it. The first that opened gives it its ids."""

    first: Exchange
    key: Key | None
    halves: dict[str, Half] = field(default_factory=dict)
    ended_at: int = 0
    left_at: int = 0  # its exchange was over before it
    told: bool = False
    ambiguous: bool = False

    @property
    def live(self) -> list[Half]:
        """The views that may mean something."""
        return [h for h in self.halves.values() if not h.gone]

    @property
    def whole(self) -> bool:
        """Whether a view that ended saw every byte."""
        return any(h.ended.complete for h in self.live if h.ended)

    @property
    def over(self) -> bool:
        """Whether every view of it has ended."""
        return all(h.settled for h in self.halves.values())


class Twins:
    """The calls that are open, held, or told so lately that a twin may still come."""

    def __init__(self, proxy_port: int) -> None:
        """No call yet."""
        self._proxy_port = proxy_port
        self._by_id: dict[str, dict[str, Call]] = {}  # by exchange, then by part
        self._by_place: dict[tuple[Address, int], list[Call]] = {}
        self._open: dict[Key | None, list[Call]] = {}
        self._done: deque[tuple[int, Call]] = deque()
        # Processes of which a plane is known to see something: the other plane's calls wait for a twin.
        self._seen: dict[str, set[Key]] = {"ebpf": set(), "proxy": set()}
        self.held = 0  # facts of ended exchanges that are not told yet

    def __len__(self) -> int:
        """How many views of calls are remembered, told ones included."""
        return sum(map(len, self._by_id.values()))

    def get(self, exchange: Exchange) -> Call | None:
        """The call that this exchange, or this part of it, is a view of."""
        return self._by_id.get(exchange.id, {}).get(exchange.part)

    def parts(self, exchange_id: str) -> list[Call]:
        """All calls of which this exchange carries a view."""
        return list(self._by_id.get(exchange_id, {}).values())

    def opened(self, fact: Opened) -> None:
        """A process that has a connection to the proxy is seen by both planes."""
        if fact.peer.port == self._proxy_port and fact.role != "server":
            for seen in self._seen.values():
                seen.add(fact.key)

    def asked(self, exchange: Exchange, key: Key | None) -> Call:
        """The call of which this exchange is the second view, or a new one."""
        if key and exchange.source in self._seen:
            self._seen[exchange.source].add(key)
        found = self._partners(exchange, key)
        call = found[0] if found else Call(exchange, key)
        call.ambiguous = len(found) > 1
        call.halves[exchange.source] = Half(exchange)
        self._by_id.setdefault(exchange.id, {})[exchange.part] = call
        if not found:
            self._open.setdefault(key, []).append(call)
            if exchange.local and exchange.source in _PLANES:
                self._by_place.setdefault(_place(exchange.local, exchange.ordinal), []).append(call)
        return call

    def ended(self, call: Call, exchange: Exchange, operation: Operation, now: int) -> bool:
        """This view of the call is over. False if it cannot be told any more: the call is, by its twin."""
        half = call.halves.get(exchange.source)
        if half is None or half.settled or half.asked.id != exchange.id:
            return False
        half.ended = exchange
        if call.told:
            return False
        half.operation = operation
        call.ended_at = call.ended_at or now
        self.held += exchange.facts
        return True

    def discard(self, call: Call, exchange_id: str) -> None:
        """This view, unless it has ended, meant nothing: the account has its facts already."""
        for half in call.halves.values():
            half.gone = half.gone or (half.asked.id == exchange_id and half.ended is None)

    def ready(self, call: Call, now: int) -> bool:
        """Whether no better view of it is worth waiting for."""
        if not any(h.ended for h in call.live):
            return False
        waited = now - call.ended_at
        if len(call.halves) > 1:
            return call.over or (call.whole and waited >= TWIN_WAIT)
        return waited >= TWIN_WAIT or not self._expected(call)

    def tell(self, call: Call, now: int) -> tuple[Exchange, Operation]:
        """The call as it is told: the better view under the first one's id, with the facts of both.

        Better is complete; of two equals the proxy, which knows the true upstream.
        """
        ended = [(h.ended, h.operation) for h in call.live if h.ended and h.operation]
        exchange, operation = max(ended, key=lambda e: (e[0].complete, e[0].source == "proxy"))
        facts = sum(e.facts for e, _ in ended)
        self.held -= facts
        self.close(call, now)
        told = (call.first.id, exchange.key or call.key, facts)
        if told != (exchange.id, exchange.key, exchange.facts):
            exchange = replace(exchange, id=told[0], key=told[1], facts=told[2])
        return exchange, operation

    def close(self, call: Call, now: int) -> None:
        """It is told, or came to nothing; its twin may still come late."""
        call.told = True
        self._done.append((now, call))
        calls = self._open.get(call.key, [])
        if call in calls:
            calls.remove(call)
        if not calls:
            self._open.pop(call.key, None)

    def open_calls(self) -> list[Call]:
        """Not told yet, in the order in which they were asked for each process."""
        return [c for calls in self._open.values() for c in calls]

    def calls_of(self, key: Key | None) -> list[Call]:
        """Not told yet, of this process."""
        return list(self._open.get(key, ()))

    def forget(self, now: int) -> None:
        """What was told long ago. One whose other view is still open is looked at again later."""
        for _ in range(len(self._done)):
            if self._done[0][0] + _MEMORY > now:
                return
            _, call = self._done.popleft()
            if call.over:
                self._erase(call)
            else:
                self._done.append((now, call))

    def forget_keys(self, keys: list[Key]) -> None:
        """Processes long gone."""
        for seen in self._seen.values():
            seen.difference_update(keys)

    def _erase(self, call: Call) -> None:
        for half in call.halves.values():
            parts = self._by_id.get(half.asked.id, {})
            if parts.get(half.asked.part) is call:
                del parts[half.asked.part]
            if not parts:
                self._by_id.pop(half.asked.id, None)
        if call.first.local:
            at = _place(call.first.local, call.first.ordinal)
            there = [c for c in self._by_place.pop(at, []) if c is not call]
            if there:
                self._by_place[at] = there

    def _expected(self, call: Call) -> bool:
        peer = call.first.peer
        if call.key is None or call.first.source not in _PLANES or call.first.role == "server":
            return False
        if call.first.source == "proxy":
            return call.key in self._seen["ebpf"]
        return peer.port == self._proxy_port if peer else call.key in self._seen["proxy"]

    def _partners(self, exchange: Exchange, key: Key | None) -> list[Call]:
        """Calls seen so far only by the other plane that may be this one; the surest alone if there is one."""
        if exchange.source not in _PLANES:
            return []
        place = _place(exchange.local, exchange.ordinal) if exchange.local else None
        there = self._by_place.get(place, ()) if place else ()
        sure = [c for c in there if _other_plane(c, exchange) and _same_line(c, exchange, key)]
        near = self._open.get(key, ()) if key else ()
        return sure[-1:] or [c for c in near if _other_plane(c, exchange) and _same_words(c, exchange)]


def seen_by(call: Call) -> tuple[str, ...]:
    """Every plane that saw it, sorted."""
    return tuple(sorted(s for s, h in call.halves.items() if not h.gone))


def merged(one: Phases | None, other: Phases | None) -> Phases | None:
    """What either knows."""
    if one is None or other is None:
        return one or other
    return Phases(
        one.connect_ns if one.connect_ns is not None else other.connect_ns,
        one.tls_ns if one.tls_ns is not None else other.tls_ns,
        one.tls_version if one.tls_version is not None else other.tls_version,
        one.alpn if one.alpn is not None else other.alpn,
    )


def _other_plane(call: Call, exchange: Exchange) -> bool:
    one = call.first
    alike = one.part == exchange.part and (one.role == "server") == (exchange.role == "server")
    return alike and exchange.source not in call.halves and one.source in _PLANES


def _same_line(call: Call, exchange: Exchange, key: Key | None) -> bool:
    """Ports are reused and counts may be off by a missed beginning: process and request line must agree too."""
    a, b = call.first.request, exchange.request
    same_process = key is None or call.key is None or key == call.key
    return same_process and (a.method, a.path) == (b.method, b.path)


def _same_words(call: Call, other: Exchange) -> bool:
    """Where an address or the count is missing: one process, one request, at one time."""
    one = call.first
    if one.local and other.local and _place(one.local, 0) != _place(other.local, 0):
        return False
    if not _overlap(call, other):
        return False
    a, b = one.request, other.request
    if (a.method, a.host.lower(), a.path) != (b.method, b.host.lower(), b.path):
        return False
    return bool(one.missing or other.missing) or _body(a) == _body(b)


def _body(request: Request) -> bytes:
    return request.seal or body_hash(request.body)


def _overlap(call: Call, other: Exchange) -> bool:
    ended = [h.ended.ended for h in call.live if h.ended]
    return not ended or other.began <= max(ended)


def _place(local: Address, ordinal: int) -> tuple[Address, int]:
    """The agent's own end of the connection, and the place on it."""
    return plain(local), ordinal
