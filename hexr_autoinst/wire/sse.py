"""Streamed text bodies to frames: server-sent events (WHATWG HTML 9.2) and JSON lines, as they arrive.

Tolerant where real servers differ: any of CRLF, LF, CR; comments as keep-alives; a last event without
its blank line; an `error:` field. At most `limit` bytes of one frame are kept: `cut` says that some was longer.
"""

from typing import Final

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire import redact

_BOM: Final = b"\xef\xbb\xbf"
_JSON_SPACE: Final = b" \t\r\x1e"  # RS: RFC 7464
_NAME: Final = 256  # of a line so much is read even when its event is full: names and errors are short


class EventStream:
    """Decoded bytes in, SSE frames out."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one event."""
        self.cut = False
        self._limit = limit
        self._line = bytearray()
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0
        self._fresh = True
        self._after_cr = False
        self._open = False  # a line has begun, even if nothing of it is kept: what ends it is no blank line
        self._over = False  # more of it came than is kept
        self._passing = False  # the rest of this event is passed over: its beginning was dropped

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._line) + self._size

    def drop(self) -> None:
        """Forget the unfinished event."""
        self.cut = self.cut or self.buffered > 0
        self._passing = self._passing or self.buffered > 0
        self._line.clear()
        self._data, self._size = [], 0

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The events that are whole with these bytes."""
        if not piece:
            return []
        if self._after_cr:
            piece = piece.removeprefix(b"\n")
        self._after_cr = False
        if b"\r" in piece:
            self._after_cr = piece.endswith(
                b"\r"
            )  # a line has ended; its line feed may come with the next bytes
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, last = piece.split(b"\n")
        frames: list[Frame] = []
        for line in lines:
            if self._open:
                self._keep(line)
                self._end_line()
            elif line:
                self._field(line)
            else:
                frames += self._event(at)
        if last:
            self._keep(last)
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:
        """What stands in an unfinished event when the body ends: of a body that was cut, its whole lines."""
        if self._open and clean:
            self._end_line()
        self._line.clear()
        self._open = self._over = False
        return self._event(at)

    def _most(self) -> int:
        """Bytes of a line that are read."""
        return max(self._limit - self._size, _NAME)

    def _keep(self, piece: bytes) -> None:
        self._open = True
        if self._passing:
            return
        room = self._most() - len(self._line)
        self._over = self._over or len(piece) > room
        self._line += piece[:room]

    def _end_line(self) -> None:
        line, over = bytes(self._line), self._over
        self._line.clear()
        self._open = self._over = False
        self._field(line, over=over)

    def _field(self, line: bytes, *, over: bool = False) -> None:
        if self._passing:
            return
        most = self._most()
        if len(line) > most:  # cut as it would have been, had it come in pieces
            line, over = line[:most], True
        if self._fresh:
            line, self._fresh = line.removeprefix(_BOM), False
        field, _, value = line.partition(b":")
        if field == b"data":
            value = value.removeprefix(b" ")
            room = self._limit - self._size
            self.cut = self.cut or over or room <= 0 or len(value) > room
            if room > 0:
                self._data.append(value[:room])
                self._size += len(value[:room]) + 1
        elif field == b"event":
            self._name = value.removeprefix(b" ")[:_NAME]
        elif field == b"error":  # no field of the standard, but some gateways end a stream with it
            self.cut = self.cut or over
            self._name, self._data = b"error", [value.removeprefix(b" ")]
            self._size = len(self._data[0]) + 1

    def _event(self, at: int) -> list[Frame]:
        name, data = self._name, self._data
        self._name, self._size, self._passing = b"", 0, False
        if not data:
            return []
        self._data = []
        said = redact.text(b"\n".join(data)).decode("utf-8", "replace")
        return [Frame(at, "sse", redact.plain(name.decode("utf-8", "replace")) if name else "", said)]


class JsonLines:
    """Decoded bytes in, one frame for each line that is not empty."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one line."""
        self.cut = False
        self._limit = limit
        self._line = bytearray()
        self._passing = False  # the rest of this line is passed over: its beginning was dropped

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._line)

    def drop(self) -> None:
        """Forget the unfinished line."""
        self.cut = self.cut or bool(self._line)
        self._passing = self._passing or bool(self._line)
        self._line.clear()

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The lines that are whole with these bytes."""
        *whole, rest = piece.split(b"\n")
        frames: list[Frame] = []
        for line in whole:
            self._keep(line)
            frames += self._take(at)
        self._keep(rest)
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:
        """The last line, when no line feed ended it."""
        if not clean:
            self._line.clear()
        return self._take(at)

    def _keep(self, piece: bytes) -> None:
        if self._passing:
            return
        room = max(0, self._limit - len(self._line))
        self.cut = self.cut or len(piece) > room
        self._line += piece[:room]

    def _take(self, at: int) -> list[Frame]:
        line = bytes(self._line).strip(_JSON_SPACE)
        self._line.clear()
        self._passing = False
        return [Frame(at, "json", "", redact.text(line).decode("utf-8", "replace"))] if line else []
