"""Facts to exchanges: finds the stream or flow a fact belongs to, bounds how many are open, and ends what is over.

Two doors, one meaning: `Chunk` facts (bytes at the TLS border) are framed here first; `Head`, `Data` and
`End` (a plane that parses, a HAR) enter one floor up. From there on the code is the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Heard, Skipped
from hexr_autoinst.model.facts import (
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
    Key,
    Opened,
    Role,
    Source,
    Tick,
)
from hexr_autoinst.wire.body import Budget
from hexr_autoinst.wire.heads import request_of_head, response_of_head
from hexr_autoinst.wire.identity import exchange_id
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.stream import Stream
from hexr_autoinst.wire.talk import Carrier, Talk

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
        self._ends: dict[Conn, tuple[Address, Address]] = {}
        self._entries: dict[Conn, str] = {}  # streams of a recording, by the names that it gives them
        self._swept = 0
        self._facts = 0

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
        heard = list(self._route(fact))
        for one in heard:
            if isinstance(one, Ended):
                self._facts -= one.exchange.facts
            elif isinstance(one, Skipped):
                self._facts -= one.n
        return heard

    def _route(self, fact: Fact) -> Iterator[Heard]:
        match fact:
            case Chunk():
                yield from self._chunk(fact)
            case Head():
                yield from self._head(fact)
            case Data() | End():
                yield from self._rest_of_flow(fact)
            case Opened():
                self._opened(fact)
            case Closed(conn=conn):
                yield from self._close([conn], fact.at)
            case Exited(key=key):
                yield from self._exited(key, fact.at)
            case Exchanged(exchange=Exchange() as exchange):
                yield Asked(exchange.request.ended or fact.at, replace(exchange, response=None, facts=0))
                yield Ended(fact.at, replace(exchange, facts=1))
            case Exchanged():
                yield Skipped(fact.at, "no_exchange", 1)
            case Tick(at=at):
                yield from self._tick(at)
            case _:
                return

    def _chunk(self, chunk: Chunk) -> Iterator[Heard]:
        stream = self._streams.pop(chunk.conn, None)
        if stream is None:
            yield from self._make_room(chunk.at)
            stream = Stream(chunk.conn, self._limits, self._open, chunk)
            if chunk.source == "har":
                self._entries[chunk.conn] = chunk.entry
        self._streams[chunk.conn] = stream  # the last used stands last
        before = stream.buffered
        yield from stream.feed(chunk)
        self._budget.used += stream.buffered - before
        if self._budget.exceeded:
            self._sacrifice()

    def _open(self, conn: Conn, first: int, ordinal: int, role: Role) -> Talk:
        local, peer = self._ends.get(conn, (None, None))
        entry = self._entries.get(conn)
        source: Source = "ebpf" if entry is None else "har"
        id_ = exchange_id(self._salt, source, conn, ordinal, first)
        key = conn.key if entry is None else None  # a recording knows no process
        carrier = Carrier(id_, source, key, conn, ordinal, role, local, peer, entry or "")
        return Talk(carrier, self._limits, self._budget)

    def _opened(self, fact: Opened) -> None:
        if fact.failed:
            return
        stream = self._streams.get(fact.conn)
        if len(self._ends) >= self._limits.connections:
            self._ends.pop(next(iter(self._ends)))
        self._ends[fact.conn] = (fact.local, fact.peer)
        for talk in stream.talks if stream else ():
            talk.carrier.local, talk.carrier.peer = fact.local, fact.peer

    def _head(self, head: Head) -> Iterator[Heard]:
        talk = self._flows.get(head.flow)
        if head.side == "request":
            if talk is not None:  # a flow's name came twice: the first is over
                yield from self._end_flow(head.flow, head.at, "truncated:response")
            yield from self._make_room(head.at)
            self._flows[head.flow] = talk = self._flow(head)
            talk.facts += 1
            yield from talk.head("request", request_of_head(head))
        elif talk is None:
            yield Skipped(head.at, "no_request", 1)
        else:
            talk.facts += 1
            talk.last = max(talk.last, head.at)
            yield from talk.head("response", response_of_head(head))

    def _flow(self, head: Head) -> Talk:
        carrier: str = head.conn or head.flow
        named = head.flow if head.source == "har" else carrier
        id_ = exchange_id(self._salt, head.source, named, head.ordinal)
        of = Carrier(id_, head.source, head.key, carrier, head.ordinal, "client", head.local, head.peer)
        return Talk(of, self._limits, self._budget, last=head.at)

    def _rest_of_flow(self, fact: Data | End) -> Iterator[Heard]:
        talk = self._flows.get(fact.flow)
        if talk is None:
            yield Skipped(fact.at, "after_end", 1)
            return
        talk.facts += 1
        talk.last = max(talk.last, fact.at)
        if isinstance(fact, Data):
            if fact.lost_before:
                talk.miss("lost_events")
            yield from talk.data(fact.side, fact.data, fact.at)
        else:
            yield from talk.end(fact.side, fact.at, fact.error)
            if fact.error and fact.side == "response" and not talk.over:
                yield from talk.close(fact.at)
        if talk.over:
            del self._flows[fact.flow]
        if self._budget.exceeded:
            self._sacrifice()

    def _exited(self, key: Key, at: int) -> Iterator[Heard]:
        """A process that dies with an exchange open is the side that closed it."""
        for conn in [c for c in self._streams if c.key == key]:
            role = self._streams[conn].role
            yield from self._close([conn], at, "" if role == "unknown" else f"closed_by_{role}")

    def _close(self, conns: Iterable[Conn], at: int, why: str = "") -> Iterator[Heard]:
        for conn in conns:
            self._ends.pop(conn, None)
            if stream := self._streams.pop(conn, None):
                self._budget.used -= stream.buffered
                yield from stream.close(at, why)
            self._entries.pop(conn, None)

    def _end_flow(self, flow: str, at: int, why: str) -> Iterator[Heard]:
        talk = self._flows.pop(flow)
        yield from talk.close(at, why)

    def _tick(self, at: int) -> Iterator[Heard]:
        if at == END_OF_TIME:
            yield from self._close(
                list(self._streams), max((s.at for s in self._streams.values()), default=0), "open_at_end"
            )
            for flow in list(self._flows):
                yield from self._end_flow(flow, self._flows[flow].last, "open_at_end")
            return
        if at - self._swept < self._limits.sweep:
            return
        self._swept = at
        quiet = at - self._limits.idle
        yield from self._close([c for c, s in self._streams.items() if s.at < quiet], at, "idle")
        for flow in [f for f, t in self._flows.items() if t.last < quiet]:
            yield from self._end_flow(flow, at, "idle")

    def _make_room(self, at: int) -> Iterator[Heard]:
        if len(self._streams) >= self._limits.connections:
            yield from self._close([next(iter(self._streams))], at, "too_many_connections")
        if len(self._flows) >= self._limits.exchanges:
            yield from self._end_flow(next(iter(self._flows)), at, "too_many_exchanges")

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
            self._budget.used -= stream.buffered
            stream.give_up()
