"""One message body: decoded, and either held up to a limit or, for a stream, turned into frames as it arrives.

What it is, `shape` says. Until it can, the first bytes wait with their times. Beyond the limit JSON is skimmed,
files of a multipart body are left out, and of media nothing is kept: `size` counts every byte.
"""

from collections.abc import Callable
from typing import Final, Protocol

from hexr_autoinst.model.exchange import Frame, Headers
from hexr_autoinst.wire.awsevents import AwsEvents
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.decode import PLAIN, Decoder
from hexr_autoinst.wire.hold import BOM, Hold
from hexr_autoinst.wire.jsonarray import JsonArray
from hexr_autoinst.wire.jsonlines import JsonLines
from hexr_autoinst.wire.kind import kind
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.multipart import Multipart
from hexr_autoinst.wire.shape import FIRST_LINE, Shape, shape
from hexr_autoinst.wire.sse import EventStream

# Some gateways pad an answer with kilobytes of blank lines before its first word.
_PADDING_MAX: Final = 1 << 16
_UNKNOWN: Final = ("word", "line")
_WAITING_MAX: Final = {"word": _PADDING_MAX, "line": FIRST_LINE}


class _Framing(Protocol):
    """Decoded bytes in, frames out. `cut`: some frame was shortened; `broken`: some could not be read."""

    cut: bool

    @property
    def broken(self) -> bool: ...
    @property
    def buffered(self) -> int: ...
    def feed(self, piece: bytes, at: int) -> list[Frame]: ...
    def end(self, at: int, *, clean: bool = True) -> list[Frame]: ...
    def drop(self) -> None: ...


class Both(_Framing, Protocol):
    """Messages that come from both sides, until the exchange ends. `over`: nothing more is read of this side."""

    over: bool
    noise: int
    trailers: tuple[tuple[str, str], ...]

    def message(self, kind: str, data: bytes, at: int, *, more: bool) -> list[Frame]: ...
    def hole(self, n: int) -> None: ...


_FRAMINGS: Final[dict[Shape, Callable[[int], _Framing]]] = {
    "sse": EventStream, "lines": JsonLines, "array": JsonArray, "aws": AwsEvents,
}  # fmt: skip


