"""Which tracepoints of the objects this kernel has, and whether it is enough to watch at all. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hexr_autoinst.errors import CaptureUnavailable

MULTI: Final = "bpf_uprobe_multi_link"
_POINT: Final = "tp_btf/"
# Without these there is nothing to watch; the rest is left out where the kernel has no such tracepoint.
NEEDED: Final = frozenset({"sched_process_fork", "sched_process_exec", "sched_process_exit"})
NONE: Final[frozenset[str]] = frozenset()
# Helpers are no names in the kernel's BTF, but the function behind this one is: 5.17 (e6f2dd0f8067).
NEWEST_HELPER: Final = "bpf_loop"
# What a socket carried, and by whom it was asked for: since 6.3.
_CARRIED: Final = frozenset({"sock_send_length", "sock_recv_length"})


# Newer than the oldest kernel that is good enough: something else does nearly the same.
NEWER: Final = frozenset({"sched_prepare_exec"})


class Points(NamedTuple):
    """Tracepoints that are there and that are not."""

    have: frozenset[str]
    absent: frozenset[str]

    def chosen(self, section: str) -> bool:
        """Whether a program of this section can be loaded."""
        return not section.startswith(_POINT) or section.removeprefix(_POINT) in self.have

    @property
    def silent(self) -> bool:
        """Whether no tracepoint says what a socket carried: something must stand in."""
        return bool(_CARRIED & self.absent)

    @property
    def lacking(self) -> frozenset[str]:
        """What nothing can stand in for."""
        return self.absent - _CARRIED - NEWER


class Asked(NamedTuple):
    """Names to look for in the kernel's BTF."""

    typedefs: tuple[str, ...]
    structs: tuple[str, ...]
    functions: tuple[str, ...]


def asked(sections: Iterable[str]) -> Asked:
    """What `choose` must know."""
    return Asked(tuple(f"btf_trace_{p}" for p in sorted(_points(sections))), (MULTI,), (NEWEST_HELPER,))


def choose(sections: Iterable[str], known: frozenset[str], needed: frozenset[str] = NEEDED) -> Points:
    """By what the kernel knows of `asked`; CaptureUnavailable where that is too little."""
    wanted = _points(sections)
    have = frozenset(p for p in wanted if f"btf_trace_{p}" in known)
    if NEWEST_HELPER not in known:
        raise CaptureUnavailable(detail="this kernel is too old for the kernel plane, which needs Linux 5.17")
    if missing := needed - have:
        raise CaptureUnavailable(detail=f"this kernel has no tracepoint {', '.join(sorted(missing))}")
    return Points(have, wanted - have)


def is_trace(section: str) -> bool:
    """Whether a program of this section is for a tracepoint."""
    return section.startswith((_POINT, "fexit/"))


def _points(sections: Iterable[str]) -> frozenset[str]:
    return frozenset(s.removeprefix(_POINT) for s in sections if s.startswith(_POINT))
