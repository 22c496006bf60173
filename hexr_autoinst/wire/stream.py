"""One byte stream of the kernel plane: which side asks, which protocol it is, and its HTTP/1 exchanges in order.

Every fact that is fed is spent once: on the exchange that its bytes touch first, or as `Skipped`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Heard, Skipped
from hexr_autoinst.model.facts import Chunk, Conn, Direction, Role, Side
from hexr_autoinst.wire.framing.head import Start
from hexr_autoinst.wire.framing.http1 import Event, Hole, Reader, Stop
from hexr_autoinst.wire.heads import request_of_start, response_of_start
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.talk import Talk

# (conn, seq of the first chunk that was seen, ordinal, role): what an exchange's id is made of.
Opener = Callable[[Conn, int, int, Role], Talk]
_MOST_TURNS = 8  # changes of direction without a start we know: not ours, or hopelessly out of step
_OTHER: dict[Direction, Direction] = {"out": "in", "in": "out"}


@dataclass(slots=True)
class _Lane:
    """One direction: its reader, the message being read there, facts that wait for an exchange to pay."""

    reader: Reader
    seq: int
    talk: Talk | None = None
    held: int = 0


class Stream:
    """A connection's two directions. `muted` says why nothing more is read; "" while something is."""

    def __init__(self, conn: Conn, limits: Limits, opener: Opener, first: Chunk) -> None:
        """`first`: its first chunk. A sequence that does not begin at 0 was joined, whatever the chunk says."""
        self.conn = conn
        self.at = first.at
        self.buffered = 0  # bytes of unfinished heads
        self.muted = ""
        self.role: Role = "unknown"
        self._limits = limits
        self._opener = opener
        self._first = first.seq
        self._joined = first.joined or first.seq > 0
        self._ordinal = 0
        self._waiting: deque[Talk] = deque()
        self._turns = 0
        self._last: Direction = first.direction
        self._lanes: dict[Direction, _Lane] = {}

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchanges that are open, oldest first."""
        asking = [x.talk for x in self._lanes.values() if x.talk and x.talk not in self._waiting]
        return tuple(t for t in (*asking, *self._waiting) if not t.over)

    def feed(self, chunk: Chunk) -> list[Heard]:
        """Take one chunk."""
        self.at = chunk.at
        if self.muted:
            return [Skipped(chunk.at, self.muted, 1)]
        lane = self._lanes.get(chunk.direction) or self._lane(chunk)
        lane.held += 1
        heard: list[Heard] = []
        try:
            self._read(chunk, lane, heard)
        except WireError as error:
            return heard + self.mute(str(error.facts.get("reason", "not_http")), chunk.at)
        if lane.held and not lane.talk and lane.reader.hunting:
            heard += _spend(lane, chunk.at, "lost_events" if self._ordinal else "joined_mid_connection")
        return heard

    def _read(self, chunk: Chunk, lane: _Lane, heard: list[Heard]) -> None:
        expected, lane.seq = lane.seq, chunk.seq + 1
        if chunk.lost_before or chunk.seq != expected:
            heard += self._gap(chunk, lane, chunk.lost_before or -1)
        elif lane.talk and (piece := lane.reader.whole(chunk.data)) is not None:
            heard += self._event(chunk, lane, piece)  # no step of the framing begins or ends here
            return
        before = lane.reader.buffered
        for event in lane.reader.feed(chunk.at, chunk.data):
            heard += self._event(chunk, lane, event)
            if not self._lanes:  # muted: what follows is another protocol
                return
        self.buffered += lane.reader.buffered - before
        if self.role == "unknown":
            self._turn(chunk.direction)

    def give_up(self) -> None:
        """Free what unfinished heads hold: their messages are lost."""
        for lane in self._lanes.values():
            if lane.reader.buffered and not lane.talk:
                self.buffered -= lane.reader.buffered
                lane.reader.lose()

    def close(self, at: int, why: str = "") -> list[Heard]:
        """The connection is over; `why` marks what was still open, if anything but its end is to blame."""
        heard: list[Heard] = []
        for lane in self._lanes.values():
            if lane.talk and lane.reader.until_close and not why:
                heard += lane.talk.end("response", lane.talk.last)
        return heard + self.mute("cut_off", at, why)

    def mute(self, reason: str, at: int, why: str = "") -> list[Heard]:
        """Read no further: what is open ends here."""
        self.muted, self.buffered = reason, 0
        heard: list[Heard] = []
        for talk in self.talks:
            heard += talk.close(at, why)
        for lane in self._lanes.values():
            lane.talk = None
            heard += _spend(lane, at, reason)
        self._waiting.clear()
        self._lanes.clear()
        return heard

    def _lane(self, chunk: Chunk) -> _Lane:
        # The other direction of a joined stream is joined too, whatever its own numbers say.
        self._joined = self._joined or chunk.joined or chunk.seq > 0 or chunk.lost_before != 0
        lane = _Lane(Reader(self._limits, self._method, joined=self._joined), chunk.seq)
        if other := self._lanes.get(_OTHER[chunk.direction]):
            lane.reader.side = _opposite(other.reader.side)
        self._lanes[chunk.direction] = lane
        return lane

    def _method(self) -> str:
        talk = self._waiting[0] if self._waiting else None
        return talk.request.method if talk and talk.request else ""

    def _turn(self, direction: Direction) -> None:
        """Count changes of direction while nobody knows who asks here."""
        if direction != self._last:
            self._last, self._turns = direction, self._turns + 1
            if self._turns > _MOST_TURNS:
                raise WireError(detail="no start of a message", reason="not_http")

    def _gap(self, chunk: Chunk, lane: _Lane, lost: int) -> list[Heard]:
        """`lost`: bytes that are missing before this chunk; -1: nobody knows how many."""
        if lane.reader.side == "response" and lane.talk is None and self._waiting:
            self._waiting[0].miss("lost_events")  # its answer, or a part of it, is what is gone
        heard: list[Heard] = []
        for event in lane.reader.gap(lost):
            heard += self._event(chunk, lane, event)
        return heard

    def _event(self, chunk: Chunk, lane: _Lane, event: Event) -> list[Heard]:
        talk = lane.talk
        if isinstance(event, bytes):
            if talk is None:
                return []
            talk.facts += lane.held  # as `_pay`: this is the road of every event of a stream
            lane.held = 0
            return talk.data(lane.reader.side or "request", event, chunk.at)
        if isinstance(event, Start):
            return self._begin(chunk, lane, event)
        if talk is None:
            return _spend(lane, chunk.at, "no_request") if isinstance(event, Stop) else []
        _pay(lane, talk)
        if isinstance(event, Hole):
            talk.miss("lost_events")
            return []
        return self._stop(chunk, lane, talk, event)

    def _begin(self, chunk: Chunk, lane: _Lane, start: Start) -> list[Heard]:
        self._decide(chunk.direction, start.side)
        if start.side == "request":
            return self._request(lane, start)
        if start.status >= 200 or start.status == 101:
            lane.talk = self._waiting[0] if self._waiting else None
            if lane.talk:
                _pay(lane, lane.talk)
                _mark(lane.talk, start)
                lane.talk.head("response", response_of_start(start), cut=start.cut)
        elif self._waiting:
            _pay(lane, self._waiting[0])  # an informational answer: the final one follows
        return []

    def _decide(self, direction: Direction, side: Side) -> None:
        if self.role == "unknown":
            self.role = "client" if (side == "request") == (direction == "out") else "server"
            if other := self._lanes.get(_OTHER[direction]):
                other.reader.side = other.reader.side or _opposite(side)

    def _request(self, lane: _Lane, start: Start) -> list[Heard]:
        heard: list[Heard] = []
        answers = [x.reader for x in self._lanes.values() if x is not lane]
        if self._ordinal and answers and answers[0].hunting:
            # The answers that were due are lost; what is found next answers this.
            for talk in tuple(self._waiting):
                heard += talk.close(start.at)
            self._waiting.clear()
        if len(self._waiting) >= self._limits.pipelined:
            raise WireError(detail="too many requests without an answer", reason="not_http")
        talk = lane.talk = self._opener(self.conn, self._first, self._ordinal, self.role)
        self._ordinal += 1
        self._waiting.append(talk)
        _pay(lane, talk)
        _mark(talk, start)
        talk.head("request", request_of_start(start, "https"), cut=start.cut)
        return heard

    def _stop(self, chunk: Chunk, lane: _Lane, talk: Talk, stop: Stop) -> list[Heard]:
        side, lane.talk = lane.reader.side or "request", None
        if stop.error:
            talk.miss(stop.error)
        heard = talk.end(side, chunk.at, "truncated" if stop.error else "")
        if side == "request":
            return heard
        self._waiting.popleft()
        if talk.upgraded:
            heard += self.mute("upgraded", chunk.at)
        elif not talk.over and talk.unsent:
            # Expect: 100-continue was refused: the body will not come (RFC 9110 §10.1.1).
            asking = self._lanes[_OTHER[chunk.direction]]
            self.buffered -= asking.reader.buffered
            asking.reader.lose()
            asking.talk = None
            heard += talk.end("request", chunk.at)
        return heard


def _opposite(side: Side | None) -> Side | None:
    if side is None:
        return None
    return "response" if side == "request" else "request"


def _mark(talk: Talk, start: Start) -> None:
    if start.joined:
        talk.miss("joined_mid_connection" if talk.carrier.ordinal == 0 else "lost_events")


def _pay(lane: _Lane, talk: Talk) -> None:
    talk.facts += lane.held
    lane.held = 0


def _spend(lane: _Lane, at: int, reason: str) -> list[Heard]:
    held, lane.held = lane.held, 0
    return [Skipped(at, reason, held)] if held else []
