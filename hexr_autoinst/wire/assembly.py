"""Facts to exchanges: finds the stream or flow a fact belongs to, bounds how many are open, and ends what is over.

Two doors, one meaning: `Chunk` facts (bytes at the TLS border) are framed here first; `Head`, `Data` and
`End` (a plane that parses, a HAR) enter one floor up. From there on the code is the same.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from hexr_autoinst.model.exchange import Ended, Heard, Said, Skipped
from hexr_autoinst.model.facts import (
    CAMERA,
    END_OF_TIME,
    Address,
    Chunk,
    Closed,
    Conn,
    Data,
    End,
    Exchanged,
    Exited,
    Fact,
    Head,
    Lost,
    Opened,
    Role,
    Source,
    Tick,
)
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.heads import request_of_head, response_of_head
from hexr_autoinst.wire.identity import Carrier, exchange_id
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.overheard import Overheard
from hexr_autoinst.wire.stream import Stream
from hexr_autoinst.wire.talk import Talk

_SPENT: Final = frozenset({Chunk, Head, Data, End, Exchanged})


class Wire:
    """The wire room. Feed it every fact; it answers with what was heard."""

    def __init__(self, salt: bytes, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        """`salt` is the host's: ids of two hosts never meet."""
        self._salt = salt
        self._limits = limits
        self._budget = Budget(limits.budget)
        self._streams: dict[Conn, Stream] = {}
        self._flows: dict[str, Talk] = {}
        self._overheard = Overheard(limits.exchanges)
        self._ends: dict[Conn, tuple[Address, Address, Role]] = {}
        self._entries: dict[Conn, str] = {}  # streams of a recording, by the names that it gives them
        self._swept = 0
        self._facts = 0
        # A table costs the same for every kind of fact; a `match` asks for one after the other.
        self._roads: dict[type, Callable[[Any], list[Heard]]] = {
            Chunk: self._chunk,
            Head: self._head,
            Data: self._rest_of_flow,
            End: self._rest_of_flow,
            Opened: self._opened,
            Closed: self._closed,
            Exited: self._exited,
            Exchanged: self._exchanged,
            Lost: self._lost,
            Tick: self._tick,
        }

    @property
    def open_facts(self) -> int:
        """Facts taken and not yet spent."""
        return self._facts

    @property
    def held(self) -> int:
        """Bytes of bodies, frames and heads that are not whole yet."""
        return self._budget.used

    def feed(self, fact: Fact) -> list[Heard]:
        """What this fact completes."""
        if type(fact) in _SPENT:
            self._facts += 1
        road = self._roads.get(type(fact))
        heard = road(fact) if road else []
        for one in heard:
            if type(one) is Said:  # as most are
                continue
            if isinstance(one, Ended):
                self._facts -= one.exchange.facts
            elif isinstance(one, Skipped):
                self._facts -= one.n
        return heard

    def _chunk(self, chunk: Chunk) -> list[Heard]:
        conn = chunk.conn
        stream = self._streams.pop(conn, None)
        heard: list[Heard] = []
        if stream is None:
            heard = self._make_room(chunk.at)
            role = self._ends[conn][2] if conn in self._ends else "unknown"
            stream = Stream(conn, self._limits, self._open, chunk, role)
            if chunk.source == "har":
                self._entries[conn] = chunk.entry
        self._streams[conn] = stream  # the last used stands last
        before = stream.buffered
        heard += stream.feed(chunk)
        self._budget.used += stream.buffered - before
        if self._budget.exceeded:
            self._sacrifice()
        return heard

    def _closed(self, fact: Closed) -> list[Heard]:
        return self._close([fact.conn], fact.at)

    def _exchanged(self, fact: Exchanged) -> list[Heard]:
        return list(self._overheard.feed(fact))

    def _lost(self, fact: Lost) -> list[Heard]:
        return self._close(list(self._streams), fact.at, "lost_events") if fact.place == CAMERA else []

    def _open(self, conn: Conn, first: int, ordinal: int, role: Role) -> Talk:
        local, peer, _ = self._ends.get(conn, (None, None, role))
        entry = self._entries.get(conn)
        source: Source = "ebpf" if entry is None else "har"
        id_ = exchange_id(self._salt, source, conn, ordinal, first)
        key = conn.key if entry is None else None  # a recording knows no process
        carrier = Carrier(id_, source, key, conn, ordinal, role, local, peer, entry or "")
        return Talk(carrier, self._limits, self._budget)

    def _opened(self, fact: Opened) -> list[Heard]:
        if fact.failed:
            return []
        stream = self._streams.get(fact.conn)
        if len(self._ends) >= self._limits.connections:
            self._ends.pop(next(iter(self._ends)))
        self._ends[fact.conn] = (fact.local, fact.peer, fact.role)
        for talk in stream.talks if stream else ():
            talk.carrier.local, talk.carrier.peer = fact.local, fact.peer
        return []

    def _head(self, head: Head) -> list[Heard]:
        talk = self._flows.get(head.flow)
        heard: list[Heard] = []
        if head.side == "request":
            if talk is not None:  # a flow's name came twice: the first is over
                heard += self._end_flow(head.flow, head.at, "truncated:response")
            heard += self._make_room(head.at)
            self._flows[head.flow] = talk = self._flow(head)
            talk.facts += 1
            heard += talk.head("request", request_of_head(head))
        elif talk is None:
            heard.append(Skipped(head.at, "no_request", 1))
        else:
            talk.facts += 1
            talk.last = max(talk.last, head.at)
            heard += talk.head("response", response_of_head(head))
        return heard

    def _flow(self, head: Head) -> Talk:
        carrier: str = head.conn or head.flow
        named = head.flow if head.source == "har" else carrier
        id_ = exchange_id(self._salt, head.source, named, head.ordinal)
        of = Carrier(id_, head.source, head.key, carrier, head.ordinal, "client", head.local, head.peer)
        return Talk(of, self._limits, self._budget, last=head.at)

    def _rest_of_flow(self, fact: Data | End) -> list[Heard]:
        talk = self._flows.get(fact.flow)
        if talk is None:
            return [Skipped(fact.at, "after_end", 1)]
        talk.facts += 1
        talk.last = max(talk.last, fact.at)
        if isinstance(fact, Data):
            if fact.lost_before:
                talk.hole(fact.side, fact.lost_before)
            if fact.message:
                heard = talk.message(fact.side, fact.message, fact.data, fact.at, more=fact.more)
            else:
                heard = talk.data(fact.side, fact.data, fact.at)
        else:
            heard = talk.end(fact.side, fact.at, fact.error, fact.trailers)
            if fact.error and fact.side == "response" and not talk.over:
                heard += talk.close(fact.at)
        if talk.over:
            del self._flows[fact.flow]
        if self._budget.exceeded:
            self._sacrifice()
        return heard

    def _exited(self, fact: Exited) -> list[Heard]:
        """A process that dies with an exchange open is the side that closed it."""
        heard: list[Heard] = []
        for conn in [c for c in self._streams if c.key == fact.key]:
            role = self._streams[conn].role
            heard += self._close([conn], fact.at, "" if role == "unknown" else f"closed_by_{role}")
        return heard

    def _close(self, conns: Iterable[Conn], at: int, why: str = "") -> list[Heard]:
        heard: list[Heard] = []
        for conn in conns:
            self._ends.pop(conn, None)
            if stream := self._streams.pop(conn, None):
                self._budget.used -= stream.buffered
                heard += stream.close(at, why)
            self._entries.pop(conn, None)
        return heard

    def _end_flow(self, flow: str, at: int, why: str) -> list[Heard]:
        return self._flows.pop(flow).close(at, why)

    def _tick(self, tick: Tick) -> list[Heard]:
        at = tick.at
        if at == END_OF_TIME:
            last = max((s.at for s in self._streams.values()), default=0)
            heard = [*self._overheard.end(), *self._close(list(self._streams), last, "open_at_end")]
            for flow in list(self._flows):
                heard += self._end_flow(flow, self._flows[flow].last, "open_at_end")
            return heard
        if at - self._swept < self._limits.sweep:
            return []
        self._swept = at
        quiet = at - self._limits.idle
        heard = self._close([c for c, s in self._streams.items() if s.at < quiet], at, "idle")
        for flow in [f for f, t in self._flows.items() if t.last < quiet]:
            heard += self._end_flow(flow, at, "idle")
        return heard

    def _make_room(self, at: int) -> list[Heard]:
        heard: list[Heard] = []
        if len(self._streams) >= self._limits.connections:
            heard += self._close([next(iter(self._streams))], at, "too_many_connections")
        if len(self._flows) >= self._limits.exchanges:
            heard += self._end_flow(next(iter(self._flows)), at, "too_many_exchanges")
        return heard

    def _sacrifice(self) -> None:
        """Give back the memory of the oldest bodies until the rest fits."""
        talks = [*self._flows.values(), *(t for s in self._streams.values() for t in s.talks)]
        for talk in talks:
            if not self._budget.exceeded:
                return
            talk.sacrifice()
        for stream in self._streams.values():
            if not self._budget.exceeded:
                return
            before = stream.buffered
            stream.give_up()
            self._budget.used += stream.buffered - before
