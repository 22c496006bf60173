r"""The objects of a top-level JSON array to frames, each as it ends: `[{…}\n,{…}\n…]` is how some servers stream.

What stands between them, and elements that are no objects, is passed over.
"""

import re
from collections.abc import Iterator
from typing import Final

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire.hold import Hold, frame_of
from hexr_autoinst.wire.jsontext import INSIDE, WHOLE

_QUOTE, _OBJECT = b'"{'
_WINDOW: Final = 64 << 10
_BETWEEN: Final = re.compile(rb"[\x00-!#-Z\\^-z|~-\xff]*+")


class JsonArray:
    """Decoded bytes in, from the array's bracket on; frames out."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one element that are held as they came."""
        self.cut = self.broken = False
        self._hold = Hold(limit)
        self._depth = 0
        self._quoted = self._escaped = False
        self._inside = False  # an element that is an object
        self._over = False

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return self._hold.held

    def drop(self) -> None:
        """Give back what the unfinished element holds; one whose beginning is gone is no frame."""
        self._hold.shrink()
        self.cut = self.cut or self._hold.cut

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The elements that are whole with these bytes."""
        return list(self._frames(piece, at))

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:  # noqa: ARG002 - as the others
        """An element that did not end is no frame."""
        self._hold.take()
        return []

    def _frames(self, piece: bytes, at: int) -> Iterator[Frame]:
        begin = 0  # of the element, or of what of it is in this piece
        place = self._unquoted(piece, 0) if self._quoted else 0
        while not self._over:
            found = _BETWEEN.match(piece, place)
            place = found.end() if found else place
            if place >= len(piece):
                break
            if self._depth == 1 and piece[place] == _OBJECT:
                begin = place
                if whole := WHOLE.match(piece, place, place + _WINDOW):
                    place = whole.end()
                    yield from self._element(whole.group(), at)
                    continue
                self._inside = True
            place = self._step(piece, place)
            if self._depth == 1 and self._inside:
                self._inside = False
                yield from self._element(piece[begin:place], at)
        if self._inside:
            self._hold.add(piece[begin:])

    def _step(self, piece: bytes, place: int) -> int:
        """Over a string or a bracket."""
        if piece[place] == _QUOTE:
            return self._unquoted(piece, place + 1)
        self._depth += 1 if piece[place] in b"[{" else -1
        self._over = self._depth <= 0
        return place + 1

    def _unquoted(self, piece: bytes, place: int) -> int:
        """Over what is in a string and its quote, or as far as the bytes go."""
        found = INSIDE.match(piece, place + self._escaped)
        end = found.end() if found else len(piece)
        self._quoted = end >= len(piece) or piece[end] != _QUOTE
        self._escaped = end < len(piece) and self._quoted  # a backslash at the end
        return len(piece) if self._quoted else end + 1

    def _element(self, last: bytes, at: int) -> Iterator[Frame]:
        self._hold.add(last)
        self.cut = self.cut or self._hold.cut
        if self._hold.lost:
            self._hold.take()
        else:
            yield frame_of(self._hold, at, "json")
