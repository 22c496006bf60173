"""HTTP/1 in one direction (RFC 9112), as an observer must read it: tolerant, resuming, bounded.

`Half.feed` takes bytes and gives what they complete: a `RequestLine` or `StatusLine` with its fields, `Piece`s of a
body with its framing off, `Over` at its end. It consumes, or raises WireError for bytes that are no HTTP/1;
never anything else. A gap inside a body of known length is skipped exactly; else it looks for the next message.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from hexr_autoinst.errors import WireError
from hexr_autoinst.wire.limits import Limits

_REQUEST: Final = re.compile(rb"([A-Z][A-Z0-9_-]{0,31}) +(\S.{0,65535}?) +(HTTP/1\.[01])$", re.DOTALL)
_STATUS: Final = re.compile(rb"(HTTP/1\.[01]) +(\d{3})(?: |$)")
_METHODS: Final = (
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"PATCH ",
    b"OPTIONS ",
    b"CONNECT ",
    b"TRACE ",
    b"PROPFIND ",
)
_ANSWER: Final = b"HTTP/1."
_CHUNK_LINE_MAX: Final = 16 << 10
_HEX: Final = re.compile(rb"\s*([0-9a-fA-F]{1,15})\s*(?:;|$)")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request's head. `cut`: fields beyond the limits were left out."""

    method: str
    target: str
    version: str
    fields: tuple[tuple[str, str], ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A response's head; an informational one (1xx) is given too, and no body follows it."""

    status: int
    version: str
    fields: tuple[tuple[str, str], ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the current body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Hole:
    """Bytes of the current message are missing."""


@dataclass(frozen=True, slots=True)
class Over:
    """The current message has ended; `error` says what cut it."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What follows is another protocol (101, or a tunnel)."""


Event = RequestLine | StatusLine | Piece | Hole | Over | Upgraded


class State(Enum):
    """Where in a message the next byte stands."""

    SEEK = auto()  # between messages of a stream that we joined or lost: only a message start counts
    HEAD = auto()
    LENGTH = auto()
    CHUNK_LINE = auto()
    CHUNK_DATA = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    CLOSE = auto()
    TUNNEL = auto()


def starts(data: bytes) -> str:
    """What begins with these bytes: "request", "response", "http2", "" (nothing), "?" (too few to say)."""
    data = data.lstrip(b"\r\n")
    if data.startswith(b"PRI * HTTP/2"):
        return "http2"
    if data.startswith(_METHODS):
        return "request"
    if data.startswith(_ANSWER):
        return "response"
    short = data[:12]
    if any(word.startswith(short) for word in (*_METHODS, _ANSWER, b"PRI * HTTP/2")):
        return "?"
    return ""


class Half:
    """One direction of a connection. `method_of` tells a response which request it answers."""

    def __init__(
        self, side: str, limits: Limits, method_of: Callable[[], str], *, seek: bool = False
    ) -> None:
        """`side` is "request" or "response"; `seek`: the beginning was not seen."""
        self.state = State.SEEK if seek else State.HEAD
        self._side = side
        self._limits = limits
        self._method_of = method_of
        self._buffer = b""
        self._left = 0
        self._fields_seen = 0

    @property
    def buffered(self) -> bool:
        """Whether bytes wait for the rest of a head."""
        return bool(self._buffer)

    @property
    def in_body(self) -> bool:
        """Whether a message has begun and not ended."""
        return self.state not in (State.HEAD, State.SEEK, State.TUNNEL)

    def feed(self, data: bytes) -> Iterator[Event]:
        """What these bytes complete, in order."""
        if self.state is State.SEEK:
            if starts(data) != self._side:
                return
            self.state = State.HEAD
        self._buffer = self._buffer + data if self._buffer else data
        while self._buffer:
            before = (len(self._buffer), self.state)
            yield from self._step()
            if (len(self._buffer), self.state) == before:
                return

    def gap(self, n: int) -> Iterator[Event]:
        """`n` bytes are missing here (-1: nobody knows how many)."""
        if self.state in (State.LENGTH, State.CHUNK_DATA) and 0 < n <= self._left:
            self._left -= n
            yield Hole()
            if not self._left:
                yield from self._finish_known()
        elif self.state is State.CLOSE:
            yield Hole()
        else:
            inside = self.in_body or bool(self._buffer)
            self._buffer, self.state = b"", State.SEEK
            if inside:
                yield Hole()
                yield Over("truncated")

    def close(self) -> Iterator[Event]:
        """The connection is over: a body that lasts until close is whole, any other is cut."""
        if self.state is State.CLOSE:
            yield Over()
        elif self.in_body:
            yield Over("truncated")
        self._buffer, self.state = b"", State.TUNNEL

    def _step(self) -> Iterator[Event]:
        match self.state:
            case State.HEAD:
                yield from self._head()
            case State.LENGTH | State.CHUNK_DATA:
                piece = self._buffer[: self._left]
                self._buffer = self._buffer[len(piece) :]
                self._left -= len(piece)
                yield Piece(piece)
                if not self._left:
                    yield from self._finish_known()
            case State.CHUNK_LINE:
                self._chunk_line()
            case State.CHUNK_END:
                line = self._line()
                if line is not None:
                    self.state = State.CHUNK_LINE
            case State.TRAILER:
                yield from self._trailer()
            case State.CLOSE:
                piece, self._buffer = self._buffer, b""
                yield Piece(piece)
            case _:
                self._buffer = b""

    def _finish_known(self) -> Iterator[Event]:
        if self.state is State.CHUNK_DATA:
            self.state = State.CHUNK_END
        else:
            self.state = State.HEAD
            yield Over()

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > _CHUNK_LINE_MAX:
                raise WireError(detail="an endless line in a chunked body")
            return None
        line, self._buffer = self._buffer[:end].rstrip(b"\r"), self._buffer[end + 1 :]
        return line

    def _chunk_line(self) -> None:
        line = self._line()
        if line is None:
            return
        found = _HEX.match(line)
        if not found:
            raise WireError(detail="a chunk without a length")
        self._left = int(found[1], 16)
        self.state = State.CHUNK_DATA if self._left else State.TRAILER

    def _trailer(self) -> Iterator[Event]:
        line = self._line()
        if line == b"":
            self.state = State.HEAD
            yield Over()

    def _head(self) -> Iterator[Event]:
        self._buffer = self._buffer.lstrip(b"\r\n")
        end = _blank_line(self._buffer)
        if end is None:
            if len(self._buffer) > self._limits.head:
                raise WireError(detail="an endless head")
            if len(self._buffer) > 12 and starts(self._buffer[:12]) not in (self._side, "?"):
                raise WireError(detail="no HTTP/1 message")
            return
        raw, self._buffer = self._buffer[: end[0]], self._buffer[end[1] :]
        yield from self._begin(raw)

    def _begin(self, raw: bytes) -> Iterator[Event]:
        first, *lines = raw.replace(b"\r\n", b"\n").split(b"\n")
        fields, cut = _fields(lines, self._limits.fields)
        if self._side == "request":
            found = _REQUEST.match(first)
            if not found:
                raise WireError(detail="no HTTP/1 request")
            method = found[1].decode()
            yield RequestLine(method, found[2].decode("utf-8", "replace"), found[3].decode(), fields, cut)
            yield from self._enter(method, 0, fields)
            return
        answer = _STATUS.match(first)
        if not answer:
            raise WireError(detail="no HTTP/1 response")
        status = int(answer[2])
        method = self._method_of()
        yield StatusLine(status, answer[1].decode(), fields, cut)
        yield from self._enter(method, status, fields)

    def _enter(self, method: str, status: int, fields: tuple[tuple[str, str], ...]) -> Iterator[Event]:
        """Which body follows: RFC 9112 section 6.3, in its order."""
        tunnel = status == 101 or (method == "CONNECT" and 200 <= status < 300)
        if tunnel:
            self.state = State.TUNNEL
            yield Over()
            yield Upgraded()
        elif 100 <= status < 200:
            self.state = State.HEAD
        elif status and (method == "HEAD" or status in (204, 304)):
            self.state = State.HEAD
            yield Over()
        else:
            yield from self._enter_body(status, fields)

    def _enter_body(self, status: int, fields: tuple[tuple[str, str], ...]) -> Iterator[Event]:
        coding = ",".join(v for k, v in fields if k.lower() == "transfer-encoding").lower()
        length = next((v for k, v in fields if k.lower() == "content-length"), "").partition(",")[0].strip()
        if "chunked" in coding:
            self.state = State.CHUNK_LINE
        elif length.isdecimal() and len(length) < 16:
            self._left = int(length)
            self.state = State.LENGTH if self._left else State.HEAD
            if not self._left:
                yield Over()
        elif status:
            self.state = State.CLOSE
        else:
            self.state = State.HEAD
            yield Over()


def _blank_line(data: bytes) -> tuple[int, int] | None:
    """Where the head ends and where the body begins; a bare LF ends a line too (RFC 9112 section 2.2)."""
    ends = [
        (at, at + len(mark)) for mark in (b"\r\n\r\n", b"\n\n", b"\n\r\n") if (at := data.find(mark)) >= 0
    ]
    return min(ends) if ends else None


def _fields(lines: list[bytes], most: int) -> tuple[tuple[tuple[str, str], ...], bool]:
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and fields:  # obs-fold
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip().decode('latin-1')}")
            continue
        if len(fields) >= most:
            return tuple(fields), True
        name_, colon, value_ = line.partition(b":")
        if colon:
            fields.append((name_.strip().decode("latin-1"), value_.strip().decode("latin-1")))
    return tuple(fields), False
