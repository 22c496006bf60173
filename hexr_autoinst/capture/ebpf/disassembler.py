"""Capstone's C library without capstone's Python package: that takes 0.1 s to import, a third of a short agent's life.

Only the layout of version 5 is spoken here; with any other version the package itself is asked.
"""

import ctypes
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

_LIBRARIES: Final = ("libcapstone.so.5", "libcapstone.so")
_VERSION: Final = 5
# capstone.h of version 5: cs_arch and cs_mode
_MACHINES: Final = {"x86_64": (3, 1 << 3), "aarch64": (1, 0)}


class Instruction(NamedTuple):
    """One instruction: where it starts in the code, its length, and its text."""

    offset: int
    size: int
    name: str
    operands: str


class _Instruction(ctypes.Structure):
    """cs_insn of capstone 5."""

    _fields_ = (
        ("id", ctypes.c_uint), ("address", ctypes.c_uint64), ("size", ctypes.c_uint16), ("bytes", ctypes.c_ubyte * 24),
        ("mnemonic", ctypes.c_char * 32), ("op_str", ctypes.c_char * 160), ("detail", ctypes.c_void_p),
    )  # fmt: skip


def preload() -> None:
    """Load the library now, while its file can still be read."""
    if _library() is None:
        _package()


def disassemble(code: bytes, machine: str) -> Iterator[Instruction]:
    """The instructions of `code` from its start up to the first bytes that are none."""
    library = _library()
    if library is None:
        yield from _by_package(code, machine)
        return
    handle = ctypes.c_size_t()
    if library.cs_open(*_MACHINES[machine], ctypes.byref(handle)):
        return
    try:
        yield from _read(library, handle, code)
    finally:
        library.cs_close(ctypes.byref(handle))


def _read(library: ctypes.CDLL, handle: ctypes.c_size_t, code: bytes) -> Iterator[Instruction]:
    first = ctypes.POINTER(_Instruction)()
    count = library.cs_disasm(handle, code, len(code), 0, 0, ctypes.byref(first))
    try:
        for n in range(count):
            one = first[n]
            yield Instruction(one.address, one.size, one.mnemonic.decode("ascii"), one.op_str.decode("ascii"))
    finally:
        if count:
            library.cs_free(first, count)


_loaded: dict[str, ctypes.CDLL | None] = {}


def _library() -> ctypes.CDLL | None:
    if "it" not in _loaded:
        _loaded["it"] = _load()
    return _loaded["it"]


def _load() -> ctypes.CDLL | None:
    for path in _candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        if library.cs_version(None, None) >> 8 != _VERSION:
            continue
        size, pointer = ctypes.c_size_t, ctypes.c_void_p
        library.cs_open.argtypes = (ctypes.c_int, ctypes.c_int, pointer)
        library.cs_close.argtypes = (pointer,)
        library.cs_disasm.argtypes = (size, ctypes.c_char_p, size, ctypes.c_uint64, size, pointer)
        library.cs_disasm.restype = size
        library.cs_free.argtypes = (pointer, size)
        library.cs_free.restype = None
        return library
    return None


def _candidates() -> Iterator[str]:
    """The library that the package brings; found, not imported."""
    found = importlib.util.find_spec("capstone")
    for folder in (found.submodule_search_locations or ()) if found else ():
        for name in _LIBRARIES:
            path = Path(folder) / "lib" / name
            if path.exists():
                yield str(path)


def _package() -> Any:
    import capstone

    return capstone


def _by_package(code: bytes, machine: str) -> Iterator[Instruction]:
    engine = _package().Cs(*_MACHINES[machine])
    yield from (Instruction(*one) for one in engine.disasm_lite(code, 0))
