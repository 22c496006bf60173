"""What bcc is given of the sources in bpf/: one text that makes the maps, one that holds the programs. Pure.

bcc's rewriter looks only at the main text, which therefore holds nothing but includes, tables and one line for each program; all else
is read by clang as it stands (bpf/bcc/dialect.h). The maps' and the programs' declarations are found in the sources by their form.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

_FIRST: Final = ("process.bpf.c", "socket.bpf.c", "tls.bpf.c", "ask.bpf.c")
# What says what a socket carried: the kernel itself (since 6.3), or its functions.
_SAID, _STAND_IN = "use.bpf.c", "bcc/carried.c"
_MAP: Final = re.compile(r"struct \{((?:\s*__(?:uint|type)\([^;]*\);)+)\s*\} (\w+) SEC\(\"\.maps\"\);")
_PART: Final = re.compile(r"__(?:uint|type)\((\w+),\s*([^;]*)\);")
_PROGRAM: Final = re.compile(r"^SEC\(\"([\w/.]+)\"\)\nint BPF_(?:PROG|KPROBE)\((\w+)", re.MULTILINE)
_INCLUDE: Final = re.compile(r"^#include \"([\w./]+)\"", re.MULTILINE)
# Where the two loaders' sources part, this side is not bcc's.
_NOT_OURS: Final = frozenset({"core.h", "kernel.h", "stdio.h"})
_TABLES: Final = {
    "BPF_MAP_TYPE_HASH": "hash",
    "BPF_MAP_TYPE_LRU_HASH": "lru_hash",
    "BPF_MAP_TYPE_ARRAY": "array",
    "BPF_MAP_TYPE_PERCPU_ARRAY": "percpu_array",
}
_RING: Final = "BPF_MAP_TYPE_RINGBUF"
_PAGE: Final = 4096
LAYOUT: Final = "layout_"
TABLE: Final = "map_"
RUN: Final = "run_"


class Sources(NamedTuple):
    """What the sources declare: programs with their sections, maps with their parts, and the files in order."""

    files: tuple[Path, ...]
    programs: dict[str, str]
    maps: dict[str, dict[str, str]]


def read(folder: Path, *, says_carried: bool) -> Sources:
    """The sources that a kernel wants; `says_carried`: it has the tracepoints of 6.3. OSError where one is missing."""
    files = tuple(folder / name for name in (*_FIRST, _SAID if says_carried else _STAND_IN))
    programs: dict[str, str] = {}
    maps: dict[str, dict[str, str]] = {}
    seen: set[Path] = set()
    for file in files:
        programs |= {name: section for section, name in _PROGRAM.findall(file.read_text(encoding="utf-8"))}
        for text in _texts(file, seen):
            maps |= {name: dict(_PART.findall(parts)) for parts, name in _MAP.findall(text)}
    kept = {name: parts for name, parts in maps.items() if parts["type"] in (_RING, *_TABLES)}
    return Sources(files, programs, kept)


def _texts(file: Path, seen: set[Path]) -> Iterable[str]:
    file = file.resolve()
    if file in seen or file.name in _NOT_OURS or not file.exists():
        return
    seen.add(file)
    text = file.read_text(encoding="utf-8")
    yield text
    for name in _INCLUDE.findall(text):
        yield from _texts(file.parent / name, seen)


def maps_text(sources: Sources, records: Iterable[str], rings: Mapping[str, int]) -> str:
    """Every map as bcc's table `map_NAME`, and for each struct that crosses a table `layout_NAME` that bears its type.

    `rings`: sizes in bytes of those whose size is configured.
    """
    lines = ["#define HEXR_MAPS_ONLY", *_included(sources)]
    for name, parts in sources.maps.items():
        if parts["type"] == _RING:
            size = str(rings[name]) if name in rings else f"({parts['max_entries']})"
            lines.append(f"BPF_RINGBUF_OUTPUT({TABLE}{name}, {size} / {_PAGE});")
        else:
            table = f'"{_TABLES[parts["type"]]}", {parts["key"]}, {parts["value"]}'
            lines.append(f"BPF_TABLE({table}, {TABLE}{name}, {parts['max_entries']});")
    lines += [f'BPF_TABLE("array", __u32, struct {name}, {LAYOUT}{name}, 1);' for name in records]
    return "\n".join([*lines, ""])


def programs_text(sources: Sources, programs: Iterable[str]) -> str:
    """These programs, each as `run_NAME`: bcc loads what stands in its main text."""
    lines = _included(sources)
    lines += [f"int {RUN}{name}(void *ctx) {{ return {name}(ctx); }}" for name in programs]
    return "\n".join([*lines, ""])


def _included(sources: Sources) -> list[str]:
    lines = ["#define HEXR_BCC"]
    for number, file in enumerate(sources.files):
        lines += [f"#define LICENSE license_{number}", f'#include "{file}"', "#undef LICENSE"]
    return lines
