"""libbpf 1.x and the bpf system call by ctypes: signatures and the raw calls that 1.1 has no word for.

Debian 12 has libbpf 1.1: no `bpf_program__attach_uprobe_multi`, so the link is made by the system
call where the kernel has it (6.6, commit 89ae89f53d20).
"""

import ctypes
import os
import platform
from collections import deque
from collections.abc import Iterable, Iterator
from ctypes import (
    CDLL,
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any, Final, NamedTuple

from hexr_autoinst.errors import CaptureUnavailable

UPROBE_MULTI: Final = 48  # enum bpf_attach_type: BPF_TRACE_UPROBE_MULTI
_LINK_CREATE: Final = 28  # enum bpf_cmd
_RETURN: Final = 1  # BPF_F_UPROBE_MULTI_RETURN
_NUMBERS: Final = {"x86_64": 321, "aarch64": 280}  # bpf(2)
_KEPT_LINES: Final = 12
_TYPEDEF: Final = 8  # BTF_KIND_TYPEDEF
_STRUCT: Final = 4  # BTF_KIND_STRUCT
_FUNCTION: Final = 12  # BTF_KIND_FUNC

messages: Final[deque[str]] = deque(maxlen=_KEPT_LINES)


class UprobeOptions(Structure):
    """struct bpf_uprobe_opts as libbpf 1.0 knows it; `sz` tells later ones where to stop."""

    _fields_ = (
        ("sz", c_size_t),
        ("ref_ctr_offset", c_size_t),
        ("bpf_cookie", c_uint64),
        ("retprobe", ctypes.c_bool),
        ("func_name", c_char_p),
    )


class _Multi(Structure):
    """The link_create.uprobe_multi part of union bpf_attr."""

    _fields_ = (
        ("prog_fd", c_uint32),
        ("target_fd", c_uint32),
        ("attach_type", c_uint32),
        ("flags", c_uint32),
        ("path", c_uint64),
        ("offsets", c_uint64),
        ("ref_ctr_offsets", c_uint64),
        ("cookies", c_uint64),
        ("cnt", c_uint32),
        ("multi_flags", c_uint32),
        ("pid", c_uint32),
        ("spare", c_uint32),
    )


class Many(NamedTuple):
    """One program (its descriptor) at many offsets of one file."""

    program: int
    path: bytes
    offsets: tuple[int, ...]
    returns: bool


_PRINT: Final = CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)
_LIBC: Final = CDLL(None, use_errno=True)
_LIBC.vsnprintf.argtypes = (c_char_p, c_size_t, c_char_p, c_void_p)


@_PRINT  # type: ignore[untyped-decorator]  # ctypes has no types for callbacks
def _keep(_level: int, form: bytes, arguments: int) -> int:
    """Words of libbpf, kept for the error that may follow; printed nowhere."""
    line = ctypes.create_string_buffer(1024)
    _LIBC.vsnprintf(line, len(line), form, arguments)
    messages.append(line.value.decode(errors="replace").strip())
    return 0


_POINTER_CALLS: Final[dict[str, tuple[Any, ...]]] = {
    "bpf_object__open_file": (c_char_p, c_void_p),
    "bpf_object__next_program": (c_void_p, c_void_p),
    "bpf_object__next_map": (c_void_p, c_void_p),
    "bpf_program__attach": (c_void_p,),
    "bpf_program__attach_uprobe_opts": (c_void_p, c_int, c_char_p, c_size_t, POINTER(UprobeOptions)),
    "bpf_program__attach_iter": (c_void_p, c_void_p),
    "bpf_map__initial_value": (c_void_p, POINTER(c_size_t)),
    "btf__load_vmlinux_btf": (),
}
_INT_CALLS: Final[dict[str, tuple[Any, ...]]] = {
    "bpf_object__load": (c_void_p,),
    "bpf_program__fd": (c_void_p,),
    "bpf_program__set_autoload": (c_void_p, ctypes.c_bool),
    "bpf_program__set_expected_attach_type": (c_void_p, c_int),
    "bpf_map__fd": (c_void_p,),
    "bpf_map__reuse_fd": (c_void_p, c_int),
    "bpf_map__set_max_entries": (c_void_p, c_uint32),
    "bpf_map_update_elem": (c_int, c_char_p, c_char_p, c_uint64),
    "bpf_map_lookup_elem": (c_int, c_char_p, c_char_p),
    "bpf_map_delete_elem": (c_int, c_char_p),
    "bpf_map_get_next_key": (c_int, c_char_p, c_char_p),
    "bpf_enable_stats": (c_int,),
    "bpf_obj_get_info_by_fd": (c_int, c_void_p, POINTER(c_uint32)),
    "bpf_link__destroy": (c_void_p,),
    "bpf_link__fd": (c_void_p,),
    "bpf_iter_create": (c_int,),
    "bpf_raw_tracepoint_open": (c_char_p, c_int),
    "btf__find_by_name_kind": (c_void_p, c_char_p, c_uint32),
    "libbpf_num_possible_cpus": (),
    "libbpf_major_version": (),
    "libbpf_minor_version": (),
}


