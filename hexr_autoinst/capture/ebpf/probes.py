"""From a plan to attached probes: which program goes where, and the links that hold them.

The leave side is attached before the enter side, and both or none: an entry whose return is never
seen would make the thread look as if it were inside the library for ever.
"""

import ctypes
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf import libbpf
from hexr_autoinst.capture.ebpf.symbols import Plan, Probe

# uretprobes kill a process under seccomp on these kernels: fixed by ff474a78cef5 (6.14).
_DEADLY: Final = ((6, 11), (6, 14))
_DEADLY_WHY: Final = "this kernel's uretprobes kill a process that runs under seccomp (6.11 to 6.13)"


class Place(NamedTuple):
    """One program and the offsets in the file that it watches."""

    program: int
    offsets: tuple[int, ...]
    returns: bool


class Target(NamedTuple):
    """Where a plan's probes go: the file, the library's number, one process or all (-1), by one link or many."""

    path: str
    cookie: int
    pid: int
    multi: bool


class Wanted(NamedTuple):
    """One function's places, leave side first, or why it cannot be watched."""

    function: str
    places: tuple[Place, ...]
    refusal: str = ""

    @property
    def probes(self) -> int:
        """How many probes that makes."""
        return sum(len(place.offsets) for place in self.places)


@dataclass(frozen=True, slots=True)
class Link:
    """One attached link: libbpf's pointer, or a descriptor of our own."""

    pointer: int = 0
    fd: int = -1

    def destroy(self, library: ctypes.CDLL) -> None:
        """Detach."""
        if self.pointer:
            library.bpf_link__destroy(self.pointer)
        if self.fd >= 0:
            os.close(self.fd)


def wanted(plan: Plan, programs: Mapping[str, int]) -> Iterator[Wanted]:
    """What to attach for each function of the plan that any program is for."""
    for probe in plan.probes:
        enter, leave = programs.get(f"enter_{probe.function}"), programs.get(f"leave_{probe.function}")
        if enter is None:
            continue
        if leave is not None and not probe.returns and deadly(platform.release()):
            yield Wanted(probe.function, (), _DEADLY_WHY)
            continue
        before = (_leave(leave, probe),) if leave is not None else ()
        yield Wanted(probe.function, (*before, Place(enter, (probe.offset,), returns=False)))


def _leave(program: int, probe: Probe) -> Place:
    if probe.returns:
        return Place(program, tuple(probe.returns), returns=False)
    return Place(program, (probe.offset,), returns=True)


def deadly(release: str) -> bool:
    """Whether this kernel's uretprobes are known to kill."""
    head = release.split("-", 1)[0].split(".")
    try:
        version = (int(head[0]), int(head[1]))
    except (ValueError, IndexError):
        return False
    return _DEADLY[0] <= version < _DEADLY[1]


def attach(library: ctypes.CDLL, asked: Wanted, target: Target) -> list[Link]:
    """Both sides of one function, or none; OSError with the kernel's reason."""
    made: list[Link] = []
    try:
        for place in asked.places:
            for link in _attach(library, place, target):
                made.append(link)  # noqa: PERF402 - one by one, so that a later failure finds the earlier ones
    except OSError:
        for link in made:
            link.destroy(library)
        raise
    return made


def _attach(library: ctypes.CDLL, place: Place, target: Target) -> Iterator[Link]:
    path = os.fsencode(target.path)
    if target.multi:
        ask = libbpf.Many(library.bpf_program__fd(place.program), path, place.offsets, place.returns)
        yield Link(fd=libbpf.link_many(ask, cookie=target.cookie, pid=target.pid))
        return
    for offset in place.offsets:
        options = libbpf.UprobeOptions(bpf_cookie=target.cookie, retprobe=place.returns)
        options.sz = ctypes.sizeof(options)
        link = library.bpf_program__attach_uprobe_opts(
            place.program, target.pid, path, offset, ctypes.byref(options)
        )
        if not link:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        yield Link(pointer=link)
