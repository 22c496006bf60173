"""HTTP/2 frames of one direction (RFC 9113 section 4): what carries messages is told, DATA as it comes, the rest passed over.

Nine bytes lead to the next frame. Where bytes are missing the reader skips exactly what it can, else it hunts: a place
from which frames follow frames, or one frame ends with the read. Types that nobody knows are passed over (section 5.5).
"""

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from hexr_autoinst.errors import WireError

DATA, HEADERS, RESET, PUSH, GOAWAY, CONTINUATION = 0, 1, 3, 5, 7, 9
_PRIORITY, _SETTINGS, _PING, _WINDOW = 2, 4, 6, 8
END_STREAM, END_HEADERS, PADDED, PRIORITIZED = 0x1, 0x4, 0x8, 0x20

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ERRORS: Final = {
    1: "protocol_error", 2: "internal_error", 3: "flow_control_error", 4: "settings_timeout", 5: "stream_closed", 6: "frame_size_error",
    7: "refused_stream", 9: "compression_error", 10: "connect_error", 11: "enhance_your_calm", 12: "inadequate_security", 13: "http_1_1_required",
}  # fmt: skip
_HEAD: Final = struct.Struct(">HBBBI")  # length in 16 and 8 bits, type, flags, stream
_TOLD: Final = frozenset((HEADERS, RESET, PUSH, GOAWAY, CONTINUATION))
_ON_STREAM: Final = frozenset((DATA, HEADERS, _PRIORITY, RESET, PUSH, CONTINUATION))
_ON_CONNECTION: Final = frozenset((_SETTINGS, _PING, GOAWAY))
_SIZES: Final = {_PRIORITY: 5, RESET: 4, _PING: 8, _WINDOW: 4}
_TAIL: Final = 32 << 10  # what a hunt keeps
_TRIES: Final = 64  # places in one read that a hunt looks at

# What the head of a frame looks like; a hunt finds none of more than 64 KiB.
_START: Final = re.compile(
    rb"\x00(?:..\x00[\x00\x01\x08\x09]|..\x01[\x00\x01\x04\x05\x08\x09\x0c\x0d\x20\x21\x24\x25\x28\x29\x2c\x2d]"
    rb"|\x00\x05\x02\x00|\x00\x04\x03\x00|\x00[\x00-\x7f]\x04[\x00\x01]|\x00\x08\x06[\x00\x01]|\x00.\x07\x00|\x00\x04\x08\x00|..\x09[\x00\x04])"
    rb"[\x00-\x7f]...",
    re.DOTALL,
)


class Frame(NamedTuple):
    """A frame, or a piece of DATA, its padding off. `whole`: the frame ends here."""

    kind: int
    flags: int
    stream: int
    payload: bytes
    whole: bool = True
    cut: bool = False


