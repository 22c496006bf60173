"""Amazon event streams (`application/vnd.amazon.eventstream`) to frames: binary messages with two checksums each.

https://smithy.io/2.0/aws/amazon-eventstream.html. A message is length, length of its headers, CRC of both, headers,
payload, CRC of all. A message whose own CRC fails is no frame: `damaged` counts it, and its length leads to the next
one. Where the lengths' CRC fails nobody knows where the next begins: the stream is read no further.
"""

import base64
import json
import struct
import zlib
from collections.abc import Generator
from typing import Final, TypeVar

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.hold import Hold, frame_of

_PRELUDE: Final = struct.Struct(">III")
_CRC: Final = 4
_LEAST: Final = _PRELUDE.size + _CRC
_HEADERS: Final = 128 << 10  # the format's own bound
_WORD: Final = 256
_ERROR: Final = 4096  # of an error's message
_STRING: Final = 7
# Bytes of a value of each type; of the two others the first two bytes say it. Booleans are types of their own.
_FIXED: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_COUNTED: Final = (6, _STRING)
_NAMED: Final = {"exception": ":exception-type", "error": ":error-code"}

_T = TypeVar("_T")
_Reading = Generator[bool, None, _T]  # yields when it needs more bytes


def begins(start: bytes) -> bool:
    """Whether twelve bytes are the beginning of a message: their checksum says so."""
    if len(start) < _PRELUDE.size:
        return False
    length, headers, crc = _PRELUDE.unpack(start[: _PRELUDE.size])
    return zlib.crc32(start[:8]) == int(crc) and headers <= _HEADERS and length >= headers + _LEAST


def strings(block: bytes) -> dict[str, str] | None:
    """The headers whose value is a string; None for a block that is no headers."""
    found: dict[str, str] = {}
    place = 0
    try:
        while place < len(block):
            end = place + 1 + block[place]
            name, kind = block[place + 1 : end], block[end]
            place = end + 1
            if kind in _COUNTED:
                (size,) = struct.unpack_from(">H", block, place)
                place += 2
            else:
                size = _FIXED[kind]
            if kind == _STRING:
                found[name.decode("utf-8", "replace")] = block[place : place + size].decode(
                    "utf-8", "replace"
                )
            place += size
    except (IndexError, KeyError, struct.error):
        return None
    return found if place == len(block) else None


class AwsEvents:
    """Decoded bytes in, frames out."""

    def __init__(self, limit: int) -> None:
        """`limit`: bytes of one payload that are held as they came."""
        self.cut = False
        self.damaged = 0
        self._astray = False
        self._bytes = bytearray()
        self._hold = Hold(limit)
        self._told: list[Frame] = []
        self._at = 0
        self._reading = self._messages()

    @property
    def broken(self) -> bool:
        """Whether a message could not be read, or nobody knows where the next one begins."""
        return self._astray or self.damaged > 0

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._bytes) + self._hold.held

    def drop(self) -> None:
        """Give back what the unfinished payload holds; one whose beginning is gone is no frame."""
        self._hold.shrink()
        self.cut = self.cut or self._hold.cut

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The messages that are whole with these bytes."""
        if self._astray:
            return []
        self._bytes += piece
        self._at = at
        self._astray = next(self._reading, True)
        if self._astray:
            self._bytes.clear()
        told, self._told = self._told, []
        return told

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:  # noqa: ARG002 - as the others
        """A message that did not end is no frame."""
        self._bytes.clear()
        self._hold.take()
        return []

    def _messages(self) -> _Reading[None]:
        while True:
            prelude = yield from self._take(_PRELUDE.size)
            if not begins(prelude):
                return
            length, size, _ = _PRELUDE.unpack(prelude)
            block = yield from self._take(size)
            crc = zlib.crc32(block, zlib.crc32(prelude))
            due = length - size - _LEAST
            while due:
                part = bytes(self._bytes[:due])
                if not part:
                    yield False
                del self._bytes[: len(part)]
                crc = zlib.crc32(part, crc)
                self._hold.add(part)
                due -= len(part)
            last = yield from self._take(_CRC)
            headers = strings(block)
            if headers is None or crc != int.from_bytes(last, "big"):
                self.damaged += 1
                self._hold.take()
            else:
                self._tell(headers)

    def _take(self, size: int) -> _Reading[bytes]:
        while len(self._bytes) < size:
            yield False
        taken = bytes(self._bytes[:size])
        del self._bytes[:size]
        return taken

    def _tell(self, headers: dict[str, str]) -> None:
        kind = headers.get(":message-type", "event")
        event = headers.get(_NAMED.get(kind, ":event-type"), "")[:_WORD]
        if kind != "event":
            event = f"{kind[:_WORD]}:{event}"
        self.cut = self.cut or self._hold.cut
        if self._hold.lost:
            self._hold.take()
            return
        if kind == "error" and not self._hold.held:
            self._hold.add(headers.get(":error-message", "")[:_ERROR].encode())
        elif not self._hold.cut:
            self._hold.add(_opened(self._hold.take()))
        self._told.append(frame_of(self._hold, self._at, "aws", redact.plain(event)))


def _opened(payload: bytes) -> bytes:
    """A payload without its wrapping: {"bytes": base64 of JSON}, beside which only padding stands.

    It is done here, before redaction, since no secret has its shape in base64.
    """
    if b'"bytes"' not in payload:
        return payload
    try:
        value = json.loads(payload)
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            return payload
        inner = base64.b64decode(value.get("bytes", ""), validate=True)
        return inner if inner.lstrip()[:1] == b"{" else payload
    except (ValueError, RecursionError):
        return payload
