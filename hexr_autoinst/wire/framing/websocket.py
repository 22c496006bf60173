"""WebSocket messages (RFC 6455) of one side, to frames: unmasked, put together, decompressed.

An observer refuses nothing: which side masks is not held against it, text that is no UTF-8 is told with marks. Pings are
passed over. A binary message that is JSON is told as text. The first close ends what is told of its side; the other side's answer to it is no frame (the plane that
parses hears one close, and both planes must tell the same), so the two sides share what was closed.
"""

import re
from collections.abc import Iterator
from typing import Final

import orjson

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.model.facts import Side
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.framing.deflate import Agreed, Inflate
from hexr_autoinst.wire.hold import Hold, Piece
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.redact_raw import raw

_MORE, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_OPCODES: Final = frozenset((_MORE, _TEXT, _BINARY, _CLOSE, _PING, _PONG))
_CONTROL: Final = 125
_PLANE: Final = {"text": _TEXT, "binary": _BINARY}
# A message's first frame, as it may stand at the beginning of a read: what a reader that lost its place looks for.
_FIRST: Final = {
    "request": re.compile(rb"[\x01\x02\x81\x82\xc1\xc2\x88-\x8a][\x80-\xff]"),
    "response": re.compile(rb"[\x01\x02\x81\x82\xc1\xc2\x88-\x8a][\x00-\x7f]"),
}
_LENGTH: Final = {126: 2, 127: 8}  # bytes of a length that does not fit


class Closing:
    """What both sides of a connection know: whether a close was told."""

    told = False