class Body:
    """Collects one body. `size` counts decoded bytes, kept or not."""

    def __init__(
        self, headers: Headers, limits: Limits, budget: Budget, *, may_stream: bool, both: Both | None = None
    ) -> None:
        """`may_stream`: frames are looked for (answers), else the body is kept (requests). `both`: known to be its framing."""
        self.size = 0
        self.frames = 0
        self.cut = False
        self._limits = limits
        self._budget = budget
        self.kind = kind(headers.get("content-type"))
        self._sized = "content-length" in headers
        self._may_stream = may_stream
        coded = headers.all("content-encoding")
        self._decoder = Decoder(",".join(coded), limits.decoded) if coded else PLAIN
        parts = self.kind.boundary
        self._hold: Hold | Multipart | None = None
        if both is None:
            self._hold = Multipart(parts) if parts else Hold(limits.body)
        self.both = both
        self._framing: _Framing | None = both
        self._shape: Shape = "whole" if parts or both else "word"
        self._first: list[tuple[bytes, int]] = []  # what waits until the shape is known
        self._waiting = 0
        self._held = 0

    @property
    def broken(self) -> bool:
        """Whether the content, or some of it, could not be decoded."""
        return self._decoder.broken or (self._framing is not None and self._framing.broken)

    @property
    def truncated(self) -> bool:
        """Whether a limit cut something."""
        kept = self._hold is not None and self._hold.cut
        return self.cut or kept or self._decoder.full or (self._framing is not None and self._framing.cut)

    @property
    def streamed(self) -> bool:
        """Whether frames are all there is."""
        return self.frames > 0 and self._hold is None

    def feed(self, data: bytes, at: int) -> list[Frame]:
        """Take bytes as they came off the wire; the frames that they complete."""
        if self._decoder.plain:
            self.size += len(data)
            # Of a stream that is known to be one nothing is left to decide and nothing is kept: as nearly all pieces are.
            known = self._framing if self._hold is None else None
            frames = known.feed(data, at) if known is not None else self._take(data, at)
        else:
            frames = []
            for plain in self._decoder.pieces(data):
                self.size += len(plain)
                frames += self._take(plain, at)
        self.frames += len(frames)
        self._account()
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:
        """The body is over; where it was cut (`clean` false), its last unfinished line is nothing."""
        frames = self._settle(over=True)
        if self._framing is not None:
            frames += self._framing.end(at, clean=clean)
        self.frames += len(frames)
        self._account()
        return frames

    def message(self, kind: str, data: bytes, at: int, *, more: bool) -> list[Frame]:
        """Take a piece of a message that a plane has parsed; the frame that it completes."""
        self.size += len(data)
        frames = self.both.message(kind, data, at, more=more) if self.both is not None else []
        self.frames += len(frames)
        self._account()
        return frames

    def hole(self, n: int) -> None:
        """`n` bytes are missing here (-1: nobody knows how many)."""
        if self.both is not None:
            self.both.hole(n)
            self._account()

    def take(self) -> bytes:
        """The kept bytes; the budget is free of them afterwards."""
        self._keep_first()
        self.cut = self.truncated
        whole = self._hold.take() if self._hold is not None else b""
        self._account()
        return whole

    def drop(self) -> None:
        """Forget all of it: nothing of this body is told any more."""
        self._first, self._waiting, self._shape = [], 0, "nothing"
        self._hold = self._framing = None
        self._account()

    def sacrifice(self) -> None:
        """Give memory back because too much is held: what can be kept short is, at the second time nothing."""
        self._keep_first()
        if self._framing is not None:
            self._framing.drop()
            self._hold = None
        elif self._hold is not None:
            self._hold.shrink()
        self._account()

    def _take(self, plain: bytes, at: int) -> list[Frame]:
        if self._shape not in _UNKNOWN:
            return self._give(plain, at)
        if not plain:
            return []
        self._first.append((plain, at))
        self._waiting += len(plain)
        # What cannot decide is not looked at again with each piece.
        decides = not plain.isspace() if self._shape == "word" else b"\n" in plain
        return self._settle() if decides or self._waiting > _WAITING_MAX[self._shape] else []

    def _settle(self, *, over: bool = False) -> list[Frame]:
        """Decide what this is, if it can be; the frames of what waited for it."""
        if self._shape not in _UNKNOWN:
            return []
        start = self._first[0][0] if len(self._first) == 1 else b"".join([piece for piece, _ in self._first])
        words = start.lstrip()
        found = self._found(words, len(start) - len(words), over=over)
        self._shape = found
        if found in _UNKNOWN:
            return []
        first, self._first, self._waiting = self._first, [], 0
        if found in _FRAMINGS:
            self._framing = _FRAMINGS[found](self._limits.frame)
            first = _without(first, len(start) - len(words.removeprefix(BOM).lstrip()))
        if found not in ("whole", "array"):
            self._hold = None
        if len(first) == 1:
            return self._give(*first[0])
        return [frame for piece, at in first for frame in self._give(piece, at)]

    def _found(self, words: bytes, padding: int, *, over: bool) -> Shape:
        if padding > _PADDING_MAX or not words:
            return "whole" if over or padding > _PADDING_MAX else "word"
        found = shape(self.kind.media, words, sized=self._sized, over=over, streams=self._may_stream)
        if self._may_stream or found in _UNKNOWN:
            return found
        return "nothing" if found in ("nothing", "aws") else "whole"

    def _give(self, plain: bytes, at: int) -> list[Frame]:
        if self._hold is not None:
            self._hold.add(plain)
            if self._framing is not None and self._hold.cut:
                self._hold = None  # too long for both: its frames tell it
        return self._framing.feed(plain, at) if self._framing is not None else []

    def _keep_first(self) -> None:
        """What waits will not be a stream any more."""
        if self._shape in _UNKNOWN:
            first, self._first, self._waiting, self._shape = self._first, [], 0, "whole"
            for piece, at in first:
                self._give(piece, at)

    def _account(self) -> None:
        framing, hold = self._framing, self._hold
        held = self._waiting
        if framing is not None:
            held += framing.buffered
        if hold is not None:
            held += hold.held
        if held != self._held:
            self._budget.used += held - self._held
            self._held = held


def _without(pieces: list[tuple[bytes, int]], n: int) -> list[tuple[bytes, int]]:
    """The pieces without their first `n` bytes: padding and a mark of byte order are no part of a first line."""
    kept = []
    for piece, at in pieces:
        kept.append((piece[n:], at))
        n = max(0, n - len(piece))
    return kept
