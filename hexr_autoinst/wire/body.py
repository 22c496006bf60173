"""One message body: decoded, and either kept whole up to a limit or, for a stream, turned into frames as it arrives.

Whether an answer is a stream is told by its content type and by how it begins: servers send JSON errors
under an event-stream type, and event streams under other types or none.
"""

import re
from collections.abc import Iterator
from typing import Final

from hexr_autoinst.model.exchange import Frame, Headers
from hexr_autoinst.wire.decode import Decoder
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.sse import EventStream, JsonLines

_EVENTS: Final = "text/event-stream"
_JSON_LINES: Final = (
    "application/x-ndjson",
    "application/jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
)
_NO_STREAM: Final = ("text/html", "image/", "audio/", "video/", "application/octet-stream", "application/zip")
_EVENT_START: Final = re.compile(rb"(?:data|event|id|retry) ?:")
# Some gateways pad an answer with kilobytes of blank lines before its first word.
_PADDING_MAX: Final = 1 << 16


class Budget:
    """Bytes held by all bodies together."""

    def __init__(self, most: int) -> None:
        """`most`: beyond it the oldest bodies are cut."""
        self.most = most
        self.used = 0

    @property
    def exceeded(self) -> bool:
        """Whether something has to go."""
        return self.used > self.most


class Body:
    """Collects one body. `size` counts decoded bytes, kept or not."""

    def __init__(self, headers: Headers, limits: Limits, budget: Budget, *, may_stream: bool) -> None:
        """`may_stream`: frames are looked for (answers), else the body is kept whole (requests)."""
        self.size = 0
        self.frames = 0
        self.cut = False
        self._limits = limits
        self._most = limits.body
        self._budget = budget
        self._kind = headers.get("content-type").partition(";")[0].strip().lower()
        self._decoder = Decoder(",".join(headers.all("content-encoding")), limits.body)
        self._parts: list[bytes] = []
        self._held = 0
        self._stream: EventStream | JsonLines | None = None
        self._undecided = may_stream and not self._kind.startswith(_NO_STREAM)
        self._blank = True  # nothing but padding so far

    @property
    def broken(self) -> bool:
        """Whether the content could not be decoded."""
        return self._decoder.broken

    @property
    def truncated(self) -> bool:
        """Whether a limit cut something."""
        return self.cut or self._decoder.full or (self._stream is not None and self._stream.cut)

    def feed(self, data: bytes, at: int) -> Iterator[Frame]:
        """Take bytes as they came off the wire; the frames that they complete."""
        plain = self._decoder.feed(data)
        self.size += len(plain)
        if self._stream is not None:
            self._decoder.renew()
            yield from self._frames(plain, at)
            return
        self._keep(plain)
        if self._undecided and plain:
            yield from self._decide(at)

    def end(self, at: int, *, clean: bool = True) -> Iterator[Frame]:
        """The body is over; where it was cut (`clean` false), its last unfinished line is nothing."""
        if self._stream is not None:
            yield from self._counted(self._stream.end(at, clean=clean))

    def take(self) -> bytes:
        """The kept bytes; the budget is free of them afterwards."""
        whole = b"".join(self._parts)
        self.drop()
        return whole

    def drop(self) -> None:
        """Forget the kept bytes."""
        self._budget.used -= self._held
        self._parts, self._held = [], 0

    def sacrifice(self) -> None:
        """Give the kept bytes back because too many are held: the body is cut from here on."""
        self.cut = self.cut or self._held > 0
        self.drop()
        self._most = 0
        if self._stream is not None:
            self._stream.drop()

    def _frames(self, plain: bytes, at: int) -> Iterator[Frame]:
        """A stream holds its unfinished frame only."""
        stream = self._stream
        if stream is None:
            return
        yield from self._counted(stream.feed(plain, at))
        if stream.buffered != self._held:
            self._budget.used += stream.buffered - self._held
            self._held = stream.buffered

    def _keep(self, data: bytes) -> None:
        kept = data[: max(0, self._most - self._held)]
        if len(kept) < len(data):
            self.cut = True
        if kept:
            self._parts.append(kept)
            self._held += len(kept)
            self._budget.used += len(kept)

    def _decide(self, at: int) -> Iterator[Frame]:
        if self._blank and self._parts and not self._parts[-1].strip():
            self._undecided = self._held <= _PADDING_MAX
            return  # padding in single bytes is not put together again for each of them
        self._blank = False
        start = b"".join(self._parts)
        words = start.lstrip()
        if not words or (len(words) < 6 and words[:1] in b"deir:\xef"):
            self._undecided = len(start) <= _PADDING_MAX
            return
        self._undecided = False
        self._stream = self._chosen(words)
        if self._stream is not None:
            self.drop()
            yield from self._frames(start.lstrip(), at)  # padding is no part of the first line

    def _chosen(self, words: bytes) -> EventStream | JsonLines | None:
        words = words.removeprefix(b"\xef\xbb\xbf")
        if self._kind in _JSON_LINES:
            return JsonLines(self._limits.frame)
        if _EVENT_START.match(words) or (self._kind == _EVENTS and words[:1] not in b"{[<"):
            return EventStream(self._limits.frame)
        return None

    def _counted(self, frames: list[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self.frames += 1
            yield frame
