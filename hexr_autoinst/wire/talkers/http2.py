"""HTTP/2 on a connection (RFC 9113): many streams at once, each one an exchange; frames of none are the connection's own.

A stream whose head was not seen is not made up: its data is passed over. What a head says of fields that were said before
we listened is absent, and `hpack_desync` marks it. Where bytes are lost, every exchange that may have had them is marked.
"""

from dataclasses import dataclass
from typing import Final

from hexr_autoinst.model.exchange import Heard
from hexr_autoinst.model.facts import Chunk, Direction, Role, Side
from hexr_autoinst.wire.framing import http2, websocket
from hexr_autoinst.wire.framing.blocks import Block, Blocks
from hexr_autoinst.wire.framing.http2 import END_HEADERS, END_STREAM, Frame, Frames
from hexr_autoinst.wire.heads import request_of_head, response_of_head
from hexr_autoinst.wire.talk import Talk
from hexr_autoinst.wire.talker import OTHER, Handover, Line, pay, spend
from hexr_autoinst.wire.talkers.opening import Fields, Opening

_DESYNC: Final = "hpack_desync"
_OWN: Final = "http2_control"  # frames of the connection itself
_BLOCKS: Final = frozenset((http2.HEADERS, http2.PUSH, http2.CONTINUATION))
_QUIET: Final = frozenset((0, 8))  # NO_ERROR, CANCEL: whoever sends it has had enough


@dataclass(slots=True)
class _Lane:
    """One direction."""

    frames: Frames
    blocks: Blocks
    opening: Opening | None = None
    held: int = 0
    reason: str = _OWN  # why a fact is no exchange's


