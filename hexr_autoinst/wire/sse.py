"""Streamed text bodies to frames: server-sent events (WHATWG HTML 9.2) and JSON lines, as they arrive.

Tolerant where real servers differ: any of CRLF, LF, CR; comments as keep-alives; a last event without
its blank line; an `error:` field. One frame is at most `limit` bytes: a longer one is dropped and `cut` says so.
"""

from collections.abc import Iterator

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire import redact

_BOM = b"\xef\xbb\xbf"


class EventStream:
    """Decoded bytes in, SSE frames out."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one event."""
        self.cut = False
        self._limit = limit
        self._buffer = b""
        self._fresh = True

    def feed(self, data: bytes, at: int) -> Iterator[Frame]:
        """The events that are whole with these bytes."""
        if self._fresh and data:
            data, self._fresh = data.removeprefix(_BOM), False
        data = self._buffer + data
        held = b""
        if b"\r" in data:
            if data.endswith(b"\r"):  # its line feed may come with the next bytes
                data, held = data[:-1], b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *events, rest = data.split(b"\n\n")
        self._buffer = rest + held
        if len(self._buffer) > self._limit:
            self._buffer, self.cut = b"", True
        for event in events:
            yield from self._frame(event, at)

    def end(self, at: int) -> Iterator[Frame]:
        """What stands in an unfinished event when the body ends."""
        rest, self._buffer = self._buffer.rstrip(b"\r"), b""
        yield from self._frame(rest, at)

    def _frame(self, event: bytes, at: int) -> Iterator[Frame]:
        if len(event) > self._limit:
            self.cut = True
            return
        name, lines = "", []
        for line in event.split(b"\n"):
            if not line or line[:1] == b":":
                continue
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                lines.append(value)
            elif field == b"event":
                name = value.decode("utf-8", "replace")
            elif field == b"error":
                name, lines = "error", [value]
        if lines:
            yield Frame(at, "sse", name, redact.text(b"\n".join(lines)).decode("utf-8", "replace"))


class JsonLines:
    """Decoded bytes in, one frame for each line that is not empty."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one line."""
        self.cut = False
        self._limit = limit
        self._buffer = b""

    def feed(self, data: bytes, at: int) -> Iterator[Frame]:
        """The lines that are whole with these bytes."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > self._limit:
            self._buffer, self.cut = b"", True
        for line in lines:
            yield from self._frame(line, at)

    def end(self, at: int) -> Iterator[Frame]:
        """The last line, when no line feed ended it."""
        rest, self._buffer = self._buffer, b""
        yield from self._frame(rest, at)

    def _frame(self, line: bytes, at: int) -> Iterator[Frame]:
        if len(line) > self._limit:
            self.cut = True
        elif line.strip():
            yield Frame(at, "json", "", redact.text(line.strip()).decode("utf-8", "replace"))
