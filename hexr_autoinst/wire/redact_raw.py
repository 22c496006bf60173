"""Secrets in binary messages: each is replaced by as many bytes, so that every length within the message holds.

A Protocol Buffers message (https://protobuf.dev/programming-guides/encoding/) is walked without its schema: every
string in it is a text by itself, so that neither the tag before it nor the one behind it is taken for a letter of a
token. Where a string may as well be a message it is read as both. A map's entry whose key is a secret's name loses its
value. In bytes that are no such message tokens are found by their shape alone, wherever they begin. Private keys in
DER are known by how they begin (RFC 5208, RFC 8017 appendix A.1.2, RFC 5915). Not detectable: a short secret in a
field that only a schema names.
"""

import re
from collections.abc import Iterator
from typing import Final

from hexr_autoinst.wire import redact
from hexr_autoinst.wire.looks import Looks
from hexr_autoinst.wire.tokens import LOOSE, MEMBER, NAME, TOKENS

_MARK: Final = redact.MARK.encode()
_NAME: Final = re.compile(MEMBER + rb"\Z")  # the key of a map
_TEXT: Final = Looks((*TOKENS, *redact.NAMED))
_BYTES: Final = Looks((*LOOSE, *redact.NAMED))
_ANY: Final = Looks((*LOOSE, *redact.NAMED, (NAME, _NAME)))
_DEPTH: Final = 16
_LONGEST_WORD: Final = 16 << 10
_WORD: Final = re.compile(rb"[!#-\[\]-~]*+")
# SEQUENCE, version 0 or 1, then an algorithm (PKCS #8), a modulus (PKCS #1) or an octet string (SEC 1).
_PRIVATE_KEY: Final = re.compile(
    rb"\x30(?:[\x20-\x7f]|\x81.|\x82..)\x02\x01(?:\x00\x30[\x03-\x7f]\x06|\x00\x02\x82|\x01\x04[\x14-\x42])",
    re.DOTALL,
)
_LEN, _I64, _I32 = 2, 1, 5


def raw(data: bytes, *, cut: bool = False) -> bytes:
    """The message without secrets, as long as before. `cut`: it goes on; of a word that the cut is in nothing stays."""
    if cut and (half := _WORD.match(data[: -_LONGEST_WORD - 1 : -1])):
        data = data[: len(data) - half.end()]
    keys = b"\x02\x01" in data and _PRIVATE_KEY.search(data)
    if not keys and not _ANY.worth(data):
        return data
    out = bytearray(data)
    if keys:
        _private_keys(out)
    if not _walk(out, 0, len(out), 0, cut=cut):
        _flat(out, 0, len(out))
    for _, pattern in TOKENS:  # what a message that is none after all has split
        _sub(out, 0, pattern, len(out))
    return bytes(out)


def _private_keys(out: bytearray) -> None:
    for found in _PRIVATE_KEY.finditer(bytes(out)):
        begin, size = found.start() + 2, out[found.start() + 1]
        if size > 0x80:
            more = size & 0x7F
            size = int.from_bytes(out[begin : begin + more], "big")
            begin += more
        _blank(out, begin, min(begin + size, len(out)))


def _blank(out: bytearray, begin: int, end: int) -> None:
    size = end - begin
    out[begin:end] = _MARK + b"*" * (size - len(_MARK)) if size >= len(_MARK) else b"*" * size


def _walk(out: bytearray, begin: int, end: int, depth: int, *, cut: bool = False) -> bool:
    """Redact every string of the message that stands there; False if none does."""
    found = _fields(bytes(out[begin:end]), cut=cut)
    if found is None:
        return False
    secret = False
    for number, start, stop in found:
        start, stop = begin + start, begin + stop  # noqa: PLW2901 - the same place, seen from outside
        if secret and number == 2:
            _hide(out, start, stop, depth + 1)
        elif depth >= _DEPTH or not _walk(out, start, stop, depth + 1) or _is_text(out[start:stop]):
            _flat(out, start, stop)
        secret = number == 1 and _NAME.match(out, start, stop) is not None
    return True


def _hide(out: bytearray, begin: int, end: int, depth: int) -> None:
    """The value of a secret's name: a string, or a message around one (google.protobuf.Value)."""
    found = None if depth >= _DEPTH else _fields(bytes(out[begin:end]))
    if found is None or _is_text(out[begin:end]):
        _blank(out, begin, end)
        return
    for _, start, stop in found:
        _hide(out, begin + start, begin + stop, depth + 1)


def _flat(out: bytearray, begin: int, end: int) -> None:
    """Redact a text by the patterns of `redact`, or other bytes by the shape of tokens alone."""
    data = bytes(out[begin:end])
    for pattern in (_TEXT if _is_text(data) else _BYTES).worth(data):
        _sub(out, begin, pattern, end)


def _sub(out: bytearray, begin: int, pattern: re.Pattern[bytes], end: int) -> None:
    piece = bytes(out[begin:end])
    for found in pattern.finditer(piece):
        kept = found.end(1) if pattern.groups and found[1] is not None else found.start()
        _blank(out, begin + kept, begin + found.end())


def _is_text(data: bytes | bytearray) -> bool:
    try:
        return data.decode().replace("\n", "").replace("\t", "").replace("\r", "").isprintable()
    except UnicodeDecodeError:
        return False


def _fields(data: bytes, *, cut: bool = False) -> list[tuple[int, int, int]] | None:
    """(number, begin, end) of each field that has a length; None for bytes that are no message. `cut`: it may end early."""
    try:
        return list(_each(data, cut=cut))
    except (ValueError, IndexError):
        return None


def _each(data: bytes, *, cut: bool) -> Iterator[tuple[int, int, int]]:
    place, end = 0, len(data)
    while place < end:
        tag, place = _varint(data, place)
        kind = tag & 7
        if not tag >> 3:
            raise ValueError("no field has the number 0")
        if kind == 0:
            _, place = _varint(data, place)
        elif kind == _LEN:
            size, place = _varint(data, place)
            if place + size > end and not cut:
                raise ValueError("longer than what is there")
            yield tag >> 3, place, min(place + size, end)
            place += size
        elif kind in (_I64, _I32):
            place += 8 if kind == _I64 else 4
        else:
            raise ValueError("a wire type that is not in use")
    if place > end and not cut:
        raise ValueError("longer than what is there")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number without end")
