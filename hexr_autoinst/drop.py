"""Privilege is given up here and nowhere else: users, capabilities, and the tie to the parent's life.

By hand through prctl(2) and capset(2): Python has neither, and a process that parses other people's
bytes must not need a compiled module to become harmless. What cannot be dropped raises, never goes on.
"""

import ctypes
import os
import pwd
import signal
from collections.abc import Iterable, Sequence
from typing import Final

from hexr_autoinst.errors import HexrError

# linux/capability.h
CAPABILITIES: Final = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "DAC_READ_SEARCH": 2, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8,
    "NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "SYS_PTRACE": 19, "SYS_ADMIN": 21, "SYS_RESOURCE": 24,
    "PERFMON": 38, "BPF": 39, "CHECKPOINT_RESTORE": 40,
}  # fmt: skip
_LAST: Final = 63
# linux/prctl.h
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_KEEPCAPS: Final = 8
_PR_CAPBSET_READ: Final = 23
_PR_CAPBSET_DROP: Final = 24
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_CAPABILITY_VERSION_3: Final = 0x20080522

_libc: Final = ctypes.CDLL(None, use_errno=True)


class PrivilegeKept(HexrError):
    """Privilege could not be dropped: {detail}"""

    exit_code = 77


class _Head(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def become(user: str, keep: Iterable[str] = (), parent: int | None = None) -> None:
    """Turn into `user` for good, with only the capabilities of `keep`; die with `parent` when given.

    The user's own groups come along (they open the store and the sockets), nobody else's.
    """
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise PrivilegeKept(detail=f"there is no user {user}; `sudo make install` makes it") from None
    _turn(entry.pw_uid, entry.pw_gid, os.getgrouplist(user, entry.pw_gid), keep)
    if parent is not None:
        end_with_parent(parent)


def become_nobody() -> None:
    """Turn into the kernel's overflow user: no name, no group, no capability. For a child that reads hostile files."""
    _turn(65534, 65534, (), ())


def become_ids(uid: int, gid: int, groups: Sequence[int]) -> None:
    """Turn into this user for good, with these groups and no capability. The bounding set is emptied first: afterwards nobody may."""
    _turn(uid, gid, groups, ())


def reduce(keep: Iterable[str]) -> None:
    """Stay this user, but keep at most these capabilities, now and after any exec."""
    kept = held().intersection(keep)
    _bound(kept)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _set(kept)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def end_with_parent(parent: int) -> None:
    """Die when `parent` dies. To be asked after the user has changed: setuid(2) forgets it."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def held() -> frozenset[str]:
    """Names (or numbers, where we have no name) of the effective capabilities."""
    sets = (_Sets * 2)()
    if _libc.capget(ctypes.byref(_Head(_CAPABILITY_VERSION_3, 0)), sets):
        raise PrivilegeKept(detail=os.strerror(ctypes.get_errno()))
    bits = sets[0].effective | sets[1].effective << 32
    names = {number: name for name, number in CAPABILITIES.items()}
    return frozenset(names.get(n, str(n)) for n in range(_LAST + 1) if bits >> n & 1)


def _turn(uid: int, gid: int, groups: Sequence[int], keep: Iterable[str]) -> None:
    kept = tuple(keep)
    _bound(kept)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _prctl(_PR_SET_KEEPCAPS, 1 if kept else 0)
    try:
        os.setgroups(groups)
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        raise PrivilegeKept(detail=f"uid {uid}: {error}") from None
    _set(kept)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _bound(keep: Iterable[str]) -> None:
    """Empty the bounding set, as far as we may (CAP_SETPCAP): no exec can bring back what is not in it."""
    kept = {CAPABILITIES[name] for name in keep}
    for number in range(_LAST + 1):
        state = _libc.prctl(_PR_CAPBSET_READ, number, 0, 0, 0)
        if state < 0:  # beyond the kernel's last
            return
        if state and number not in kept and "SETPCAP" in held():
            _prctl(_PR_CAPBSET_DROP, number)


def _set(keep: Iterable[str]) -> None:
    bits = sum(1 << CAPABILITIES[name] for name in keep)
    sets = (_Sets * 2)()
    for half in (0, 1):
        part = bits >> 32 * half & 0xFFFFFFFF
        sets[half].effective = sets[half].permitted = part
    if _libc.capset(ctypes.byref(_Head(_CAPABILITY_VERSION_3, 0)), sets):
        raise PrivilegeKept(detail=f"capset: {os.strerror(ctypes.get_errno())}")


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise PrivilegeKept(detail=f"prctl {option}: {os.strerror(ctypes.get_errno())}")
