"""Protocol Buffers as the JSON that says the same: fields by their numbers, from a table that is data. No generated code.

https://protobuf.dev/programming-guides/json. What no table names is passed over; what is no message reads as one without fields. Nothing raises.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Union

from hexr_autoinst.dissect.protocols import protobuf
from hexr_autoinst.dissect.protocols.protobuf import LEN, VARINT, Value

_DEEP: Final = 16
_SIGN: Final = 1 << 63
# A name or an id; what was said; a number; a truth; a floating-point number of either size; google.protobuf.Struct.
TEXT, SAID, COUNT, FLAG, FLOAT, STRUCT = "text", "said", "count", "flag", "float", "struct"

Table = Mapping[int, "Field"]
Words = tuple[str, ...]  # of an enumeration, by number; "" for what says nothing


@dataclass(frozen=True, slots=True)
class Field:
    """A field: the member that it is in JSON (`a.b`: a member of a member), what it holds, and whether there are many."""

    name: str
    kind: Union[str, Words, "Table"]
    many: bool = False


def many(name: str, kind: Union[str, Words, "Table"]) -> Field:
    """A repeated field."""
    return Field(name, kind, many=True)


def message(data: bytes, table: Table, depth: int = 0) -> dict[str, Any]:
    """The message as an object."""
    out: dict[str, Any] = {}
    for number, wire, raw in protobuf.every(data) if depth < _DEEP else ():
        if (field := table.get(number)) is not None:
            for value in _values(field, wire, raw, depth):
                _put(out, field, value)
    return out


def _put(out: dict[str, Any], field: Field, value: Any) -> None:
    *above, name = field.name.split(".")
    for key in above:
        out = out.setdefault(key, {})
    if field.many:
        out.setdefault(name, []).append(value)
    else:
        out[name] = value


def _values(field: Field, wire: int, raw: Value, depth: int) -> Iterator[Any]:
    """The values of one field as it stands: several where they are packed, none where it is written as something else."""
    if isinstance(raw, int):
        if wire == VARINT:
            yield from _number(field.kind, raw)
    elif wire == LEN:
        yield from _inside(field, raw, depth)
    elif field.kind == FLOAT:
        yield struct.unpack("<f" if len(raw) == 4 else "<d", raw)[0]


def _inside(field: Field, raw: bytes, depth: int) -> Iterator[Any]:
    kind = field.kind
    if kind in (TEXT, SAID):
        yield raw.decode("utf-8", "replace")
    elif kind == STRUCT:
        yield _struct(raw, depth + 1)
    elif isinstance(kind, Mapping):
        yield message(raw, kind, depth + 1)
    elif field.many:
        for one in protobuf.packed(raw):
            yield from _number(kind, one)


def _number(kind: str | Words | Table, raw: int) -> Iterator[Any]:
    if kind == FLAG:
        yield raw != 0
    elif kind == COUNT:
        yield raw - 2 * _SIGN if raw >= _SIGN else raw
    elif isinstance(kind, tuple):
        word = kind[raw] if raw < len(kind) else str(raw)
        if word:
            yield word


def _struct(data: bytes, depth: int) -> dict[str, Any]:
    """google.protobuf.Struct: entries (1) of a key (1) and a value (2)."""
    out: dict[str, Any] = {}
    for entry in protobuf.messages(data, 1) if depth < _DEEP else ():
        key = protobuf.string(entry, 1)
        if key is not None:
            out[key] = _value(protobuf.message(entry, 2) or b"", depth + 1)
    return out


def _value(data: bytes, depth: int) -> Any:
    """google.protobuf.Value: null (1), number (2), text (3), truth (4), struct (5), list (6)."""
    for number, wire, raw in protobuf.every(data):
        match number, raw:
            case 2, bytes() if wire != LEN:
                found = struct.unpack("<d", raw)[0] if len(raw) == 8 else 0.0
                return int(found) if found.is_integer() else found
            case 3, bytes():
                return raw.decode("utf-8", "replace")
            case 4, int():
                return raw != 0
            case 5, bytes():
                return _struct(raw, depth)
            case 6, bytes():
                return [_value(v, depth + 1) for v in protobuf.messages(raw, 1)] if depth < _DEEP else []
            case _:
                pass
    return None


def places(table: Table, sign: str, depth: int = 0) -> tuple[str, ...]:
    """What of such a message is no content, as `dissect.veil` names it: all but what was said, of which it is told that it was."""
    found: list[str] = []
    for number, field in table.items():
        if field.kind == SAID:
            found.append(f"{sign}{number}#")
        elif isinstance(field.kind, Mapping):
            below = places(field.kind, "", depth + 1) if depth < _DEEP else ()
            found += [f"{sign}{number}.{place}" for place in below] or [f"{sign}{number}#"]
        elif field.kind != STRUCT:
            found.append(f"{sign}{number}")
    return tuple(found)
