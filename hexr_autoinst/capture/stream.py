"""Facts on a byte stream (socket or recording): a JSON header line, then length-prefixed msgpack facts.

The header says `version`, `role` (camera, tap, recording), and for a recording host salt, key,
host and clock offset. A length is 4 bytes, big-endian; a frame longer than MAX_FRAME is a WireError.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any, Final

import msgpack

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.codec import VERSION, decode, encode
from hexr_autoinst.model.facts import Fact

MAX_FRAME: Final = 1 << 20
MAX_HEADER: Final = 1 << 16
_LENGTH: Final = struct.Struct(">I")


def header(role: str, **more: Any) -> bytes:
    """The first line of a stream."""
    return json.dumps({"version": VERSION, "role": role, **more}).encode() + b"\n"


def frame(fact: Fact) -> bytes:
    """One fact, ready to be written."""
    body: bytes = msgpack.packb(encode(fact), use_bin_type=True)
    return _LENGTH.pack(len(body)) + body


class Reader:
    """Bytes in, facts out. `header` is None until the first line is whole."""

    def __init__(self) -> None:
        """Start before the header line."""
        self.header: dict[str, Any] | None = None
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that are not yet a whole fact."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Fact]:
        """The facts that are whole with these bytes; WireError on what cannot be a stream of facts."""
        self._buffer += data
        if self.header is None and not self._read_header():
            return
        start = 0
        try:
            while len(self._buffer) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._buffer, start)
                if length > MAX_FRAME:
                    raise WireError(detail=f"a fact of {length} bytes")
                end = start + _LENGTH.size + length
                if len(self._buffer) < end:
                    break
                body = bytes(self._buffer[start + _LENGTH.size : end])
                start = end
                yield _decoded(body)
        finally:
            del self._buffer[:start]

    def _read_header(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > MAX_HEADER:
                raise WireError(detail="no header line")
            return False
        try:
            found = json.loads(self._buffer[:end])
        except ValueError as error:
            raise WireError(detail=f"the header line is not JSON: {error}") from None
        if not isinstance(found, dict) or found.get("version") != VERSION:
            raise WireError(detail=f"the header line does not say version {VERSION}")
        self.header = found
        del self._buffer[: end + 1]
        return True


def _decoded(body: bytes) -> Fact:
    try:
        return decode(msgpack.unpackb(body, raw=False, strict_map_key=False))
    except Exception as error:  # msgpack raises many kinds; all mean the same here
        raise WireError(detail=f"not a fact: {error}") from error
