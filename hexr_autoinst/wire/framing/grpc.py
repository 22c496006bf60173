"""Messages of gRPC (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) and gRPC-Web, either side of an exchange.

A message is a flag, four bytes of length, and as many bytes, compressed by `grpc-encoding` where the flag says so. In
gRPC-Web the trailers are one more such message, and `-text` is base64 of all. What does not begin as a message is read
no further: nobody knows where the next begins.
"""

import binascii
import re
from typing import Final

from hexr_autoinst.model.exchange import Frame, Headers
from hexr_autoinst.model.facts import Side
from hexr_autoinst.wire import fieldlines
from hexr_autoinst.wire.decode import Decoder
from hexr_autoinst.wire.hold import Piece
from hexr_autoinst.wire.redact_raw import raw

MEDIA: Final = "application/grpc"
_WEB: Final = "application/grpc-web"
_HEAD: Final = 5
_COMPRESSED, _TRAILERS = 0x01, 0x80
# Groups of four letters, each ending where padding stands: it may come in the middle, at the end of a message.
_GROUPS: Final = re.compile(rb"[^=]*={0,2}")
_ENCODINGS: Final = {"gzip": "gzip", "deflate": "deflate", "identity": "", "": "", "zstd": "zstd", "br": "br"}


class Grpc:
    """Bytes of one side's body in, frames out."""

    def __init__(self, headers: Headers, side: Side, limit: int) -> None:
        """`headers`: of the message that this is the body of. `limit`: bytes of one message that are kept."""
        kind = headers.get("content-type").lower()
        self.cut = self.broken = self.over = False
        self.noise = 0
        self.trailers: tuple[tuple[str, str], ...] = ()
        self._side = side
        self._limit = limit
        self._encoding = _ENCODINGS.get(headers.get("grpc-encoding").strip().lower())
        self._web = kind.startswith(_WEB)
        self._text = bytearray() if kind.startswith(_WEB + "-text") else None
        self._head = bytearray()
        self._flag = 0
        self._left = 0
        self._kept = Piece(limit)

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return self._kept.held + len(self._head)

    def drop(self) -> None:
        """Give back what the unfinished message holds: it will be told without a byte."""
        self._kept.shrink()

    def hole(self, n: int) -> None:
        """`n` bytes are missing (-1: nobody knows how many). The message they are in is no frame."""
        inside = len(self._head) == _HEAD and 0 < n < self._left and self._text is None
        self.broken = True
        if inside:
            self._left -= n
            self._flag = -1
        else:
            self.over = True
            self._kept.take()

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The messages that are whole with these bytes."""
        if self._text is not None:
            piece = self._plain(piece)
        frames: list[Frame] = []
        place, end = 0, len(piece)
        while place < end and not self.over:
            if len(self._head) < _HEAD:
                taken = piece[place : place + _HEAD - len(self._head)]
                place += len(taken)
                self._head += taken
                if len(self._head) < _HEAD or not self._begin():
                    break
            taken = piece[place : place + self._left]
            place += len(taken)
            self._left -= len(taken)
            self._kept.add(taken)
            if not self._left:
                frames += self._message(at)
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:  # noqa: ARG002 - as the others
        """A message that did not end is no frame."""
        self._kept.take()
        self._head.clear()
        return []

    def message(self, kind: str, data: bytes, at: int, *, more: bool) -> list[Frame]:  # noqa: ARG002 - as the others
        """No plane parses these."""
        return []

    def _plain(self, piece: bytes) -> bytes:
        self._text = (self._text or bytearray()) + piece
        whole = len(self._text) & ~3
        groups = _GROUPS.findall(bytes(self._text[:whole]))
        del self._text[:whole]
        try:
            return b"".join([binascii.a2b_base64(group, strict_mode=True) for group in groups if group])
        except binascii.Error:
            self.broken = self.over = True
            return b""

    def _begin(self) -> bool:
        """Read the head of a message; False where it is none."""
        self._flag, self._left = self._head[0], int.from_bytes(self._head[1:], "big")
        if self._flag & ~(_COMPRESSED | (_TRAILERS if self._web else 0)):
            self.broken = self.over = True
            self._head.clear()
            self._kept.take()
        return not self.over

    def _message(self, at: int) -> list[Frame]:
        flag, cut = self._flag, self._kept.cut
        self._head.clear()
        data = self._kept.take()
        if flag < 0:
            return []
        if flag & _COMPRESSED:
            data, cut = self._decoded(data, cut=cut)
        if flag & _TRAILERS:
            self.trailers = fieldlines.split(data)
            return []
        self.cut = self.cut or cut
        return [Frame(at, "grpc", "", "", cut, self._side, raw(data, cut=cut))]

    def _decoded(self, data: bytes, *, cut: bool) -> tuple[bytes, bool]:
        if self._encoding is None:
            self.broken = True
            return b"", True
        decoder = Decoder(self._encoding, self._limit)
        plain = decoder.feed(data)
        self.broken = self.broken or decoder.broken
        return plain[: self._limit], cut or decoder.full or decoder.broken
