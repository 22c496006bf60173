"""One byte stream of the kernel plane: which side asks, which protocol it is, and its HTTP/1 exchanges in order.

Every fact that is fed is spent once: on the exchange that its bytes touched, or as `Skipped`.
"""

from collections import deque
from collections.abc import Callable, Iterator

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Heard, Skipped
from hexr_autoinst.model.facts import Chunk, Conn, Direction, Role, Side
from hexr_autoinst.wire.framing.http1 import (
    Event,
    Half,
    Hole,
    Over,
    Piece,
    RequestLine,
    StatusLine,
    Upgraded,
    starts,
)
from hexr_autoinst.wire.heads import request_of_line, response_of_line
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.talk import Talk

Opener = Callable[[Conn, int, Role], Talk]


class Stream:
    """A connection's two directions. `muted` says why nothing more is read; "" while something is."""

    def __init__(self, conn: Conn, limits: Limits, opener: Opener) -> None:
        """`opener` makes the Talk of (conn, ordinal, role)."""
        self.conn = conn
        self.at = 0
        self.muted = ""
        self.role: Role = "unknown"
        self._limits = limits
        self._opener = opener
        self._ordinal = 0
        self._halves: dict[Side, Half] = {}
        self._asking: Talk | None = None
        self._waiting: deque[Talk] = deque()
        self._seq: dict[Direction, int] = {"out": 0, "in": 0}
        self._early: dict[Direction, bytes] = {"out": b"", "in": b""}
        self._pending = 0
        self._joined = False

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchanges that are open, oldest first."""
        asking = (self._asking,) if self._asking and self._asking not in self._waiting else ()
        return (*self._waiting, *asking)

    @property
    def open_facts(self) -> int:
        """Facts taken and not yet spent."""
        return self._pending + sum(t.facts for t in self.talks)

    def feed(self, chunk: Chunk) -> Iterator[Heard]:
        """Take one chunk."""
        self.at = chunk.at
        lost = self._lost(chunk)
        if self.muted:
            yield Skipped(chunk.at, self.muted, 1)
            return
        self._pending += 1
        data = chunk.data
        if self.role == "unknown":
            self._joined = self._joined or chunk.joined
            data = self._early[chunk.direction] + data
            yield from self._recognize(data, chunk)
            if self.role == "unknown":
                return
        side = self._side(chunk.direction)
        try:
            if lost:
                yield from self._apply(side, self._halves[side].gap(lost), chunk.at)
            yield from self._apply(side, self._halves[side].feed(data), chunk.at)
        except WireError:
            yield from self._mute("not_http", chunk.at)
        yield from self._spend(side, chunk.at)

    def close(self, at: int, why: str = "") -> Iterator[Heard]:
        """The connection is over; `why` marks exchanges that were still open."""
        for side in ("response", "request") if self._halves else ():
            yield from self._apply(side, self._halves[side].close(), at)
        for talk in self.talks:
            if why:
                talk.miss(why)
            elif talk.response is None or not talk.over:
                talk.miss("truncated:response")
            yield from self._finish(talk, at)
        self._asking = None
        self._waiting.clear()
        yield from self._rest(at, why or "cut_off")
        self.muted = "closed"

    def _lost(self, chunk: Chunk) -> int:
        expected = self._seq[chunk.direction]
        self._seq[chunk.direction] = chunk.seq + 1
        if chunk.lost_before:
            return chunk.lost_before
        return -1 if chunk.seq > expected and (expected or not chunk.joined) else 0

    def _side(self, direction: Direction) -> Side:
        return "request" if (direction == "out") == (self.role == "client") else "response"

    def _recognize(self, data: bytes, chunk: Chunk) -> Iterator[Heard]:
        found = starts(data)
        if found == "?":
            self._early[chunk.direction] = data
        elif found == "http2":
            yield from self._mute("http2", chunk.at)
        elif found:
            asks = (found == "request") == (chunk.direction == "out")
            self._begin("client" if asks else "server")
        elif self._joined:
            # The tail of a message whose beginning we never saw: its next one will be recognized.
            yield from self._rest(chunk.at, "joined_mid_connection")
        else:
            yield from self._mute("not_http", chunk.at)

    def _begin(self, role: Role) -> None:
        self.role = role
        for side in ("request", "response"):
            self._halves[side] = Half(side, self._limits, self._method, seek=self._joined)

    def _method(self) -> str:
        talk = self._waiting[0] if self._waiting else None
        return talk.request.method if talk and talk.request else ""

    def _mute(self, reason: str, at: int) -> Iterator[Heard]:
        self.muted = reason
        for talk in self.talks:
            talk.miss("truncated:response")
            yield from self._finish(talk, at)
        self._asking = None
        self._waiting.clear()
        yield from self._rest(at, reason)

    def _apply(self, side: Side, events: Iterator[Event], at: int) -> Iterator[Heard]:
        for event in events:
            if side == "request":
                yield from self._on_request(event, at)
            else:
                yield from self._on_response(event, at)

    def _on_request(self, event: Event, at: int) -> Iterator[Heard]:
        if isinstance(event, RequestLine):
            if len(self._waiting) >= self._limits.pipelined:
                raise WireError(detail="too many requests without an answer")
            talk = self._opener(self.conn, self._ordinal, self.role)
            self._ordinal += 1
            self._asking = talk
            self._waiting.append(talk)
            self._credit(talk)
            yield from talk.head("request", request_of_line(event, at, "https"), cut=event.cut)
        elif self._asking is not None:
            self._credit(self._asking)
            yield from self._body("request", self._asking, event, at)
            if isinstance(event, Over):
                self._asking = None

    def _on_response(self, event: Event, at: int) -> Iterator[Heard]:
        talk = self._waiting[0] if self._waiting else None
        if isinstance(event, Upgraded):
            yield from self._mute("upgraded", at)
        elif talk is None:
            return  # an answer to a question that was not seen
        elif isinstance(event, StatusLine):
            self._credit(talk)
            if event.status >= 200 or event.status == 101:
                yield from talk.head("response", response_of_line(event, at), cut=event.cut)
        else:
            self._credit(talk)
            yield from self._body("response", talk, event, at)
            if isinstance(event, Over):
                self._waiting.popleft()
                if talk is self._asking:
                    self._asking = None

    def _body(self, side: Side, talk: Talk, event: Event, at: int) -> Iterator[Heard]:
        if isinstance(event, Piece):
            yield from talk.data(side, event.data, at)
        elif isinstance(event, Hole):
            talk.miss("lost_events")
        elif isinstance(event, Over):
            yield from talk.end(side, at, event.error)

    def _credit(self, talk: Talk) -> None:
        """What waits to be spent belongs to the first exchange that its bytes touch."""
        talk.facts += self._pending
        self._pending = 0

    def _spend(self, side: Side, at: int) -> Iterator[Heard]:
        if self._pending and (self.muted or not self._halves[side].buffered):
            yield from self._rest(at, self.muted or "joined_mid_connection")

    def _rest(self, at: int, reason: str) -> Iterator[Heard]:
        if self._pending:
            n, self._pending = self._pending, 0
            yield Skipped(at, reason, n)

    def _finish(self, talk: Talk, at: int) -> Iterator[Heard]:
        if talk.request is None:
            self._pending += talk.facts
            talk.facts = 0
        yield from talk.close(at)
