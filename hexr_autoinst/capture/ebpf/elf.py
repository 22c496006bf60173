"""ELF files, read by offset: segments, sections, build-id, code. Nothing here knows what TLS is.

The files belong to other people. They are read with pread and never mapped (the owner who truncates
a mapped file kills its reader with SIGBUS), every table is bounded, every loop has an end, and what
does not add up is a NotElf. Layout: System V gABI ch. 4 and 5.
"""

import os
import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

_EHDR: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_PHDR: Final = struct.Struct("<IIQQQQQQ")
_SHDR: Final = struct.Struct("<IIQQQQIIQQ")
_MACHINES: Final = {62: "x86_64", 183: "aarch64"}
PT_LOAD, PT_DYNAMIC, PT_NOTE = 1, 2, 4
_EXECUTABLE: Final = 1
_MOST_HEADERS: Final = 4096
_BIGGEST_TEXT: Final = 256 << 20
_LONGEST_NAME: Final = 256
_SLICE: Final = 1 << 22


class NotElf(ValueError):
    """Not a 64-bit little-endian ELF file of a machine we read, or a broken one."""


class Segment(NamedTuple):
    """A program header."""

    kind: int
    flags: int
    offset: int
    vaddr: int
    size: int


class Section(NamedTuple):
    """A section header; `name` is resolved."""

    name: str
    kind: int
    offset: int
    size: int
    link: int


class Symbol(NamedTuple):
    """A defined function: where it is in memory (link-time) and how long (0: not said)."""

    vaddr: int
    size: int


@dataclass(frozen=True, slots=True)
class Elf:
    """An open ELF file. It owns its descriptor: use it in a `with`."""

    fd: int
    size: int
    device: int
    inode: int
    machine: str
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]

    @classmethod
    def open(cls, source: str | Path | int) -> Self:
        """Open a path, or borrow an open descriptor, and read the headers; NotElf or OSError."""
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
        fd = os.dup(source) if isinstance(source, int) else os.open(source, flags)
        try:
            return cls._of(fd)
        except BaseException:
            os.close(fd)
            raise

    @classmethod
    def _of(cls, fd: int) -> Self:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise NotElf("not a regular file")
        head = os.pread(fd, _EHDR.size, 0)
        if len(head) < _EHDR.size or head[:6] != b"\x7fELF\x02\x01":
            raise NotElf("not a 64-bit little-endian ELF file")
        _, _, machine, _, _, phoff, shoff, _, _, _, phnum, _, shnum, shstrndx = _EHDR.unpack(head)
        if machine not in _MACHINES:
            raise NotElf(f"machine {machine}")
        segments = tuple(
            Segment(kind, flags, offset, vaddr, size)
            for kind, flags, offset, vaddr, _, size, _, _ in _table(fd, _PHDR, phoff, phnum)
        )
        raw = _table(fd, _SHDR, shoff, shnum)
        sections = tuple(_named(fd, raw, shstrndx))
        return cls(fd, found.st_size, found.st_dev, found.st_ino, _MACHINES[machine], segments, sections)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        os.close(self.fd)

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes at a file offset; fewer at the end or beyond it, none for what cannot be."""
        if not 0 <= offset < self.size or size <= 0:
            return b""
        return os.pread(self.fd, min(size, self.size - offset), offset)

    def file_offset(self, vaddr: int, *, code: bool = False) -> int | None:
        """Where a link-time address lies in the file: what a probe is placed by. `code`: only if it is executable."""
        for one in self.segments:
            fits = one.kind == PT_LOAD and one.vaddr <= vaddr < one.vaddr + one.size
            if fits and (one.flags & _EXECUTABLE or not code):
                return vaddr - one.vaddr + one.offset
        return None

    def section(self, name: str) -> bytes:
        """The content of a small section (at most 1 MiB of it); empty where there is none."""
        for one in self.sections:
            if one.name == name:
                return self.read(one.offset, min(one.size, 1 << 20))
        return b""

    def has(self, name: str) -> bool:
        """Whether a section is there."""
        return any(one.name == name for one in self.sections)

    @property
    def build_id(self) -> str:
        """NT_GNU_BUILD_ID in hex, or empty."""
        for one in self.segments:
            if one.kind == PT_NOTE and (found := _build_id(self.read(one.offset, min(one.size, 1 << 16)))):
                return found
        return ""

    def text(self) -> Iterator[tuple[int, bytes]]:
        """Every executable segment as (vaddr, bytes), 256 MiB of it at most."""
        left = _BIGGEST_TEXT
        for one in self.segments:
            if one.kind == PT_LOAD and one.flags & _EXECUTABLE and left > 0:
                yield one.vaddr, self.read(one.offset, min(one.size, left))
                left -= one.size

    def mentions(self, markers: Iterable[bytes], most: int) -> bytes | None:
        """The first of `markers` that occurs in the first `most` bytes of loaded read-only data, or None."""
        wanted = tuple(markers)
        for one in self.segments:
            if one.kind != PT_LOAD or one.flags & _EXECUTABLE:
                continue
            for start in range(one.offset, one.offset + min(one.size, most), _SLICE):
                data = self.read(start, min(_SLICE + 64, one.offset + one.size - start))
                for marker in wanted:
                    if marker in data:
                        return marker
        return None


def _table(fd: int, form: struct.Struct, offset: int, count: int) -> list[tuple[int, ...]]:
    if count > _MOST_HEADERS or offset >= 1 << 62:
        raise NotElf(f"{count} headers")
    data = os.pread(fd, form.size * count, offset) if count else b""
    return list(form.iter_unpack(data[: len(data) - len(data) % form.size]))


def _named(fd: int, raw: list[tuple[int, ...]], strings: int) -> Iterator[Section]:
    """Section headers may be missing or lie: then there are no sections, which is not an error."""
    names = b""
    if strings < len(raw) and raw[strings][4] < 1 << 62:
        names = os.pread(fd, min(raw[strings][5], 1 << 20), raw[strings][4])
    for name, kind, _, _, offset, size, link, *_ in raw:
        yield Section(_text(names, name), kind, offset, size, link)


def _text(table: bytes, start: int) -> str:
    end = table.find(b"\0", start, start + _LONGEST_NAME)
    return table[start:end].decode("ascii", "replace") if 0 <= start < end else ""


def _build_id(notes: bytes) -> str:
    start = 0
    while start + 16 <= len(notes):
        name_size, size, kind = struct.unpack_from("<III", notes, start)
        name = notes[start + 12 : start + 12 + name_size]
        content = start + 12 + (name_size + 3 & ~3)
        if kind == 3 and name == b"GNU\0":
            return notes[content : content + min(size, 64)].hex()
        start = content + (size + 3 & ~3)
    return ""
