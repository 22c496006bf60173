"""Protocol buffers on the wire, read without a schema: fields by their number. https://protobuf.dev/programming-guides/encoding/

What is no message reads as a message without fields; nothing raises, and nothing is read twice.
"""

from collections.abc import Iterator
from typing import Final

from hexr_autoinst.dissect.lenient import clean

_MOST: Final = 10_000  # fields of one message
VARINT, I64, LEN, I32 = 0, 1, 2, 5
_FIXED: Final = {I64: 8, I32: 4}
_LONGEST: Final = 10  # bytes of a varint of 64 bits

Value = int | bytes


def fields(data: bytes) -> Iterator[tuple[int, Value]]:
    """The fields in order, as far as they can be read: numbers (varint) and bytes (length-delimited)."""
    return ((number, value) for number, kind, value in every(data) if kind not in _FIXED)


def every(data: bytes) -> Iterator[tuple[int, int, Value]]:
    """Number, wire type and value of each field; of one with a fixed size its bytes."""
    at = count = 0
    while at < len(data) and count < _MOST:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if at < 0 or number == 0:
            return
        count += 1
        if kind == VARINT:
            value, at = _varint(data, at)
            if at < 0:
                return
            yield number, kind, value
        elif kind == LEN:
            size, at = _varint(data, at)
            if at < 0 or at + size > len(data):
                return
            yield number, kind, data[at : at + size]
            at += size
        elif kind in _FIXED and at + _FIXED[kind] <= len(data):
            yield number, kind, data[at : at + _FIXED[kind]]
            at += _FIXED[kind]
        else:
            return


def packed(data: bytes) -> list[int]:
    """The numbers of a repeated field that is written as one."""
    found: list[int] = []
    at = 0
    while 0 <= at < len(data) and len(found) < _MOST:
        value, at = _varint(data, at)
        if at > 0:
            found.append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where what follows it begins; -1 if it is none."""
    value = 0
    for n, byte in enumerate(data[at : at + _LONGEST]):
        value |= (byte & 0x7F) << (7 * n)
        if byte < 0x80:
            return value, at + n + 1
    return 0, -1


def message(data: bytes, *path: int) -> bytes | None:
    """The bytes of the field at `path`, through the messages that hold it; the last one counts, as the format wants it."""
    found: bytes | None = data
    for wanted in path:
        inner: bytes | None = None
        for number, value in fields(found or b""):
            if number == wanted and isinstance(value, bytes):
                inner = value
        found = inner
        if found is None:
            return None
    return found


def messages(data: bytes, wanted: int) -> list[bytes]:
    """Every field of that number that is a message or a text."""
    return [v for n, v in fields(data) if n == wanted and isinstance(v, bytes)]


def string(data: bytes, *path: int, most: int = 256) -> str | None:
    """The text at `path`, if it is one and not empty."""
    found = message(data, *path)
    if not found:
        return None
    try:
        return clean(found.decode(), most) or None
    except UnicodeDecodeError:
        return None


def number(data: bytes, *path: int) -> int | None:
    """The number at `path`; None where there is none (a zero is not written)."""
    inner = message(data, *path[:-1])
    found = [v for n, v in fields(inner or b"") if n == path[-1] and isinstance(v, int)]
    return found[-1] if found else None
