"""Reads a BPF object: structs with their fields out of its BTF section, places of variables out of its symbols.

The format is the kernel's Documentation/bpf/btf.rst. Objects are ours, but a damaged one must not
do more than raise ValueError.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

_MAGIC: Final = 0xEB9F
_INT, _PTR, _ARRAY, _STRUCT, _UNION, _ENUM = 1, 2, 3, 4, 5, 6
_FUNC_PROTO, _VAR, _DATASEC, _DECL_TAG, _ENUM64 = 13, 14, 15, 17, 19
_WRAPPERS: Final = frozenset({8, 9, 10, 11, 18})  # typedef, volatile, const, restrict, type tag
_MAX_DEPTH: Final = 32
_SYMBOL: Final = struct.Struct("<IBBHQQ")  # Elf64_Sym


class Field(NamedTuple):
    """One member of a struct: bytes, not bits (nothing that crosses has bit fields)."""

    name: str
    offset: int
    size: int


class Struct(NamedTuple):
    """One struct as the compiler laid it out."""

    name: str
    size: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class _Type:
    kind: int
    name: str
    size: int  # or the id of the type it refers to
    vlen: int
    extra: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Types:
    """Every type of one object, by id; id 0 is void."""

    types: tuple[_Type, ...]
    names: bytes

    def structs(self) -> dict[str, Struct]:
        """Every named struct."""
        return {t.name: self._struct(t) for t in self.types if t.kind == _STRUCT and t.name}

    def _struct(self, found: _Type) -> Struct:
        fields = tuple(
            Field(_text(self.names, name), (offset & 0xFFFFFF) // 8, self._size(kind))
            for name, kind, offset in found.extra
        )
        return Struct(found.name, found.size, fields)

    def _size(self, number: int, depth: int = 0) -> int:
        if depth > _MAX_DEPTH or number >= len(self.types):
            raise ValueError("BTF: types that refer to each other without end")
        found = self.types[number]
        if found.kind == _PTR:
            return 8
        if found.kind == _ARRAY:
            element, _, count = found.extra[0]
            return self._size(element, depth + 1) * count
        return self._size(found.size, depth + 1) if found.kind in _WRAPPERS else found.size


def read(path: Path) -> Types:
    """The types of the object at `path`; ValueError where there are none."""
    try:
        return _parse(_section(path.read_bytes(), b".BTF"))
    except (struct.error, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise ValueError(f"BTF of {path.name} is damaged: {error}") from None


def offset(path: Path, variable: str) -> int:
    """Where a global variable lies in its section (BTF says it only after linking); ValueError if nowhere."""
    try:
        image = path.read_bytes()
        names, symbols = _section(image, b".strtab"), _section(image, b".symtab")
        for at in range(0, len(symbols), _SYMBOL.size):
            name, _, _, _, value, _ = _SYMBOL.unpack_from(symbols, at)
            if _text(names, name) == variable:
                return int(value)
    except (struct.error, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from None
    raise ValueError(f"{path.name} has no variable {variable}")


def _section(image: bytes, wanted: bytes) -> bytes:
    if image[:5] != b"\x7fELF\x02":
        raise ValueError("not a 64-bit ELF object")
    (table,) = struct.unpack_from("<Q", image, 0x28)
    size, count, names_at = struct.unpack_from("<HHH", image, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", image, table + i * size) for i in range(count)]
    names = headers[names_at][4]
    for header in headers:
        start = names + header[0]
        if image[start : image.index(b"\0", start)] == wanted:
            return image[header[4] : header[4] + header[5]]
    raise ValueError(f"no section {wanted.decode()}")


def _text(names: bytes, at: int) -> str:
    return names[at : names.index(b"\0", at)].decode()


def _parse(blob: bytes) -> Types:
    magic, _, _, head, types_at, types_size, names_at, names_size = struct.unpack_from("<HBBIIIII", blob)
    if magic != _MAGIC:
        raise ValueError("not BTF")
    names = blob[head + names_at : head + names_at + names_size]
    found = [_Type(0, "", 0, 0, ())]
    at, end = head + types_at, head + types_at + types_size
    while at < end:
        name, info, size = struct.unpack_from("<III", blob, at)
        kind, vlen = info >> 24 & 0x1F, info & 0xFFFF
        at += 12
        words, number = _shape(kind, vlen)
        extra = tuple(struct.unpack_from(f"<{words}I", blob, at + i * words * 4) for i in range(number))
        at += words * number * 4
        found.append(_Type(kind, _text(names, name), size, vlen, extra))
    return Types(tuple(found), names)


def _shape(kind: int, vlen: int) -> tuple[int, int]:
    """How many 32-bit words follow a type, and how many times."""
    if kind in (_STRUCT, _UNION, _DATASEC, _ENUM64):
        return 3, vlen
    if kind in (_ENUM, _FUNC_PROTO):
        return 2, vlen
    if kind == _ARRAY:
        return 3, 1
    return (1, 1) if kind in (_INT, _VAR, _DECL_TAG) else (0, 0)