class Frames:
    """Bytes in, frames out."""

    def __init__(self, limit: int, *, preface: bool = False, joined: bool = False) -> None:
        """`limit`: bytes of a frame's payload that are held. `preface`: a client's connection begins here."""
        self.hunting = joined
        self._limit = limit
        self._preface = len(PREFACE) if preface else 0
        self._buffer = bytearray()
        self._frame: tuple[int, int, int] | None = None  # the one that is being read
        self._left = 0
        self._padding = -1  # -1: its length is to be read

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._buffer)

    @property
    def between(self) -> bool:
        """Whether no frame is unfinished."""
        return self._frame is None and not self._buffer

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames, and pieces of DATA, of these bytes; WireError where they are no HTTP/2."""
        place, end = 0, len(data)
        if self.hunting:
            data = self._hunt(data)
            end = len(data)
        elif self._preface:
            place = self._greeting(data)
        while place < end:
            if self._frame is None:
                place = self._head(data, place)
            if (reading := self._frame) is not None and (place < end or not self._left):
                step = self._data if reading[0] == DATA else self._other
                place, frame = step(reading, data, place)
                if frame is not None:
                    yield frame

    def gap(self, n: int) -> Frame | None:
        """`n` bytes are missing here (-1: nobody knows how many). None: the place is lost; else what they were a piece of."""
        if self._frame is None or self._frame[0] in _TOLD or not 0 < n <= self._left or self._padding < 0:
            self.lose()
            return None
        kind, flags, stream = self._frame
        self._left -= n
        if not self._left:
            self._frame = None
        return Frame(kind, flags, stream, b"", whole=not self._left)

    def lose(self) -> None:
        """Give up the frame in progress and hunt for the next."""
        self._buffer.clear()
        self._frame, self._left, self._preface, self.hunting = None, 0, 0, True

    def _greeting(self, data: bytes) -> int:
        done = len(PREFACE) - self._preface
        piece = data[: self._preface]
        if PREFACE[done : done + len(piece)] != piece:
            raise WireError(detail="no HTTP/2 preface", reason="not_http")
        self._preface -= len(piece)
        return len(piece)

    def _head(self, data: bytes, place: int) -> int:
        if not self._buffer and len(data) - place >= _HEAD.size:
            high, low, kind, flags, stream = _HEAD.unpack_from(data, place)
            place += _HEAD.size
        else:
            taken = data[place : place + _HEAD.size - len(self._buffer)]
            self._buffer += taken
            place += len(taken)
            if len(self._buffer) < _HEAD.size:
                return place
            high, low, kind, flags, stream = _HEAD.unpack(self._buffer)
            self._buffer.clear()
        self._left, stream = high << 8 | low, stream & 0x7FFFFFFF
        if not _possible(self._left, kind, stream):
            raise WireError(detail="no HTTP/2 frame", reason="http2_broken")
        self._frame = (kind, flags, stream)
        self._padding = -1 if kind == DATA and flags & PADDED else 0
        return place

    def _data(self, reading: tuple[int, int, int], data: bytes, place: int) -> tuple[int, Frame | None]:
        kind, flags, stream = reading
        if self._padding < 0 and self._left:
            self._padding, self._left, place = data[place], self._left - 1, place + 1
        piece = data[place : place + self._left]
        self._left -= len(piece)
        place += len(piece)
        over = self._left + len(piece) - self._padding  # bytes of content that this piece may hold
        content = piece[: max(0, over)] if self._padding > 0 else piece
        whole = not self._left
        if whole:
            self._frame = None
        elif not content:
            return place, None
        return place, Frame(kind, flags, stream, content, whole)

    def _other(self, reading: tuple[int, int, int], data: bytes, place: int) -> tuple[int, Frame | None]:
        kind, flags, stream = reading
        piece = data[place : place + self._left]
        place += len(piece)
        self._left -= len(piece)
        told = kind in _TOLD
        if self._left:
            if told:
                self._buffer += (
                    piece[: self._limit - len(self._buffer)] if len(self._buffer) < self._limit else b""
                )
            return place, None
        self._frame = None
        if not told:
            return place, None
        payload = bytes(self._buffer + piece) if self._buffer else piece
        self._buffer.clear()
        cut = len(payload) > self._limit
        return place, Frame(kind, flags, stream, payload[: self._limit], cut=cut)

    def _hunt(self, data: bytes) -> bytes:
        """What of these bytes is to be read: from a place where frames begin, if there is one."""
        self._buffer += data
        start = len(self._buffer) - len(data)
        place = start if begins(data) else find(bytes(self._buffer))
        if place < 0:
            del self._buffer[: max(0, len(self._buffer) - _TAIL)]
            return b""
        rest = bytes(self._buffer[place:])
        self._buffer.clear()
        self.hunting = False
        return rest


def fragment(frame: Frame) -> bytes:
    """The part of a header block that HEADERS, PUSH_PROMISE or CONTINUATION holds."""
    payload = frame.payload
    if frame.kind == CONTINUATION:
        return payload
    padded = frame.flags & PADDED
    begin = 1 if padded else 0
    end = len(payload) - (payload[0] if padded and payload and not frame.cut else 0)
    if frame.kind == PUSH:
        begin += 4
    elif frame.flags & PRIORITIZED:
        begin += 5
    return payload[begin:end]


def _possible(length: int, kind: int, stream: int) -> bool:
    if (kind in _ON_STREAM and not stream) or (kind in _ON_CONNECTION and stream):
        return False
    return _SIZES.get(kind, length) == length and (kind != _SETTINGS or not length % 6)


def begins(data: bytes) -> bool:
    """Whether a read begins with frames: two or more, or one that is all of it."""
    return _chain(data, 0) > (1 if _START.match(data) is not None else 2)


def find(data: bytes) -> int:
    """The first place from which frames follow each other; -1 if there is none."""
    place = 0
    for _ in range(_TRIES):
        found = _START.search(data, place)
        if found is None:
            break
        if _chain(data, found.start()) > 1:
            return found.start()
        place = found.start() + 1
    return -1


def _chain(data: bytes, place: int) -> int:
    """How many heads of frames follow each other from here; one more where the last frame ends with the bytes."""
    count, end = 0, len(data)
    while place + _HEAD.size <= end:
        high, low, kind, _, stream = _HEAD.unpack_from(data, place)
        if kind > CONTINUATION or stream >> 31 or not _possible(high << 8 | low, kind, stream):
            return 0
        count += 1
        place += _HEAD.size + (high << 8 | low)
    return count + (place == end and count > 0)