class Http2:
    """A connection's two directions. `_asks`: the client's; None while nobody knows."""

    settled = True

    def __init__(self, line: Line, asks: Direction | None, talk: Talk | None = None) -> None:
        """`talk`: of the request that asked for this protocol (`Upgrade: h2c`): stream 1 answers it."""
        self.handover: Handover | None = None
        self._line = line
        self._asks = asks
        self._lanes: dict[Direction, _Lane] = {}
        self._streams: dict[int, Talk] = {} if talk is None else {1: talk}
        self._ordinal = len(self._streams)
        self._highest = self._ordinal  # number of a client's stream that was seen

    @property
    def role(self) -> Role:
        """Of the observed process."""
        return "unknown" if self._asks is None else "client" if self._asks == "out" else "server"

    @property
    def buffered(self) -> int:
        """Bytes of frames and header blocks that are not whole."""
        return sum(
            x.frames.buffered + (len(x.opening.data) if x.opening else 0) for x in self._lanes.values()
        )

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchanges that are open, oldest first."""
        return tuple(self._streams.values())

    def feed(self, chunk: Chunk, lost: int, heard: list[Heard]) -> None:
        """Take one chunk."""
        lane = self._lanes.get(chunk.direction)
        if lane is None:
            lane = self._lane(chunk.direction, chunk.data, joined=self._line.joined)
        lane.held += 1
        if lost:
            heard += self._gap(chunk, lane, lost)
        self._read(chunk.direction, lane, chunk.data, chunk.at, heard)

    def go_on(self, rest: dict[Direction, bytes], at: int) -> list[Heard]:
        """What came with the upgrade is read."""
        heard: list[Heard] = []
        for direction in ("out", "in") if self._asks == "out" else ("in", "out"):
            if data := rest.get(direction):
                self._read(direction, self._lane(direction, data, joined=False), data, at, heard)
        return heard

    def give_up(self) -> None:
        """A header block that is given up takes its decoder's table with it."""
        for lane in self._lanes.values():
            if lane.opening is not None:
                lane.opening.data.clear()
                lane.opening.cut = True

    def close(self, at: int, why: str = "") -> list[Heard]:
        """The connection is over."""
        return self.quit(at, "cut_off", why)

    def quit(self, at: int, reason: str, why: str = "") -> list[Heard]:
        """Read no further."""
        heard: list[Heard] = []
        for talk in self.talks:
            heard += talk.close(at, why)
        self._streams.clear()
        for lane in self._lanes.values():
            heard += spend(lane, at, reason)
        self._lanes.clear()
        return heard

    def _lane(self, direction: Direction, data: bytes, *, joined: bool) -> _Lane:
        greets = direction == self._asks and (not joined or data.startswith(http2.PREFACE[: len(data)]))
        joined = joined and not greets
        limit = self._line.limits.head
        lane = _Lane(Frames(limit, preface=greets, joined=joined), Blocks(limit, joined=joined))
        self._lanes[direction] = lane
        return lane

    def _read(self, direction: Direction, lane: _Lane, data: bytes, at: int, heard: list[Heard]) -> None:
        lane.reason = _OWN
        for frame in lane.frames.feed(data):
            heard += self._frame(direction, lane, frame, at)
        if lane.held:
            if lane.frames.hunting:
                heard += spend(lane, at, "lost_events" if self._ordinal else "joined_mid_connection")
            elif lane.frames.between and lane.opening is None:
                heard += spend(lane, at, lane.reason)

    def _side(self, direction: Direction) -> Side:
        return "request" if direction == self._asks else "response"

    def _gap(self, chunk: Chunk, lane: _Lane, lost: int) -> list[Heard]:
        side = self._side(chunk.direction)
        piece = lane.frames.gap(lost)
        if piece is not None:
            talk = self._streams.get(piece.stream) if piece.kind == http2.DATA else None
            if talk is None:
                return []
            talk.hole(side, lost)
            return self._data(side, lane, talk, piece, chunk.at)
        lane.blocks.forget()
        lane.opening = None
        for talk in self.talks:
            if not (talk.whole if side == "request" else talk.answered):
                talk.hole(side, -1)
        return []

    # -- frames --

    def _frame(self, direction: Direction, lane: _Lane, frame: Frame, at: int) -> list[Heard]:
        kind = frame.kind
        if lane.opening is not None and kind != http2.CONTINUATION:
            lane.opening = None  # forbidden (section 6.10): the block will not be whole
            lane.blocks.forget()
        if kind == http2.DATA:
            talk = self._streams.get(frame.stream)
            if talk is not None:
                return self._data(self._side(direction), lane, talk, frame, at)
            lane.reason = self._stranger(frame.stream)
        elif kind in _BLOCKS:
            return self._block(direction, lane, frame, at)
        elif kind == http2.RESET:
            return self._reset(self._side(direction), lane, frame, at)
        elif kind == http2.GOAWAY and self._side(direction) == "response":
            return self._go(frame, at)
        return []

    def _data(self, side: Side, lane: _Lane, talk: Talk, frame: Frame, at: int) -> list[Heard]:
        pay(lane, talk)
        heard = talk.data(side, frame.payload, at) if frame.payload else []
        if talk.dialogue and talk.closed:
            heard += self._end(frame.stream, talk, "request", at)
            heard += self._end(frame.stream, talk, "response", at)
        elif frame.whole and frame.flags & END_STREAM:
            heard += self._end(frame.stream, talk, side, at)
        return heard

    def _end(
        self, stream: int, talk: Talk, side: Side, at: int, trailers: tuple[tuple[str, str], ...] = ()
    ) -> list[Heard]:
        done = talk.whole if side == "request" else talk.answered
        heard = [] if done else talk.end(side, at, "", trailers)
        if talk.over:
            self._streams.pop(stream, None)
        return heard

    def _cut(self, stream: int, who: str, at: int) -> list[Heard]:
        """An exchange ends before its time."""
        talk = self._streams.pop(stream)
        heard: list[Heard] = []
        if not talk.whole:  # where the answer is whole, the rest of the question is just not wanted
            heard += talk.end("request", at, "truncated" if talk.answered else who)
        if not talk.answered:
            heard += talk.end("response", at, who)
        return heard

    def _stranger(self, stream: int) -> str:
        return "joined_mid_connection" if self._line.joined and stream > self._highest else "after_end"

    def _block(self, direction: Direction, lane: _Lane, frame: Frame, at: int) -> list[Heard]:
        opening = lane.opening
        if frame.kind != http2.CONTINUATION:
            opening = lane.opening = Opening.of(frame, at)
        elif opening is None or opening.stream != frame.stream:
            return []
        opening.add(frame, self._line.limits.head)
        if not frame.flags & END_HEADERS:
            return []
        lane.opening = None
        if opening.cut:
            lane.blocks.forget()
        block = Block((), known=False) if opening.cut else lane.blocks.read(bytes(opening.data))
        return self._headed(direction, lane, opening, Fields.of(block), at)

    def _headed(
        self, direction: Direction, lane: _Lane, opening: Opening, said: Fields, at: int
    ) -> list[Heard]:
        if opening.pushed:
            lane.reason = "pushed"  # an answer to what nobody asked
            return []
        if self._asks is None and said.pseudo:
            self._asks = OTHER[direction] if ":status" in said.pseudo else direction
        side, talk = self._side(direction), self._streams.get(opening.stream)
        heard: list[Heard] = []
        trailers: tuple[tuple[str, str], ...] = ()
        if side == "request":
            if talk is None:
                talk = self._request(opening, said, heard)
        elif talk is not None:
            trailers = said.plain if _answered(talk) else ()
            heard += self._response(talk, opening, said)
        if talk is None:
            lane.reason = self._stranger(opening.stream) if said.known else _DESYNC
            return heard
        pay(lane, talk)
        if not said.known:
            talk.miss(_DESYNC)
        return heard + self._end(opening.stream, talk, side, at, trailers) if opening.ends else heard

    def _request(self, opening: Opening, said: Fields, heard: list[Heard]) -> Talk | None:
        begins = said.pseudo.keys() - {":status"} or not said.known
        if not begins or opening.stream <= self._highest or not opening.stream % 2:
            return None
        self._highest = opening.stream
        if not said.pseudo and not said.plain:
            return None  # nothing of it could be read: no exchange can be told
        if len(self._streams) >= self._line.limits.streams:
            oldest = next(iter(self._streams))
            heard += self._streams.pop(oldest).close(opening.at, "too_many_exchanges")
        talk = self._line.opener(self._line.conn, self._line.first, self._ordinal, self.role)
        self._ordinal += 1
        self._streams[opening.stream] = talk
        if not said.known:
            talk.miss(_DESYNC)
        heard += talk.head("request", request_of_head(said.head("request", opening.at, self._line.scheme)))
        return talk

    def _response(self, talk: Talk, opening: Opening, said: Fields) -> list[Heard]:
        status = said.pseudo.get(":status", "")
        if status.startswith("1") or _answered(talk) or not (status or (said.plain and not said.known)):
            return []  # an informational answer, or trailers
        heard = talk.head("response", response_of_head(said.head("response", opening.at)))
        request = talk.request
        if request and request.headers.get(":protocol") == "websocket" and status.startswith("2"):  # RFC 8441
            extensions = ",".join(v for k, v in said.plain if k == "sec-websocket-extensions")
            heard += talk.converse(websocket.pair(self._line.limits, extensions), opening.at)
        return heard

    def _reset(self, side: Side, lane: _Lane, frame: Frame, at: int) -> list[Heard]:
        talk = self._streams.get(frame.stream)
        if talk is None:
            lane.reason = self._stranger(frame.stream)
            return []
        pay(lane, talk)
        code = int.from_bytes(frame.payload, "big")
        if code not in _QUIET and not talk.answered:
            talk.miss(f"reset:{http2.ERRORS.get(code, hex(code))}")
        return self._cut(frame.stream, "closed_by_client" if side == "request" else "closed_by_server", at)

    def _go(self, frame: Frame, at: int) -> list[Heard]:
        """GOAWAY: what has a higher number was not looked at (section 6.8)."""
        last = int.from_bytes(frame.payload[:4], "big") & 0x7FFFFFFF
        heard: list[Heard] = []
        for stream in [s for s in self._streams if s > last]:
            heard += self._cut(stream, "closed_by_server", at)
        return heard


def _answered(talk: Talk) -> bool:
    """Whether the head of its answer was seen (101 is none: after it, stream 1 answers)."""
    return talk.response is not None and talk.response.status != 101
