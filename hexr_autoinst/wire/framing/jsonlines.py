"""JSON-RPC on pipes, one side: a frame for each line of JSON (https://modelcontextprotocol.io, transport `stdio`).

A line ends with LF, CRLF, or NUL (Chrome's debugging pipe). What a program prints beside it is no frame: `noise` counts
such lines. Of a line that is too long `hold` keeps what is short in it.
"""

import json
import re
from typing import Final

import orjson

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.model.facts import Side
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.hold import BOM, Hold

_SPACE: Final = b" \t\r"
_END: Final = re.compile(rb"[\n\0]")
_BEGINS: Final = (b"{", b"[")


class Lines:
    """Bytes of one side in, frames out."""

    def __init__(self, side: Side, limit: int, *, joined: bool) -> None:
        """`limit`: bytes of one line that are held as they came. `joined`: the first bytes may be the end of a line."""
        self.cut = self.broken = self.over = False
        self.noise = 0
        self.trailers: tuple[tuple[str, str], ...] = ()
        self._side: Side = side
        self._hold = Hold(limit)
        self._joined = joined
        self._torn = False

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return self._hold.held

    def drop(self) -> None:
        """Give back what the unfinished line holds; one whose beginning is gone is no frame."""
        self._hold.shrink()
        self.cut = self.cut or self._hold.cut

    def hole(self, n: int) -> None:  # noqa: ARG002 - a line has no length
        """Bytes are missing: the line they are in is no frame."""
        self._torn = True
        self._hold.take()

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The lines that are whole with these bytes."""
        if self._joined:
            self._joined, self._torn = False, not piece.startswith(_BEGINS)
        *whole, rest = _END.split(piece)
        frames: list[Frame] = []
        for line in whole:
            if line and not self._torn:
                self._hold.add(line if self._hold.held else line.lstrip(_SPACE))
            frames += self._line(at)
        if rest and not self._torn:
            self._hold.add(rest if self._hold.held else rest.lstrip(_SPACE))
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:
        """The last line, when nothing ended it."""
        if not clean:
            self._hold.take()
        return self._line(at)

    def message(self, kind: str, data: bytes, at: int, *, more: bool) -> list[Frame]:  # noqa: ARG002 - as the others
        """No plane parses these."""
        return []

    def _line(self, at: int) -> list[Frame]:
        torn, self._torn = self._torn, False
        cut, lost, said = self._hold.cut, self._hold.lost, self._hold.take()
        if torn or lost or not (said := said.removeprefix(BOM).strip(_SPACE)):
            return []
        if not is_line(said):
            self.noise += 1
            return []
        self.cut = self.cut or cut
        return [Frame(at, "line", "", redact.text(said).decode("utf-8", "replace"), cut, self._side)]


def is_line(said: bytes) -> bool:
    """Whether this is an object or a list of JSON."""
    if not said.startswith(_BEGINS) or said[-1:] not in (b"}", b"]"):
        return False
    try:
        orjson.loads(said)
    except ValueError:
        return _is_loose(said)
    return True


def _is_loose(said: bytes) -> bool:
    """What orjson refuses and others write: NaN, lone surrogates."""
    try:
        json.loads(said)
    except (ValueError, RecursionError):
        return False
    return True
