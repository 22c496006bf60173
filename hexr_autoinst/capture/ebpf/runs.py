"""How often the kernel ran each of our programs, and for how long: its own statistics, kept only while someone asked for them.

They cost two clock readings a run, some tens of nanoseconds, of every BPF program of the host, so they are off unless
`bpf_stats` is set. Counting lasts as long as the descriptor is open (kernel commit d46edd671a14, Linux 5.8), and
the descriptor is only given to CAP_SYS_ADMIN: it is asked for before the camera lets go of that.
"""

import ctypes
import os
import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

_RUN_TIME: Final = 0  # enum bpf_stats_type: BPF_STATS_RUN_TIME
# struct bpf_prog_info (linux/bpf.h): `run_time_ns` and `run_cnt` stand here; a later kernel's longer one begins alike.
_PLACE: Final = 192
_PAIR: Final = struct.Struct("=QQ")
_INFO: Final = 256


class Runs(NamedTuple):
    """Of one program since it was loaded, or since the counting began."""

    runs: int
    ns: int


def switch_on(library: ctypes.CDLL) -> int:
    """The descriptor that keeps the counting on; OSError with the kernel's reason."""
    fd: int = library.bpf_enable_stats(_RUN_TIME)
    if fd < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return fd


def read(library: ctypes.CDLL, programs: Mapping[str, int]) -> dict[str, Runs]:
    """The runs of each loaded program by its name; one that this kernel has no place for is not loaded."""
    return read_fds(library, {name: library.bpf_program__fd(one) for name, one in programs.items()})


def read_fds(library: ctypes.CDLL, programs: Mapping[str, int]) -> dict[str, Runs]:
    """The same of programs that are known by their descriptors."""
    found: dict[str, Runs] = {}
    for name, fd in programs.items():
        info = ctypes.create_string_buffer(_INFO)
        length = ctypes.c_uint32(_INFO)
        if fd < 0 or library.bpf_obj_get_info_by_fd(fd, info, ctypes.byref(length)):
            continue
        if length.value >= _PLACE + _PAIR.size:
            ns, count = _PAIR.unpack_from(info.raw, _PLACE)
            found[name] = Runs(count, ns)
    return found
