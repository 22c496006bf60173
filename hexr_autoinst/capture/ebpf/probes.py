"""From a plan to attached probes: which program goes where, and the links that hold them.

The leave side is attached before the enter side, and both or none: an entry whose return is never
seen would make the thread look as if it were inside the library for ever.

On x86_64 a return probe is the cheaper leave side: it shares the entry's breakpoint and comes back by a system call (or
a breakpoint before 6.11), while each RET is a breakpoint and a single step: 1.3 µs a call against 12 to 28, measured.
Elsewhere RET is emulated (arch/arm64/kernel/probes/decode-insn.c), so that both cost one exception.
"""

import ctypes
import os
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf import libbpf
from hexr_autoinst.capture.ebpf.symbols import Plan

# uretprobes kill a process under seccomp from ff474a78cef5 (6.11) on: fixed by cf6cb56ef244 (6.14) and in stable kernels, see CVE-2025-21834.
_DEADLY: Final = (((6, 11), (6, 12, 14)), ((6, 13), (6, 13, 3)))
# A process with a shadow stack does not survive them between its coming (6.6) and 1713b63a07a2 (6.11).
_WARY: Final = (((6, 6), (6, 11)), *_DEADLY)
_DEADLY_WHY: Final = (
    "this kernel's uretprobes kill a process that runs under seccomp (6.11 to 6.12.13, 6.13 to 6.13.2)"
)


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
    """One function's places, leave side first, or why it cannot be watched. `through`: others that are seen there too."""

    function: str
    places: tuple[Place, ...]
    refusal: str = ""
    through: tuple[str, ...] = ()

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


def wanted(plan: Plan, programs: Mapping[str, int], machine: str = "") -> Iterator[Wanted]:
    """What to attach for each function of the plan that any program is for."""
    cheap = return_probes_first(platform.release(), machine or platform.machine())
    seen = {name for probe in plan.probes if cheap and probe.inner for name in probe.through}
    for probe in plan.probes:
        enter, leave = programs.get(f"enter_{probe.function}"), programs.get(f"leave_{probe.function}")
        if enter is None or probe.function in seen:
            continue
        if leave is None:
            yield Wanted(probe.function, (Place(enter, (probe.offset,), returns=False),))
        elif cheap:
            at = (probe.inner or probe.offset,)
            through = probe.through if probe.inner else ()
            yield Wanted(probe.function, _around(enter, leave, at), through=through)
        elif probe.returns:
            places = (
                Place(leave, probe.returns, returns=False),
                Place(enter, (probe.offset,), returns=False),
            )
            yield Wanted(probe.function, places)
        elif deadly(platform.release()):
            yield Wanted(probe.function, (), _DEADLY_WHY)
        else:
            yield Wanted(probe.function, _around(enter, leave, (probe.offset,)))


def _around(enter: int, leave: int, at: tuple[int, ...]) -> tuple[Place, ...]:
    return Place(leave, at, returns=True), Place(enter, at, returns=False)


def return_probes_first(release: str, machine: str) -> bool:
    """Whether return probes are the better leave side even where every RET is known."""
    return machine == "x86_64" and not _between(release, _WARY)


def deadly(release: str) -> bool:
    """Whether this kernel's uretprobes are known to kill."""
    return _between(release, _DEADLY)


def _between(release: str, spans: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]) -> bool:
    """Whoever names no patch level of the stable kernels' (Ubuntu's 6.11.0-29) is taken for the first."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", release)
    version = tuple(int(part or 0) for part in found.groups()) if found else ()
    return any(first <= version < end for first, end in spans)


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