def open_library() -> CDLL:
    """libbpf.so.1 with its signatures; CaptureUnavailable where it is missing."""
    try:
        library = CDLL("libbpf.so.1", use_errno=True)
    except OSError:
        raise CaptureUnavailable(
            detail="libbpf.so.1 is not installed; on Debian and Ubuntu: `apt install libbpf1`"
        ) from None
    for name, arguments in _POINTER_CALLS.items():
        call = getattr(library, name)
        call.argtypes, call.restype = arguments, c_void_p
    for name, arguments in _INT_CALLS.items():
        call = getattr(library, name)
        call.argtypes, call.restype = arguments, c_int
    for name in ("bpf_program__name", "bpf_program__section_name", "bpf_map__name"):
        call = getattr(library, name)
        call.argtypes, call.restype = (c_void_p,), c_char_p
    library.bpf_map__is_internal.argtypes = (c_void_p,)
    library.bpf_map__is_internal.restype = ctypes.c_bool
    library.bpf_object__close.argtypes = (c_void_p,)
    library.btf__free.argtypes = (c_void_p,)
    library.libbpf_set_print.argtypes = (_PRINT,)
    library.libbpf_set_print.restype = c_void_p
    library.libbpf_set_print(_keep)
    return library


def libbpf_version() -> str:
    """The version of the libbpf that would be used."""
    library = open_library()
    return f"{library.libbpf_major_version()}.{library.libbpf_minor_version()}"


def said() -> str:
    """The last thing that libbpf complained of."""
    lines = [m for m in messages if m.startswith("libbpf:") and "END PROG LOAD LOG" not in m]
    return lines[-1].removeprefix("libbpf: ") if lines else "libbpf gave no reason"


def kernel_types(
    library: CDLL, typedefs: Iterable[str], structs: Iterable[str], functions: Iterable[str]
) -> frozenset[str]:
    """Which of these names the running kernel's BTF has; CaptureUnavailable where it has none at all."""
    found = library.btf__load_vmlinux_btf()
    if not found:
        raise CaptureUnavailable(
            detail="this kernel has no BTF (/sys/kernel/btf/vmlinux); it needs CONFIG_DEBUG_INFO_BTF=y"
        )
    try:
        asked = [(n, _TYPEDEF) for n in typedefs] + [(n, _STRUCT) for n in structs]
        asked += [(n, _FUNCTION) for n in functions]
        return frozenset(
            n for n, kind in asked if library.btf__find_by_name_kind(found, n.encode(), kind) > 0
        )
    finally:
        library.btf__free(found)


def kernel_has(function: str) -> bool:
    """Whether the running kernel has a function of this name; CaptureUnavailable where nobody can say."""
    return bool(kernel_types(open_library(), (), (), (function,)))


def pid_namespace() -> int:
    """The inode of our own pid namespace, as the kernel's side compares it."""
    return Path("/proc/self/ns/pid").stat().st_ino & 0xFFFFFFFF


def programs(library: CDLL, handle: int) -> dict[int, str]:
    """The programs of an open object, each with its section."""
    name = library.bpf_program__section_name
    return {one: (name(one) or b"").decode() for one in _each(library.bpf_object__next_program, handle)}


def maps(library: CDLL, handle: int) -> dict[str, int]:
    """The maps of an open object by name."""
    return {library.bpf_map__name(one).decode(): one for one in _each(library.bpf_object__next_map, handle)}


def iterate(library: CDLL, program: int) -> str:
    """Run an iterator to its end; "" or the kernel's reason."""
    link = library.bpf_program__attach_iter(program, None)
    if not link:
        return said()
    fd = library.bpf_iter_create(library.bpf_link__fd(link))
    try:
        if fd < 0:
            return os.strerror(ctypes.get_errno())
        while os.read(fd, 4096):
            pass
    except OSError as error:
        return error.strerror or str(error)
    finally:
        if fd >= 0:
            os.close(fd)
        library.bpf_link__destroy(link)
    return ""


def _each(step: Any, handle: int) -> Iterator[int]:
    found = step(handle, None)
    while found:
        yield found
        found = step(handle, found)


def link_many(ask: Many, *, cookie: int, pid: int) -> int:
    """One link for many probes in one file: its descriptor. OSError with the kernel's reason."""
    number = _NUMBERS.get(platform.machine())
    if number is None:
        raise OSError(0, "no bpf(2) number is known for this machine")
    where = ctypes.create_string_buffer(ask.path)
    places = (c_uint64 * len(ask.offsets))(*ask.offsets)
    cookies = (c_uint64 * len(ask.offsets))(*[cookie] * len(ask.offsets))
    told = _Multi(
        prog_fd=ask.program,
        attach_type=UPROBE_MULTI,
        path=ctypes.addressof(where),
        offsets=ctypes.addressof(places),
        cookies=ctypes.addressof(cookies),
        cnt=len(ask.offsets),
        multi_flags=_RETURN if ask.returns else 0,
        pid=max(pid, 0),
    )
    fd = int(_LIBC.syscall(number, _LINK_CREATE, ctypes.byref(told), ctypes.sizeof(told)))
    if fd < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return fd
