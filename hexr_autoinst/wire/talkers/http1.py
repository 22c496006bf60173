"""HTTP/1 on a connection: which side asks, and its exchanges in order.

Every fact that is fed is spent once: on the exchange that its bytes touch first, or as `Skipped`.
"""

from collections import deque
from dataclasses import dataclass

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Heard
from hexr_autoinst.model.facts import Chunk, Direction, Role, Side
from hexr_autoinst.wire.framing.head import Event, Hole, Start, Stop
from hexr_autoinst.wire.framing.http1 import Reader
from hexr_autoinst.wire.heads import request_of_start, response_of_start
from hexr_autoinst.wire.talk import Talk
from hexr_autoinst.wire.talker import OTHER, Handover, Line, opposite, pay, spend

_MOST_TURNS = 8  # changes of direction without a start we know: not ours, or hopelessly out of step


@dataclass(slots=True)
class _Lane:
    """One direction: its reader, the message being read there, facts that wait for an exchange to pay."""

    reader: Reader
    talk: Talk | None = None
    held: int = 0


class Http1:
    """A connection's two directions."""

    def __init__(self, line: Line, first: Direction) -> None:
        """`first`: the direction of its first chunk."""
        self.buffered = 0  # bytes of unfinished heads
        self.role: Role = "unknown"
        self.handover: Handover | None = None
        self._line = line
        self._joined = line.joined
        self._ordinal = 0
        self._waiting: deque[Talk] = deque()
        self._over = False  # a tunnel or a protocol that is not read here follows
        self._turns = 0
        self._last: Direction = first
        self._lanes: dict[Direction, _Lane] = {}

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchanges that are open, oldest first."""
        asking = [x.talk for x in self._lanes.values() if x.talk and x.talk not in self._waiting]
        return tuple(t for t in (*asking, *self._waiting) if not t.over)

    @property
    def settled(self) -> bool:
        """Whether a start line was seen."""
        return self.role != "unknown"

    def feed(self, chunk: Chunk, lost: int, heard: list[Heard]) -> None:
        """Take one chunk."""
        lane = self._lanes.get(chunk.direction) or self._lane(chunk)
        lane.held += 1
        if not lost and lane.talk and (piece := lane.reader.whole(chunk.data)) is not None:
            heard += self._event(chunk, lane, piece)  # no step of the framing begins or ends here
            return
        before = lane.reader.buffered
        if lost:
            heard += self._gap(chunk, lane, lost)
        for event in lane.reader.feed(chunk.at, chunk.data):
            heard += self._event(chunk, lane, event)
            if self._over:
                raise WireError(detail="another protocol", reason="upgraded")
            if self.handover is not None:
                return
        self.buffered += lane.reader.buffered - before
        if self.role == "unknown":
            self._turn(chunk.direction)
        if lane.held and not lane.talk and lane.reader.hunting:
            heard += spend(lane, chunk.at, "lost_events" if self._ordinal else "joined_mid_connection")

    def give_up(self) -> None:
        """Free what unfinished heads hold: their messages are lost."""
        for lane in self._lanes.values():
            if lane.reader.buffered and not lane.talk:
                self.buffered -= lane.reader.buffered
                lane.reader.lose()

    def close(self, at: int, why: str = "") -> list[Heard]:
        """The connection is over: a body that lasts until then is whole."""
        heard: list[Heard] = []
        for lane in self._lanes.values():
            if lane.talk and lane.reader.until_close and not why:
                heard += lane.talk.end("response", lane.talk.last)
        return heard + self.quit(at, "cut_off", why)

    def quit(self, at: int, reason: str, why: str = "") -> list[Heard]:
        """Read no further: what is open ends here."""
        self.buffered = 0
        heard: list[Heard] = []
        for talk in self.talks:
            heard += talk.close(at, why)
        for lane in self._lanes.values():
            lane.talk = None
            heard += spend(lane, at, reason)
        self._waiting.clear()
        self._lanes.clear()
        return heard

    def _lane(self, chunk: Chunk) -> _Lane:
        # The other direction of a joined stream is joined too, whatever its own numbers say.
        self._joined = self._joined or chunk.joined or chunk.seq > 0 or chunk.lost_before != 0
        lane = _Lane(Reader(self._line.limits, self._method, joined=self._joined))
        if other := self._lanes.get(OTHER[chunk.direction]):
            lane.reader.side = opposite(other.reader.side)
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
            talk.facts += lane.held  # as `pay`: this is the road of every event of a stream
            lane.held = 0
            return talk.data(lane.reader.side or "request", event, chunk.at)
        if isinstance(event, Start):
            return self._begin(chunk, lane, event)
        if talk is None:
            return spend(lane, chunk.at, "no_request") if isinstance(event, Stop) else []
        pay(lane, talk)
        if isinstance(event, Hole):
            talk.hole(lane.reader.side or "request", -1)
            return []
        return self._stop(chunk, lane, talk, event)

    def _begin(self, chunk: Chunk, lane: _Lane, start: Start) -> list[Heard]:
        self._decide(chunk.direction, start.side)
        if start.side == "request":
            return self._request(lane, start)
        if start.status >= 200 or start.status == 101:
            lane.talk = self._waiting[0] if self._waiting else None
            if lane.talk:
                pay(lane, lane.talk)
                _mark(lane.talk, start)
                return lane.talk.head("response", response_of_start(start), cut=start.cut)
        elif self._waiting:
            pay(lane, self._waiting[0])  # an informational answer: the final one follows
        return []

    def _decide(self, direction: Direction, side: Side) -> None:
        if self.role == "unknown":
            self.role = "client" if (side == "request") == (direction == "out") else "server"
            if other := self._lanes.get(OTHER[direction]):
                other.reader.side = other.reader.side or opposite(side)

    def _request(self, lane: _Lane, start: Start) -> list[Heard]:
        heard: list[Heard] = []
        answers = [x.reader for x in self._lanes.values() if x is not lane]
        if self._ordinal and answers and answers[0].hunting:
            # The answers that were due are lost; what is found next answers this.
            for talk in tuple(self._waiting):
                heard += talk.close(start.at)
            self._waiting.clear()
        if len(self._waiting) >= self._line.limits.pipelined:
            raise WireError(detail="too many requests without an answer", reason="not_http")
        talk = lane.talk = self._line.opener(self._line.conn, self._line.first, self._ordinal, self.role)
        self._ordinal += 1
        self._waiting.append(talk)
        pay(lane, talk)
        _mark(talk, start)
        return heard + talk.head("request", request_of_start(start, self._line.scheme), cut=start.cut)

    def _stop(self, chunk: Chunk, lane: _Lane, talk: Talk, stop: Stop) -> list[Heard]:
        side, lane.talk = lane.reader.side or "request", None
        if stop.error:
            talk.miss(stop.error)
        if side == "response" and talk.upgrade:
            self._upgrade(chunk, lane, talk)
            return []
        heard = talk.end(side, chunk.at, "truncated" if stop.error else "", stop.trailers)
        if side == "request":
            return heard
        self._waiting.popleft()
        if talk.upgraded:
            self._over = True
        elif not talk.over and talk.unsent:
            # Expect: 100-continue was refused: the body will not come (RFC 9110 §10.1.1).
            asking = self._lanes[OTHER[chunk.direction]]
            self.buffered -= asking.reader.buffered
            asking.reader.lose()
            asking.talk = None
            heard += talk.end("request", chunk.at)
        return heard

    def _upgrade(self, chunk: Chunk, lane: _Lane, talk: Talk) -> None:
        """101: the bytes that follow, on both sides, are another protocol's (RFC 9110 section 15.2.2)."""
        asking = self._lanes.get(OTHER[chunk.direction])
        rest = {chunk.direction: lane.reader.rest}
        if asking is not None:
            rest[OTHER[chunk.direction]] = asking.reader.take()
            pay(asking, talk)
        self.handover = Handover(talk.upgrade, talk, rest)
        self.buffered = 0
        self._waiting.clear()
        self._lanes.clear()


def _mark(talk: Talk, start: Start) -> None:
    if start.joined:
        talk.miss("joined_mid_connection" if talk.carrier.ordinal == 0 else "lost_events")
