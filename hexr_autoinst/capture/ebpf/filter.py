"""Rules of the configuration become kernel maps: who is watched is decided there, before a byte is copied.

`not` wins over `only`; without any `only` everything is watched that no `not` names. Children follow
their parent: those born later in the kernel, those already alive by a walk over /proc done here.
"""

import glob
import mmap
import os
import pwd
import struct
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeVar

from hexr_autoinst.capture.ebpf import layout
from hexr_autoinst.config import Rule
from hexr_autoinst.errors import ConfigError

ONLY, NOT, SELF = 1, 2, 4  # enum flag of bpf/events.h
_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
_ZERO: Final = bytes(4)
_MAX_EXES: Final = 4096  # entries of rule_exes
FileId = tuple[int, int]
T = TypeVar("T")


class Maps(Protocol):
    """What of the loaded objects the rules need."""

    def update(self, name: str, key: bytes, value: bytes) -> None:
        """Write one element of a map."""
        ...


def install(
    objects: Maps,
    only: Iterable[Rule],
    not_: Iterable[Rule],
    cgroup_root: str | Path,
    daemon: Iterable[int] = (),
) -> None:
    """Write the rules, then let the kernel begin. ConfigError names a rule that fits nothing.

    `daemon`: our own processes, never watched, nor what they start.
    """
    rules = [(rule, ONLY) for rule in only] + [(rule, NOT) for rule in not_]
    cgroups = _merged(
        (_cgroup(rule, Path(cgroup_root)), flag) for rule, flag in rules if rule.kind == "cgroup"
    )
    users = _merged((_user(rule), flag) for rule, flag in rules if rule.kind == "user")
    exes = _merged((f, flag) for rule, flag in rules if rule.kind == "exe" for f in _exes(rule))
    named = _merged((int(rule.value), flag) for rule, flag in rules if rule.kind == "pid")
    own = [(pid, SELF) for pid in daemon]
    pids = with_children(_merged((*own, *named.items(), *_running(exes).items())), parents())
    for group, flag in cgroups.items():
        objects.update("rule_cgroups", _U64.pack(group), _U32.pack(flag))
    for user, flag in users.items():
        objects.update("rule_users", _U32.pack(user), _U32.pack(flag))
    for (device, inode), flag in exes.items():
        objects.update("rule_exes", layout.FileId.pack(device=device, inode=inode), _U32.pack(flag))
    for pid, flag in pids.items():
        objects.update("rule_pids", _U32.pack(pid), _U32.pack(flag))
    policy = layout.Policy.pack(
        ready=1,
        only=any(flag == ONLY for _, flag in rules),
        cgroups=bool(cgroups),
        users=bool(users),
        exes=bool(exes),
        pids=bool(pids),
    )
    objects.update("policies", _ZERO, policy)


def with_children(flags: Mapping[int, int], parents_: Mapping[int, int]) -> dict[int, int]:
    """The flags of these pids and of all that descend from them now."""
    found = dict(flags)
    for pid in parents_:
        line, above = [pid], parents_.get(pid, 0)
        while above in parents_ and above not in line:
            line.append(above)
            above = parents_[above]
        inherited = 0
        for one in (*line, above):
            inherited |= flags.get(one, 0)
        if inherited:
            found[pid] = inherited
    return found


def parents(proc: Path = Path("/proc")) -> dict[int, int]:
    """Every process and its parent; one that ends meanwhile is left out."""
    found = {}
    for entry in proc.iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            stat = (entry / "stat").read_bytes()
        except OSError:  # it has ended: nothing to watch
            continue
        found[int(entry.name)] = int(stat.rsplit(b")", 1)[1].split()[1])
    return found


def identity(path: str) -> FileId:
    """Device and inode of a file as the kernel's own file has them.

    Not stat's: btrfs and overlays show another device there. A mapping of one page shows them.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        stat = os.fstat(fd)
        with mmap.mmap(fd, mmap.PAGESIZE, mmap.MAP_PRIVATE, mmap.PROT_READ):
            table = Path("/proc/self/maps").read_bytes()
    finally:
        os.close(fd)
    for line in table.splitlines():
        columns = line.split(maxsplit=5)
        if int(columns[4]) == stat.st_ino:
            major, minor = columns[3].split(b":")
            return int(major, 16) << 20 | int(minor, 16), stat.st_ino
    return os.major(stat.st_dev) << 20 | os.minor(stat.st_dev), stat.st_ino


def _cgroup(rule: Rule, root: Path) -> int:
    """The kernel's id of a cgroup is the inode of its folder."""
    below = Path(rule.value)
    folder = below if below.is_relative_to(root) else root / rule.value.lstrip("/")
    try:
        return folder.stat().st_ino
    except OSError:
        raise ConfigError(detail=f"`{rule}`: there is no cgroup {folder}") from None


def _user(rule: Rule) -> int:
    if rule.value.isdecimal():
        return int(rule.value)
    try:
        return pwd.getpwnam(rule.value).pw_uid
    except KeyError:
        raise ConfigError(detail=f"`{rule}`: there is no user {rule.value}") from None


def _exes(rule: Rule) -> list[FileId]:
    """Files that a glob names now. One that cannot be opened or mapped (a folder, an empty file) is no program."""
    found = []
    for path in islice(glob.iglob(rule.value, recursive=True), _MAX_EXES):  # noqa: PTH207 - an absolute pattern
        try:
            found.append(identity(path))
        except (OSError, ValueError):
            continue
    if not found:
        raise ConfigError(detail=f"`{rule}` fits no program on this machine")
    return found


def _running(exes: Mapping[FileId, int]) -> dict[int, int]:
    """Processes that run one of these programs already: their children follow them."""
    if not exes:
        return {}
    inodes = {inode for _, inode in exes}
    found: dict[int, int] = {}
    for pid in parents():
        try:
            if Path(f"/proc/{pid}/exe").stat().st_ino not in inodes:
                continue
            file = identity(f"/proc/{pid}/exe")
        except (OSError, ValueError):  # a kernel thread, or it has ended
            continue
        if file in exes:
            found[pid] = exes[file]
    return found


def _merged(pairs: Iterable[tuple[T, int]]) -> dict[T, int]:
    found: dict[T, int] = {}
    for name, flag in pairs:
        found[name] = found.get(name, 0) | flag
    return found
