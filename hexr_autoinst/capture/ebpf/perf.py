"""Probes by perf events, for programs that libbpf does not hold: one event and one BPF link for each (Linux 5.15 for the cookie).

perf_event_open(2); bpf(2) BPF_LINK_CREATE. The link keeps the event, so that its descriptor is all that is left to hold.
"""

import ctypes
import fcntl
import os
import platform
from ctypes import CDLL, Structure, c_uint32, c_uint64
from pathlib import Path
from typing import Final, NamedTuple

_LINK_CREATE: Final = 28  # enum bpf_cmd
_PERF_EVENT: Final = 41  # enum bpf_attach_type: BPF_PERF_EVENT
_BPF: Final = {"x86_64": 321, "aarch64": 280}
_PERF_OPEN: Final = {"x86_64": 298, "aarch64": 241}
_CLOEXEC: Final = 8  # PERF_FLAG_FD_CLOEXEC
_ENABLE: Final = 0x2400  # PERF_EVENT_IOC_ENABLE
_DEVICES: Final = Path("/sys/bus/event_source/devices")
_LIBC: Final = CDLL(None, use_errno=True)


class Spot(NamedTuple):
    """Where: a file and an offset in it (uprobe), or a function of the kernel (kprobe); at its entry or its return."""

    device: str
    name: bytes
    offset: int
    returns: bool


class _Attr(Structure):
    """struct perf_event_attr as far as its second version (PERF_ATTR_SIZE_VER1)."""

    _fields_ = (
        ("type", c_uint32), ("size", c_uint32), ("config", c_uint64), ("period", c_uint64),
        ("sample_type", c_uint64), ("read_format", c_uint64), ("flags", c_uint64),
        ("wakeup", c_uint32), ("bp_type", c_uint32), ("config1", c_uint64), ("config2", c_uint64),
    )  # fmt: skip


class _Create(Structure):
    """The link_create.perf_event part of union bpf_attr."""

    _fields_ = (
        ("prog_fd", c_uint32), ("target_fd", c_uint32), ("attach_type", c_uint32),
        ("flags", c_uint32), ("cookie", c_uint64),
    )  # fmt: skip


def link(program: int, spot: Spot, *, cookie: int = 0, pid: int = -1) -> int:
    """The descriptor of a link that runs `program` there; OSError with the kernel's reason."""
    event = _open(spot, pid)
    try:
        asked = _Create(prog_fd=program, target_fd=event, attach_type=_PERF_EVENT, cookie=cookie)
        made = _call(_BPF, _LINK_CREATE, ctypes.byref(asked), ctypes.sizeof(asked))
        fcntl.ioctl(event, _ENABLE, 0)
    finally:
        os.close(event)
    return made


def _open(spot: Spot, pid: int) -> int:
    name = ctypes.create_string_buffer(spot.name)
    attr = _Attr(
        type=int((_DEVICES / spot.device / "type").read_text(encoding="ascii")),
        size=ctypes.sizeof(_Attr),
        config=_return_bit(spot.device) if spot.returns else 0,
        config1=ctypes.addressof(name),
        config2=spot.offset,
    )
    return _call(_PERF_OPEN, ctypes.byref(attr), pid, 0 if pid < 0 else -1, -1, _CLOEXEC)


def _return_bit(device: str) -> int:
    """`config:0` says which bit of it asks for the return."""
    text = (_DEVICES / device / "format" / "retprobe").read_text(encoding="ascii")
    return 1 << int(text.strip().partition(":")[2])


def _call(numbers: dict[str, int], *arguments: object) -> int:
    number = numbers.get(platform.machine())
    if number is None:
        raise OSError(0, "the numbers of its system calls are not known for this machine")
    found = int(_LIBC.syscall(number, *arguments))
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return found
