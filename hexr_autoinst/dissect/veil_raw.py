"""Of a Protocol Buffers message the fields that are named by their numbers, and nothing else: no place in bytes has another name.

https://protobuf.dev/programming-guides/encoding/. A field below another is written as `3.2.1`, one of which a mark stays as `3.2#`.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Final

from hexr_autoinst.dissect.protocols.protobuf import LEN, every

Numbers = dict[int, "Numbers"]  # a field that is kept whole has none below it
_LONGEST: Final = 1024
_DEEP: Final = 16
_MARKED: Final = 0  # no number of a field: what is below this one is a text of which a mark stays


def numbers(places: Iterable[str]) -> Numbers:
    """The tree of these places. What is not numbers is a mistake: ValueError."""
    root: Numbers = {}
    for place in places:
        node = root
        for number in place.removesuffix("#").split("."):
            node = node.setdefault(int(number), {})
        if place[-1:] == "#":
            node[_MARKED] = {}
    return root


def pruned(data: bytes, kept: Numbers, depth: int = 0) -> bytes:
    """The message with the kept fields alone, each text of at most a bound."""
    if not kept or depth > _DEEP:
        return b""
    out = bytearray()
    for number, kind, value in every(data):
        if number not in kept:
            continue
        out += _varint(number << 3 | kind)
        if isinstance(value, int):
            out += _varint(value)
        elif kind != LEN:
            out += value
        else:
            inner = _inner(value, kept[number], depth)
            out += _varint(len(inner)) + inner
    return bytes(out)


def _inner(value: bytes, below: Numbers, depth: int) -> bytes:
    if _MARKED in below:
        return b"*" if value else b""
    return pruned(value, below, depth + 1) if below else value[:_LONGEST]


def pruned_text(text: str, kept: Numbers) -> str:
    """The same of a message in base64, padded or not; empty where it is none."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(pruned(data, kept)).decode()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
