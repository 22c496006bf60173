"""Told or not: `only` and `not` applied to one process and its ancestors, in user space.

The kernel decides the same for its own plane (capture/ebpf/filter); this is for the proxy, which
knows a process by its pid only. A rule holds for a process when it holds for it or for any
ancestor, as children follow their parents; `not` wins.
"""

import fnmatch
import pwd
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hexr_autoinst.config import Rule

_DEEPEST: Final = 64  # ancestors; a longer chain is a loop of reused pids


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule may ask about a process."""

    pid: int
    parent: int
    start: int
    uid: int
    exe: str
    cgroup: str


def look(pid: int, proc: Path = Path("/proc")) -> Seen | None:
    """The process as /proc shows it now; None when it is gone or hidden."""
    place = proc / str(pid)
    try:
        # The name in parentheses may hold spaces and parentheses itself: cut after the last one (proc_pid_stat(5)).
        stat = (place / "stat").read_bytes().rpartition(b")")[2].split()
        return Seen(
            pid=pid,
            parent=int(stat[1]),
            start=int(stat[19]),
            uid=place.stat().st_uid,
            exe=_exe(place),
            cgroup=_cgroup(place),
        )
    except (OSError, IndexError, ValueError):
        return None


def _exe(place: Path) -> str:
    try:
        return str((place / "exe").readlink()).removesuffix(" (deleted)")
    except OSError:
        return ""  # a kernel thread, or gone between two reads


def _cgroup(place: Path) -> str:
    """The path in the v2 hierarchy, `0::/path`; on a host without it that of the first hierarchy."""
    lines = (place / "cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    unified = [line[3:] for line in lines if line.startswith("0::")]
    return next(iter(unified or [line.split(":", 2)[-1] for line in lines]), "")


def cgroup_mounts(mounts: Path = Path("/proc/self/mounts")) -> tuple[str, ...]:
    """Where cgroup2 is mounted: a rule may name a group by its folder as well as by its path."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ()
    return tuple(line[1] for line in lines if len(line) > 2 and line[2] == "cgroup2")


def matches(rule: Rule, process: Seen, mounts: tuple[str, ...] = ()) -> bool:
    """Whether the rule names this very process."""
    match rule.kind:
        case "pid":
            return process.pid == int(rule.value)
        case "user":
            return process.uid == _uid(rule.value)
        case "exe":
            return bool(process.exe) and fnmatch.fnmatchcase(process.exe, rule.value)
        case "cgroup":
            return _within(process.cgroup, _group(rule.value, mounts))
        case _:
            return False


def _uid(name: str) -> int:
    try:
        return int(name) if name.isdecimal() else pwd.getpwnam(name).pw_uid
    except KeyError:
        return -1


def _group(value: str, mounts: tuple[str, ...]) -> str:
    for mount in sorted(mounts, key=len, reverse=True):
        if value == mount or value.startswith(mount + "/"):
            value = value[len(mount) :]
            break
    return "/" + value.strip("/")


def _within(path: str, group: str) -> bool:
    return group in ("/", path) or path.startswith(group + "/")


def told(
    pid: int,
    only: tuple[Rule, ...],
    not_: tuple[Rule, ...],
    *,
    mounts: tuple[str, ...] = (),
    look_at: Callable[[int], Seen | None] = look,
) -> bool:
    """Whether this process may be told of. No `only` at all means everybody."""
    if not only and not not_:
        return True
    family = list(_line(pid, look_at))
    if any(matches(rule, one, mounts) for rule in not_ for one in family):
        return False
    return not only or any(matches(rule, one, mounts) for rule in only for one in family)


def _line(pid: int, look_at: Callable[[int], Seen | None]) -> Iterator[Seen]:
    for _ in range(_DEEPEST):
        one = look_at(pid) if pid > 0 else None
        if one is None:
            return
        yield one
        pid = one.parent
