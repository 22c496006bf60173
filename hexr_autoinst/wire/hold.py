"""The bytes of one body, event or line: whole up to a limit; beyond it what `skim` leaves of JSON, or a beginning of other text.

What is held is not redacted; what `take` gives is about to be. There names stand beside their values, and where
a text was cut no half of a word is left: a secret is whole or gone.
"""

import re
from typing import Final, Literal

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.jsontext import snip
from hexr_autoinst.wire.skim import Skim

BOM: Final = b"\xef\xbb\xbf"
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+[\[{]")


class Hold:
    """`cut`: not all of it was kept. `lost`: nothing was, and nothing more is."""

    __slots__ = ("_limit", "_parts", "_plain", "_size", "_skim", "cut", "lost")

    def __init__(self, limit: int) -> None:
        """`limit`: bytes that are held as they came."""
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._skim: Skim | None = None
        self._plain = False  # too long, and no JSON
        self.cut = self.lost = False

    @property
    def held(self) -> int:
        """Bytes held."""
        return self._skim.held if self._skim else self._size

    def add(self, piece: bytes) -> None:
        """Take bytes."""
        if self._skim is not None:
            self._skim.feed(piece)
        elif self._size + len(piece) <= self._limit and not self.cut:
            self._parts.append(piece)
            self._size += len(piece)
        elif not self._plain and not self.lost:
            self._beyond(piece)

    def shrink(self) -> None:
        """Give memory back: keep what can be kept short, at the second time nothing."""
        if self._skim is None and self._size and not self._plain:
            self._beyond(b"")
            self.lost = self._plain
        else:
            self.lost = self.held > 0
        if self.lost:
            self.cut = True
            self._parts, self._size, self._skim = [], 0, None

    def take(self) -> bytes:
        """What was kept; it is held no longer."""
        if self._skim is not None:
            kept = self._skim.end()
        else:
            kept = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            kept = snip(kept) if self._plain else kept
        self._parts, self._size, self._skim, self._plain = [], 0, None, False
        self.cut = self.lost = False
        return kept

    def _beyond(self, piece: bytes) -> None:
        """The limit is passed with this piece."""
        self.cut = True
        start = b"".join((*self._parts, piece))
        self._parts, self._size = [], 0
        if _JSON.match(start):
            self._skim = Skim()
            self._skim.feed(start.removeprefix(BOM))
        else:
            self._plain = True
            self._parts, self._size = [start[: self._limit]], min(len(start), self._limit)


def frame_of(
    hold: Hold, at: int, kind: Literal["sse", "json", "aws"], event: str = "", *, trim: bytes = b""
) -> Frame:
    """What was held, as a frame; the next one is held after it. `trim`: what may stand around it."""
    cut, said = hold.cut, hold.take()
    return Frame(
        at, kind, event, redact.text(said.strip(trim) if trim else said).decode("utf-8", "replace"), cut
    )


class Piece:
    """The first bytes of a binary message. `cut`: it was longer."""

    __slots__ = ("_limit", "_parts", "_room", "cut", "held")

    def __init__(self, limit: int) -> None:
        """`limit`: bytes that are held."""
        self._limit = self._room = limit
        self._parts: list[bytes] = []
        self.held = 0
        self.cut = False

    def add(self, piece: bytes) -> None:
        """Take bytes."""
        if len(piece) > self._room:
            self.cut = True
            piece = piece[: self._room]
        if piece:
            self._parts.append(piece)
            self.held += len(piece)
            self._room -= len(piece)

    def shrink(self) -> None:
        """Give the memory back: nothing more is held of this message."""
        if self.held:
            self._parts, self.held, self._room, self.cut = [], 0, 0, True

    def take(self) -> bytes:
        """What was kept; the next message is held after it."""
        kept = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self.held, self._room, self.cut = [], 0, self._limit, False
        return kept
