"""Functions of an ELF file by name: by the linker's hash tables, or in .symtab. One name costs a few reads, whatever the size.

The official node binary has 75,000 dynamic symbols in 100 MB: .gnu.hash (as glibc's elf/dl-lookup.c
reads it) finds one in five reads. Every chain has an end, as the file may be a hostile one.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf.elf import PT_DYNAMIC, Elf, Section

_SYMBOL: Final = struct.Struct("<IBBHQQ")
_PAIR: Final = struct.Struct("<QQ")
_WORD: Final = struct.Struct("<I")
_SHT_SYMTAB: Final = 2
_STT_FUNC: Final = 2  # an IFUNC is a resolver: probing it would tell nothing
_DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_GNU_HASH = 4, 5, 6, 0x6FFFFEF5
_MOST_DYNAMIC: Final = 1024
_LONGEST_CHAIN: Final = 4096
_BIGGEST_TABLE: Final = 128 << 20  # a debug build of a browser has a .symtab of 60 MiB
_MOST_SPELLINGS: Final = 64
_MOST_REFERENCES: Final = 4096

Candidates = Callable[[bytes], Iterator[int]]


class Symbol(NamedTuple):
    """A defined function: where it is in memory (link-time) and how long (0: not said)."""

    vaddr: int
    size: int


def exported(elf: Elf, names: Iterable[str]) -> dict[str, Symbol]:
    """Those of `names` that the dynamic linker would find, by the tables PT_DYNAMIC names: strip leaves them."""
    tags = _dynamic(elf)
    symbols, strings = tags.get(_DT_SYMTAB), tags.get(_DT_STRTAB)
    chains = _chains(elf, tags)
    if symbols is None or strings is None or chains is None:
        return {}
    found = {}
    for name in names:
        wanted = name.encode() + b"\0"
        for index in chains(name.encode()):
            fields = elf.read(symbols + index * _SYMBOL.size, _SYMBOL.size)
            if len(fields) < _SYMBOL.size:
                break
            text = _WORD.unpack_from(fields)[0]
            if elf.read(strings + text, len(wanted)) == wanted and (one := _function(fields)):
                found[name] = one
                break
    return found


def listed(elf: Elf, names: Iterable[str]) -> dict[str, Symbol]:
    """Those of `names` that .symtab holds: local and hidden functions too, where nobody stripped it."""
    for section in elf.sections:
        if section.kind == _SHT_SYMTAB and section.link < len(elf.sections):
            return _scan(elf, section, elf.sections[section.link], names)
    return {}


def code(elf: Elf, symbol: Symbol) -> bytes:
    """The instructions of a function."""
    offset = elf.file_offset(symbol.vaddr, code=True)
    return b"" if offset is None else elf.read(offset, min(symbol.size, 1 << 20))


def _dynamic(elf: Elf) -> dict[int, int]:
    """The tags that are addresses, as file offsets."""
    found: dict[int, int] = {}
    for one in elf.segments:
        if one.kind != PT_DYNAMIC:
            continue
        data = elf.read(one.offset, min(one.size, _MOST_DYNAMIC * _PAIR.size))
        for tag, value in _PAIR.iter_unpack(data[: len(data) - len(data) % _PAIR.size]):
            if tag in (_DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_GNU_HASH):
                offset = elf.file_offset(value)
                if offset is not None:
                    found[tag] = offset
    return found


def _chains(elf: Elf, tags: dict[int, int]) -> Candidates | None:
    if _DT_GNU_HASH in tags:
        return _gnu(elf, tags[_DT_GNU_HASH])
    return _sysv(elf, tags[_DT_HASH]) if _DT_HASH in tags else None


def gnu_hash(name: bytes) -> int:
    """The hash of .gnu.hash: Bernstein's, 32 bits."""
    value = 5381
    for byte in name:
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


def sysv_hash(name: bytes) -> int:
    """The hash of .hash (gABI ch. 5, Hash Table)."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & ~high & 0xFFFFFFFF
    return value


def _word(elf: Elf, offset: int) -> int:
    data = elf.read(offset, 4)
    return _WORD.unpack(data)[0] if len(data) == 4 else 0


def _gnu(elf: Elf, table: int) -> Candidates:
    buckets, first, blooms = _word(elf, table), _word(elf, table + 4), _word(elf, table + 8)
    bucket_table = table + 16 + blooms * 8
    chain_table = bucket_table + buckets * 4

    def candidates(name: bytes) -> Iterator[int]:
        wanted = gnu_hash(name)
        index = _word(elf, bucket_table + wanted % buckets * 4) if buckets else 0
        if index < first or index == 0:
            return
        data = elf.read(chain_table + (index - first) * 4, _LONGEST_CHAIN * 4)
        for (value,) in _WORD.iter_unpack(data[: len(data) - len(data) % 4]):
            if (value ^ wanted) < 2:
                yield index
            if value & 1:  # the last of its bucket
                return
            index += 1

    return candidates


def _sysv(elf: Elf, table: int) -> Candidates:
    buckets = _word(elf, table)

    def candidates(name: bytes) -> Iterator[int]:
        index = _word(elf, table + 8 + sysv_hash(name) % buckets * 4) if buckets else 0
        for _ in range(_LONGEST_CHAIN):
            if index == 0:
                return
            yield index
            index = _word(elf, table + 8 + (buckets + index) * 4)

    return candidates


def _scan(elf: Elf, table: Section, strings: Section, names: Iterable[str]) -> dict[str, Symbol]:
    """Find where each name is spelled, then which symbol points there: both searches run in C."""
    if max(table.size, strings.size) > _BIGGEST_TABLE:
        return {}
    symbols, text = elf.read(table.offset, table.size), elf.read(strings.offset, strings.size)
    found = {}
    for name in names:
        for spelled in _spellings(text, name.encode() + b"\0"):
            if one := _at(symbols, spelled):
                found[name] = one
                break
    return found


def _spellings(text: bytes, wanted: bytes) -> Iterator[int]:
    """Every place of a name: linkers merge tails, so SSL_read may be the end of another name."""
    place = text.find(wanted)
    for _ in range(_MOST_SPELLINGS):
        if place < 0:
            return
        yield place
        place = text.find(wanted, place + 1)


def _at(symbols: bytes, spelled: int) -> Symbol | None:
    wanted = _WORD.pack(spelled)
    place = symbols.find(wanted)
    for _ in range(_MOST_REFERENCES):
        if place < 0:
            break
        fields = symbols[place : place + _SYMBOL.size]
        if place % _SYMBOL.size == 0 and len(fields) == _SYMBOL.size and (one := _function(fields)):
            return one
        place = symbols.find(wanted, place + 1)
    return None


def _function(fields: bytes) -> Symbol | None:
    _, info, _, section, value, size = _SYMBOL.unpack(fields)
    defined = section != 0 and value != 0
    return Symbol(value, size) if defined and info & 15 == _STT_FUNC else None
