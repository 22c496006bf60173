"""What /proc says of a process, as facts: bounded, only the few keys that name an agent, never a whole environment.

A process may end between any two reads: then it is None, which is no error. Field numbers are proc_pid_stat(5)'s.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf.hints import hints
from hexr_autoinst.capture.ebpf.maps import executable
from hexr_autoinst.capture.ebpf.pods import pod
from hexr_autoinst.model.facts import Key, Process

PROC: Final = Path("/proc")
_TICK_NS: Final = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_MOST_ARGS: Final = 64
_LONGEST_ARG: Final = 4096
_LONGEST_ENVIRON: Final = 1 << 20
_LONGEST_VALUE: Final = 4096
_NAMES: Final = (
    "HEXR_AGENT_NAME", "HEXR_TENANT", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES",
    "POD_NAME", "POD_NAMESPACE", "HOSTNAME", "COMPOSE_SERVICE",
)  # fmt: skip
_PAIRS: Final = ((0, 1), (3, 4))
_WAYS: Final = frozenset({"pipe", "socket"})
_PROXIES: Final = frozenset({"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"})
# Where Kubernetes tells a pod its namespace (kubernetes.io/docs: "Accessing the API from within a Pod").
_NAMESPACE_FILE: Final = "root/var/run/secrets/kubernetes.io/serviceaccount/namespace"


class Stat(NamedTuple):
    """Parent and start of a process. `start` is in ticks since boot."""

    parent: int
    start: int


def pids() -> tuple[int, ...]:
    """Every process of our pid namespace."""
    return tuple(int(one.name) for one in os.scandir(PROC) if one.name.isdecimal())


def stat(pid: int) -> Stat | None:
    """Parent and start, or None when it is gone."""
    data = _read(pid, "stat", 4096)
    # The name in parentheses may itself hold parentheses and spaces: cut behind the last one.
    fields = data.rpartition(b")")[2].split()
    try:
        return Stat(int(fields[1]), int(fields[19]))
    except (IndexError, ValueError):
        return None


def key(pid: int) -> Key | None:
    """Who holds this pid now."""
    found = stat(pid)
    return Key(pid, found.start) if found else None


def pipes(pid: int) -> bool:
    """Whether it may talk to its parent by pipes: by descriptors 0 and 1, or 3 and 4 (bpf/stdio.h)."""
    found = ({_way(pid, reads), _way(pid, writes)} for reads, writes in _PAIRS)
    return any("" not in ways and "pipe" in ways for ways in found)


def _way(pid: int, fd: int) -> str:
    try:
        kind, _, inode = str((PROC / str(pid) / "fd" / str(fd)).readlink()).partition(":[")
    except OSError:
        return ""
    return kind if inode and kind in _WAYS else ""


def process(pid: int, at: int, clock_offset: int, started: int = 0) -> Process | None:
    """The fact of a process at `at`. `started`: the time of its exec, where it was seen; else that of its birth."""
    found = stat(pid)
    exe = _exe(pid)
    if found is None or not exe:  # gone, or a kernel thread
        return None
    args = _args(pid)
    cgroup = _cgroup(_read(pid, "cgroup", 1 << 16))
    fact = Process(
        at=at,
        source="ebpf",
        key=Key(pid, found.start),
        parent=key(found.parent) if found.parent else None,
        exe=exe,
        args=args,
        env={**_env(pid), **pod(cgroup)},
        cgroup=cgroup,
        user=_user(pid),
        hints=hints(PROC / str(pid), exe, args, tuple(m.path for m in executable(pid))),
        started=started or found.start * _TICK_NS + clock_offset,
    )
    # A pid that changed hands while we read would mix two processes.
    return fact if key(pid) == fact.key else None


def _read(pid: int, name: str, most: int) -> bytes:
    """A file of the process, or nothing: files of /proc come in pieces, so read until the end."""
    try:
        with (PROC / str(pid) / name).open("rb") as file:
            return file.read(most)
    except OSError:
        return b""


def _exe(pid: int) -> str:
    try:
        return str((PROC / str(pid) / "exe").readlink()).removesuffix(" (deleted)")
    except OSError:
        return ""


def _args(pid: int) -> tuple[str, ...]:
    data = _read(pid, "cmdline", _MOST_ARGS * (_LONGEST_ARG + 1))
    parts = data.removesuffix(b"\0").split(b"\0")[:_MOST_ARGS] if data else []
    return tuple(_text(p[:_LONGEST_ARG]) for p in parts)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _env(pid: int) -> Mapping[str, str]:
    """The keys that name an agent; of a proxy only that there is one, since its address may hold a password."""
    found = {}
    kubernetes = False
    for item in _read(pid, "environ", _LONGEST_ENVIRON).split(b"\0"):
        name_bytes, mark, value = item.partition(b"=")
        name = _text(name_bytes)
        kubernetes |= name == "KUBERNETES_SERVICE_HOST"
        if mark and value and name in _PROXIES:
            found["HTTPS_PROXY"] = "set"
        elif mark and value and name in _NAMES:
            found[name] = _text(value[:_LONGEST_VALUE])
    if kubernetes and "POD_NAMESPACE" not in found and (said := _read(pid, _NAMESPACE_FILE, 256).strip()):
        found["POD_NAMESPACE"] = _text(said)
    return found


def _cgroup(data: bytes) -> str:
    """The v2 path; on a hybrid host where that is bare, systemd's, else the longest of the others."""
    paths = {}
    for line in _text(data).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        paths["" if number == "0" else controllers] = path
    for name in ("", "name=systemd"):
        if paths.get(name, "/") != "/":
            return paths[name]
    return max(paths.values(), key=len, default="")


def _user(pid: int) -> str:
    """The name in /etc/passwd, else the number. Not by getpwuid, which may ask a directory server."""
    # Not the owner of /proc/PID: of a process that is not dumpable that is root (proc(5)).
    _, _, rest = _text(_read(pid, "status", 1 << 14)).partition("\nUid:\t")
    uid = rest.split("\t", 2)[1:2]
    if not uid:
        return ""
    for line in _passwd().splitlines():
        name, _, rest = line.partition(":")
        if rest.split(":", 2)[1:2] == uid:
            return name
    return uid[0]


def _passwd() -> str:
    try:
        return Path("/etc/passwd").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
