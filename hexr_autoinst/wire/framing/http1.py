"""HTTP/1 in one direction: bytes in, Start, pieces of body, Stop out.

Of the other direction it knows only the method that a response answers, for which it asks. Every step consumes bytes and gives at most one event, or raises WireError: no other error, whatever the
bytes. A generator, so that its owner has acted on one message before the next is read.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.facts import Side
from hexr_autoinst.wire import fieldlines
from hexr_autoinst.wire.framing.chunks import whole_chunks
from hexr_autoinst.wire.framing.head import (
    CHUNKED,
    START,
    UNTIL_CLOSE,
    Event,
    Hole,
    Start,
    Stop,
    body_length,
    check_prefix,
    read,
    start_line,
)
from hexr_autoinst.wire.limits import Limits

_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_BLANK: Final = re.compile(rb"[\r\n]*")
_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\Z", re.DOTALL)
_NEXT_SIZE: Final = re.compile(rb"(?:\A|\r\n)[0-9A-Fa-f]{1,8}\r\n")
_WINDOW: Final = 4096  # a head is looked for in steps, so that one huge read of small messages stays linear
_LINE: Final = 16 << 10  # chunk extensions and trailers longer than this are no speech of ours
_TAIL: Final = 32 << 10  # what a hunt keeps of an unfinished line


_Step = Callable[[int, bytes, int], tuple[int, Event | None]]


class Reader:
    """One direction of one connection. `side` None: not known yet which side speaks here."""

    def __init__(self, limits: Limits, asked: Callable[[], str], *, joined: bool = False) -> None:
        self.side: Side | None = None
        self.rest = b""  # what follows a 101: no HTTP/1
        self._limits = limits
        self._asked = asked
        self._buffer = bytearray()
        self._kept = b""  # the part of an oversized head that is kept
        self._known = False  # the first line in the buffer is a start line
        self._joined = False
        self._began = 0
        self._left = 0
        self._trailers = b""
        self._due = False  # the next step needs no byte
        self._step: _Step = self._hunt if joined else self._head

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._buffer) + len(self._kept)  # trailers are at most _LINE

    @property
    def hunting(self) -> bool:
        """Between messages, in bytes that nobody can place."""
        return self._step == self._hunt

    @property
    def until_close(self) -> bool:
        """Within a body that the end of the connection ends."""
        return self._step == self._rest

    def whole(self, data: bytes) -> bytes | None:
        """The body in these bytes, where they are whole chunks of it and nothing else, as in nearly every read of a stream; else None."""
        if self._buffer or self._step != self._size:
            return None
        pos, pieces = whole_chunks(data, 0)
        return (pieces[0] if len(pieces) == 1 else b"".join(pieces)) if pos == len(data) and pieces else None

    def feed(self, at: int, data: bytes) -> Iterator[Event]:
        """The events of these bytes; WireError where they are no HTTP/1."""
        pos, end = 0, len(data)
        while pos < end or self._due:
            pos, event = self._step(at, data, pos)
            if event is not None:
                yield event

    def gap(self, n: int) -> Iterator[Event]:
        """`n` bytes are missing here (-1: nobody knows how many). Goes on inside a body where that can be."""
        step = self._step
        if step == self._rest:
            yield Hole()
        elif step == self._length and 0 < n <= self._left:
            yield Hole()
            self._left -= n
            if not self._left:
                yield self._over()
        elif step == self._chunk and 0 < n <= self._left:
            yield Hole()
            self._left -= n
            self._step = self._chunk if self._left else self._chunk_end
        elif step in (self._chunk, self._size, self._chunk_end, self._chunk_hunt):
            yield Hole()
            self._buffer.clear()
            self._step = self._chunk_hunt
        else:
            inside = step in (self._length, self._trailer)
            self.lose()
            self._joined = True
            if inside:
                yield Stop("lost_events")

    def lose(self) -> None:
        """Give up the message in progress, if any, and hunt for the next."""
        self._buffer.clear()
        self._kept = self._trailers = b""
        self._known = self._due = False
        self._step = self._hunt

    def take(self) -> bytes:
        """The bytes of an unfinished head: they are another protocol's."""
        taken = bytes(self._buffer)
        self.lose()
        return taken

    def _over(self) -> Stop:
        self._due, self._step = False, self._head
        trailers, self._trailers = self._trailers, b""
        return Stop("", fieldlines.split(trailers) if trailers else ())

    def _head(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:
        if not self._buffer and not self._kept:
            pos = _BLANK.match(data, pos).end()  # type: ignore[union-attr]  # matches always; RFC 9112 §2.2
            self._began = at
            if whole := _END_OF_HEAD.search(data, pos, pos + _WINDOW):  # nearly all heads come at once
                return whole.end(), self._begin(data[pos : whole.start()])
        seen = max(0, len(self._buffer) - 3)
        self._buffer += data[pos : pos + _WINDOW]
        pos = min(pos + _WINDOW, len(data))
        if not self._buffer:
            return pos, None
        if not self._known:
            self._first_line(seen)
        found = _END_OF_HEAD.search(self._buffer, seen)
        if found is None:
            self._bound()
            return pos, None
        pos -= len(self._buffer) - found.end()
        head = self._kept or bytes(self._buffer[: found.start()])
        return pos, self._begin(head)

    def _first_line(self, seen: int) -> None:
        end = self._buffer.find(b"\n", seen)
        if end >= 0:
            self.side = start_line(bytes(self._buffer[:end]), self.side).side
            self._known = True
        else:
            check_prefix(bytes(self._buffer[:40]), self.side)

    def _bound(self) -> None:
        if self._kept:
            del self._buffer[:-3]
        elif len(self._buffer) > self._limits.head:
            if not self._known:
                raise WireError(detail="a start line without end", reason="not_http")
            self._kept = bytes(self._buffer[: self._buffer.rfind(b"\n", 0, self._limits.head)])
            del self._buffer[:-3]

    def _begin(self, head: bytes) -> Start:
        start = read(head, self._began, self.side, cut=bool(self._kept), joined=self._joined)
        self.side = start.side
        self._buffer.clear()
        self._kept, self._known, self._joined = b"", False, False
        method = self._asked() if start.side == "response" else start.method
        if start.status == 101:
            self._due, self._step = True, self._switch
            return start
        length = body_length(start, method)
        if method == "CONNECT" and 200 <= start.status < 300:
            length = 0
        if length == CHUNKED:
            self._step = self._size
        elif length == UNTIL_CLOSE:
            self._step = self._rest
        else:
            self._left, self._due = length, length == 0
            self._step = self._length if length else self._stop
        return start

    def _stop(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        return pos, self._over()

    def _switch(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        self.rest = data[pos:]
        return len(data), self._over()

    def _length(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        piece = data[pos : pos + self._left]
        self._left -= len(piece)
        if not self._left:
            self._due, self._step = True, self._stop
        return pos + len(piece), piece

    def _rest(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        return len(data), data[pos:]

    def _size(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        if not self._buffer:
            pos, pieces = whole_chunks(data, pos)
            if pieces:
                return pos, pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pos, line = self._line(data, pos)
        if line is None:
            return pos, None
        found = _SIZE.match(line)
        if found is None:
            raise WireError(detail="no size before a chunk", reason="not_http")
        self._left = int(found[1], 16)
        self._step = self._chunk if self._left else self._trailer
        return pos, None

    def _chunk(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        piece = data[pos : pos + self._left]
        self._left -= len(piece)
        if not self._left:
            self._step = self._chunk_end
        return pos + len(piece), piece

    def _chunk_end(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        if data.startswith(b"\r\n", pos) and not self._buffer:
            self._step = self._size
            return pos + 2, None
        pos, line = self._line(data, pos)
        if line is not None:
            if line not in (b"", b"\r"):
                raise WireError(detail="a chunk longer than its size", reason="not_http")
            self._step = self._size
        return pos, None

    def _trailer(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:  # noqa: ARG002 - a step
        pos, line = self._line(data, pos)
        if line is None:
            return pos, None
        if line in (b"", b"\r"):
            return pos, self._over()
        if len(self._trailers) < _LINE:
            self._trailers += line + b"\n"
        return pos, None

    def _line(self, data: bytes, pos: int) -> tuple[int, bytes | None]:
        end = data.find(b"\n", pos)
        if end >= 0 and not self._buffer:
            return end + 1, data[pos:end]
        self._buffer += data[pos : end + 1] if end >= 0 else data[pos:]
        if len(self._buffer) > _LINE:
            raise WireError(detail="a line of framing without end", reason="not_http")
        if end < 0:
            return len(data), None
        line = bytes(self._buffer[:-1])
        self._buffer.clear()
        return end + 1, line

    def _hunt(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:
        fresh = data[pos:]
        self._buffer += fresh
        found = START[self.side].search(self._buffer) if b"\n" in fresh else None
        if found is None:
            passed = max(self._buffer.rfind(b"\n") + 1, len(self._buffer) - _TAIL)
            self._joined = self._joined or passed > 0
            del self._buffer[:passed]
            return len(data), None
        self._joined = self._joined or found.start() > 0
        return len(data) - self._adopt(at, found), None

    def _adopt(self, at: int, found: re.Match[bytes]) -> int:
        """Go on as within a head that began with the start line found; how many bytes follow it."""
        rest, line = len(self._buffer) - found.end(), found[0]
        self.side = start_line(line, self.side).side
        self._buffer = bytearray(line)
        self._began, self._known, self._step = at, True, self._head
        return rest

    def _chunk_hunt(self, at: int, data: bytes, pos: int) -> tuple[int, Event | None]:
        self._buffer += data[pos:]
        size = _NEXT_SIZE.search(self._buffer)
        following = START[self.side].search(self._buffer)
        if following and (size is None or following.start() <= size.start()):
            self._trailers, self._joined = b"", True
            return len(data) - self._adopt(at, following), Stop("lost_events")
        if size is None:
            if len(self._buffer) > _WINDOW:
                self._buffer[:-_WINDOW] = b"\0"  # no longer what came right after the gap
            return len(data), None
        rest = len(self._buffer) - size.end()
        self._left = int(size[0].strip(), 16)
        self._buffer.clear()
        self._step = self._chunk if self._left else self._trailer
        return len(data) - rest, None
