"""JSON lines (https://jsonlines.org, RFC 7464's sequences) to frames, as they arrive: one for each line that is not empty."""

from typing import Final

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire.hold import Hold, frame_of

_SPACE: Final = b" \t\r\x1e"  # RS: RFC 7464


class JsonLines:
    """Decoded bytes in, frames out."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one line that are held as they came."""
        self.cut = self.broken = False
        self._hold = Hold(limit)

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return self._hold.held

    def drop(self) -> None:
        """Give back what the unfinished line holds; one whose beginning is gone is no frame."""
        self._hold.shrink()
        self.cut = self.cut or self._hold.cut

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The lines that are whole with these bytes."""
        *whole, rest = piece.split(b"\n")
        frames: list[Frame] = []
        for line in whole:
            self._hold.add(line if self._hold.held else line.lstrip(_SPACE))
            frames += self._take(at)
        if rest:
            self._hold.add(rest if self._hold.held else rest.lstrip(_SPACE))
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:
        """The last line, when no line feed ended it."""
        if not clean:
            self._hold.take()
        return self._take(at)

    def _take(self, at: int) -> list[Frame]:
        self.cut = self.cut or self._hold.cut
        if self._hold.lost or not self._hold.held:
            self._hold.take()
            return []
        return [frame_of(self._hold, at, "json", trim=_SPACE)]
