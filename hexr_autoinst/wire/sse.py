"""Server-sent events (WHATWG HTML 9.2) to frames, as they arrive.

Tolerant where real servers differ: any of CRLF, LF, CR; comments that keep a connection alive; a last event without
its blank line; an `error:` field. The data of an event beyond `limit` is held as `hold` does: JSON stays JSON.
"""

import re
from typing import Final

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.hold import BOM, Hold, frame_of

_NAME: Final = 256  # bytes of a name and of an `error` field: of other lines nothing more is read
_LINE: Final = 64 << 10  # of a longer line that is data, the rest goes at once where data is held
_EVENT: Final = re.compile(rb"(?:event: ?(.{1,256})\n)?data: ?(.*+)")
_LONG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(data|error): ?")


class EventStream:
    """Decoded bytes in, SSE frames out."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one event's data that are held as they came."""
        self.cut = self.broken = False
        self._short = min(limit, _LINE)
        self._most = max(2 * _NAME, min(limit, _LINE))
        self._line = bytearray()  # what of a line has come
        self._name = b""
        self._hold = Hold(limit)
        self._any = False  # this event has data
        self._into = False  # the rest of this line goes where data is held
        self._over = False  # the rest of this line is not read
        self._open = False  # a line has begun, even if nothing of it is kept: what ends it is no blank line
        self._fresh = True
        self._after_cr = False

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._line) + self._hold.held

    def drop(self) -> None:
        """Give back what the unfinished event holds; of one whose beginning is gone nothing is told."""
        if self._line:
            self._long()
        self._hold.shrink()
        self.cut = self.cut or self._hold.cut or self._over

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The events that are whole with these bytes."""
        if not piece:
            return []
        if self._after_cr:
            piece = piece.removeprefix(b"\n")
        self._after_cr = False
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")  # a line has ended; its line feed may come yet
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if piece.endswith(b"\n\n") and not (self._open or self._any or self._name or self._fresh):
            return self._whole(piece, at)
        return self._lines(piece, at)

    def _whole(self, piece: bytes, at: int) -> list[Frame]:
        """Events that begin and end here, as nearly all do: a name and one line of data need no line by line."""
        frames: list[Frame] = []
        for event in piece[:-2].split(b"\n\n"):
            found = _EVENT.fullmatch(event)
            if found is None or len(event) > self._short:
                frames += self._lines(event + b"\n\n", at)
                continue
            name = found[1]
            said = redact.plain(name.decode("utf-8", "replace")) if name else ""
            frames.append(Frame(at, "sse", said, redact.text(found[2]).decode("utf-8", "replace")))
        return frames

    def _lines(self, piece: bytes, at: int) -> list[Frame]:
        *lines, last = piece.split(b"\n")
        frames: list[Frame] = []
        for line in lines:
            if self._open:
                self._part(line)
                self._end_line()
            elif line:
                self._field(line)
            else:
                frames += self._event(at)
        if last:
            self._part(last)
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:
        """What stands in an unfinished event when the body ends: of a body that was cut, its whole lines."""
        if self._open and clean:
            self._end_line()
        if self._into:
            self._hold.take()  # half of a line, and of the event nothing but what came before it
            self._any = False
        self._line.clear()
        self._open = self._into = self._over = False
        return self._event(at)

    def _part(self, piece: bytes) -> None:
        """A piece of a line that did not come at once."""
        self._open = True
        if self._into:
            self._hold.add(piece)
        elif not self._over:
            self._line += piece
            if len(self._line) > self._most:
                self._long()

    def _long(self) -> None:
        """A line too long to wait for its end."""
        if found := _LONG.match(self._line):
            self._fresh, self._into = False, True
            self._data(found[1], bytes(self._line[found.end() :]))
            self._line.clear()
        else:
            self._over = True
            del self._line[2 * _NAME :]

    def _end_line(self) -> None:
        line, into = bytes(self._line), self._into
        self._line.clear()
        self._open = self._into = self._over = False
        if not into:
            self._field(line)

    def _field(self, line: bytes) -> None:
        if self._fresh:
            line, self._fresh = line.removeprefix(BOM), False
        name, _, value = line.partition(b":")
        if name in (b"data", b"error"):
            self._data(name, value.removeprefix(b" "))
        elif name == b"event":
            self._name = value.removeprefix(b" ")[:_NAME]

    def _data(self, field: bytes, value: bytes) -> None:
        if field == b"error":  # no field of the standard, but some gateways end a stream with it
            self._hold.take()
            self._name, self._any = field, False
        if self._any:
            self._hold.add(b"\n")
        self._any = True
        self._hold.add(value)

    def _event(self, at: int) -> list[Frame]:
        name, self._name = self._name, b""
        if not self._any:
            return []
        self._any = False
        self.cut = self.cut or self._hold.cut
        if self._hold.lost:
            self._hold.take()
            return []
        return [
            frame_of(self._hold, at, "sse", redact.plain(name.decode("utf-8", "replace")) if name else "")
        ]