class WebSocket:
    """Bytes of one side in, frames out."""

    def __init__(self, side: Side, limits: Limits, agreed: Agreed, closing: Closing) -> None:
        """`agreed`: what the handshake's answer says of compression."""
        self.cut = self.broken = self.over = False
        self.noise = 0
        self.trailers: tuple[tuple[str, str], ...] = ()
        self._side: Side = side
        self._closing = closing
        self._inflate = Inflate(limits.decoded, fresh=side in agreed.fresh) if agreed.deflate else None
        self._head = bytearray()
        self._need = 2
        self._mask = b""
        self._left = 0
        self._opcode = 0
        self._final = False
        self._kind = 0  # of the message in progress; 0: none, or one whose beginning was not seen
        self._packed = False
        self._text, self._bytes = Hold(limits.frame), Piece(limits.frame)
        self._control = b""
        self._damaged = self._astray = False

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return self._text.held + self._bytes.held

    def drop(self) -> None:
        """Give back what the unfinished message holds."""
        self._text.shrink()
        self._bytes.shrink()
        self.cut = self.cut or self._text.cut or self._bytes.cut

    def hole(self, n: int) -> None:
        """`n` bytes are missing (-1: nobody knows how many). The message they are in is no frame."""
        self.broken = self._damaged = True
        if self._inflate is not None:
            self._inflate.lost = True
        if 0 < n <= self._left:
            self._left -= n
            self._mask = _turned(self._mask, n)
            if not self._left:
                self._after(0)
        else:
            self._astray, self._kind, self._left, self._need = True, 0, 0, 2
            self._head.clear()
            self._forget()

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The messages that are whole with these bytes."""
        if self._astray and not self._found(piece):
            return []
        frames: list[Frame] = []
        place, end = 0, len(piece)
        while place < end and not self.over:
            if self._left:
                taken = piece[place : place + self._left]
                place += len(taken)
                self._left -= len(taken)
                self._payload(taken)
            else:
                taken = piece[place : place + self._need - len(self._head)]
                place += len(taken)
                self._head += taken
                if len(self._head) < self._need or not self._headed():
                    continue
            if not self._left:
                frames += self._after(at)
        return frames

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:  # noqa: ARG002 - as the others
        """A message that did not end is no frame."""
        self._forget()
        return []

    def message(self, kind: str, data: bytes, at: int, *, more: bool) -> list[Frame]:
        """A piece of a message, from a plane that parses."""
        if kind == "close":
            return self._close(data, at)
        self._kind = _PLANE.get(kind, _BINARY)
        self._add(data)
        return [] if more else self._tell(at)

    def _found(self, piece: bytes) -> bool:
        """Whether a frame of a new message begins with this piece."""
        self._astray = _FIRST[self._side].match(piece) is None
        return not self._astray

    def _headed(self) -> bool:
        """Read the head of a frame; False: more of it is to come."""
        first, second = self._head[0], self._head[1]
        size = second & 0x7F
        self._need = 2 + _LENGTH.get(size, 0) + (4 if second & 0x80 else 0)
        if len(self._head) < self._need:
            return False
        self._opcode, self._final = first & 0x0F, bool(first & 0x80)
        end = self._need - 4 if second & 0x80 else self._need
        self._left = int.from_bytes(self._head[2:end], "big") if size > 125 else size
        self._mask = bytes(self._head[end:])
        self._head.clear()
        self._need = 2
        if (
            self._opcode not in _OPCODES
            or first & 0x30
            or (self._opcode >= _CLOSE and (size > _CONTROL or not self._final))
        ):
            self.broken = self.over = True
            self._left = 0
            self._forget()
            return False
        if self._opcode in (_TEXT, _BINARY):
            self._kind, self._packed, self._damaged = self._opcode, bool(first & 0x40), False
            self._forget()
            if self._inflate is not None:
                self._inflate.begin()
        return True

    def _payload(self, data: bytes) -> None:
        if self._mask:
            data, self._mask = _unmasked(data, self._mask), _turned(self._mask, len(data))
        if self._opcode >= _CLOSE:
            self._control += data
        elif self._packed and self._kind:
            for plain in self._unpacked(data):
                self._add(plain)
        else:
            self._add(data)

    def _unpacked(self, data: bytes, *, last: bool = False) -> Iterator[bytes]:
        """A piece that does not unpack breaks its message at once, however the bytes after it are cut."""
        if self._inflate is not None and not self._inflate.lost:
            yield from self._inflate.end() if last else self._inflate.feed(data)
        if self._inflate is None or self._inflate.lost:
            self.broken = self._damaged = True

    def _add(self, data: bytes) -> None:
        if self._kind == _TEXT:
            self._text.add(data)
        elif self._kind == _BINARY:
            self._bytes.add(data)

    def _after(self, at: int) -> list[Frame]:
        """A frame is whole."""
        if self._opcode >= _CLOSE:
            data, self._control = self._control, b""
            return self._close(data, at) if self._opcode == _CLOSE else []
        if not self._final or not self._kind:
            return []
        if self._packed:
            for plain in self._unpacked(b"", last=True):
                self._add(plain)
        return self._tell(at)

    def _tell(self, at: int) -> list[Frame]:
        kind, self._kind = self._kind, 0
        if self._damaged or self._text.lost:
            self.broken = self.broken or self._damaged
            self._forget()
            self._damaged = False
            return []
        if kind == _TEXT:
            cut, said = self._text.cut, redact.text(self._text.take())
            self.cut = self.cut or cut
            return [Frame(at, "ws", "", said.decode("utf-8", "replace"), cut, self._side)]
        cut, data = self._bytes.cut, self._bytes.take()
        self.cut = self.cut or cut
        if _is_json(data):  # Google's Live sends its JSON so
            return [Frame(at, "ws", "", redact.text(data).decode("utf-8", "replace"), cut, self._side)]
        return [Frame(at, "ws", "", "", cut, self._side, raw(data, cut=cut))]

    def _close(self, data: bytes, at: int) -> list[Frame]:
        self.over = True
        self._forget()
        if self._closing.told:
            return []
        self._closing.told = True
        code = str(int.from_bytes(data[:2], "big")) if len(data) >= 2 else ""
        reason = redact.text(data[2:]).decode("utf-8", "replace")
        return [Frame(at, "ws", "close", f"{code} {reason}".strip(), cut=False, side=self._side)]

    def _forget(self) -> None:
        if self._text.held or self._text.cut:
            self._text.take()
        if self._bytes.held or self._bytes.cut:
            self._bytes.take()


def _is_json(data: bytes) -> bool:
    """Whether a binary message is an object in JSON all the same: as text it is redacted by its names."""
    if data[:1] != b"{":
        return False
    try:
        return isinstance(orjson.loads(data), dict)
    except ValueError:
        return False


def _unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")


def _turned(mask: bytes, n: int) -> bytes:
    """The mask as it stands `n` bytes later."""
    n %= 4
    return mask[n:] + mask[:n]


def pair(limits: Limits, extensions: str) -> tuple[WebSocket, WebSocket]:
    """The client's and the server's side of a connection; `extensions` as the server agreed to them."""
    agreed, closing = Agreed.read(extensions), Closing()
    return WebSocket("request", limits, agreed, closing), WebSocket("response", limits, agreed, closing)
