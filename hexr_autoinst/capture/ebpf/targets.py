"""Which files are worth a survey, where they are found, and which have been seen. Attaches nothing.

A file is known by (device, inode) as its mappings show it, looked at once for all processes, and
opened through the process that maps it, so that containers and deleted files work.
"""

import os
import re
import stat
import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf.maps import Mapped, executable

LINKER_CACHE: Final = Path("/etc/ld.so.cache")
_CACHE_MAGIC: Final = b"glibc-ld.so.cache1.1"
_CACHE_HEAD: Final = 48
_CACHE_ENTRY: Final = struct.Struct("<iIIIQ")
_MOST_CACHED: Final = 65536
# flags of an entry: sysdeps/generic/ldconfig.h, FLAG_X8664_LIB64 and FLAG_AARCH64_LIB64
_FLAGS: Final = {"x86_64": 0x0300, "aarch64": 0x0A00}
# Libraries that may hold TLS: those we read and those that a refusal names. An executable is always looked at.
_LIBRARY: Final = re.compile(
    r"(lib(ssl|gnutls|nspr4|nss3|mbedtls|wolfssl|s2n|boringssl|conscrypt|python3|node)[^/]*\.so"
    r"|_ssl[.-][^/]*so|cygrpc[^/]*\.so|_awscrt[^/]*\.so|[^/]*boringssl[^/]*\.so)"
)
_PROGRAMS: Final = re.compile(r"(node|nodejs|python3(\.\d+)?)")


class Target(NamedTuple):
    """A file to look at: how it is called, how to reach it (each way in turn), and what mapped it (0, 0: a path)."""

    name: str
    ways: tuple[str, ...]
    device: int = 0
    inode: int = 0


@dataclass(slots=True)
class Memory:
    """Which files have been looked at, bounded. What was attached is never forgotten: its inode cannot be reused."""

    most: int = 8192
    ttl: float = 600.0
    _seen: OrderedDict[tuple[int, int], float] = field(default_factory=OrderedDict)
    _kept: set[tuple[int, int]] = field(default_factory=set)

    def fresh(self, device: int, inode: int, now: float) -> bool:
        """Whether this file is to be looked at now; asking counts as looking."""
        one = (device, inode)
        if one in self._kept or self._seen.get(one, -1.0) > now:
            return False
        self._seen[one] = now + self.ttl
        self._seen.move_to_end(one)
        while len(self._seen) > self.most:
            self._seen.popitem(last=False)
        return True

    def keep(self, device: int, inode: int) -> bool:
        """It is attached now; False when it was already."""
        one = (device, inode)
        self._seen.pop(one, None)
        if one in self._kept:
            return False
        self._kept.add(one)
        return True

    def forget(self, device: int, inode: int) -> None:
        """It could not be opened: look again when it is met again."""
        self._seen.pop((device, inode), None)


def worth(name: str) -> bool:
    """Whether a library of this name may hold TLS."""
    return bool(_LIBRARY.match(PurePath(name.removesuffix(" (deleted)")).name))


def of_process(pid: int) -> Iterator[Target]:
    """The executable of a process and those of its libraries that may hold TLS."""
    try:
        exe = str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return
    for one in executable(pid):
        if one.path == exe or worth(one.path):
            yield Target(one.path, _ways(pid, one), one.device, one.inode)


def _ways(pid: int, one: Mapped) -> tuple[str, ...]:
    """map_files is exact, also for deleted files, but asks for CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE (proc(5))."""
    exact = f"/proc/{pid}/map_files/{one.span}"
    return (exact,) if one.deleted else (f"/proc/{pid}/root{one.path}", exact)


def well_known(path: str, cache: Path = LINKER_CACHE) -> Iterator[Target]:
    """What a first agent will most likely use: the linker's libssl, then node and python3* of PATH."""
    for name in dict.fromkeys((*_linked(cache), *_programs(path))):
        yield Target(name, (name,))


def _programs(path: str) -> Iterator[str]:
    for folder in dict.fromkeys(f for f in path.split(":") if f.startswith("/")):
        try:
            names = sorted(one.name for one in os.scandir(folder) if _PROGRAMS.fullmatch(one.name))
        except OSError:
            continue
        for name in names:
            yield os.path.realpath(os.path.join(folder, name))  # noqa: PTH118 - Path.resolve raises on link loops


def _linked(cache: Path) -> tuple[str, ...]:
    try:
        return linker_cache(cache.read_bytes(), os.uname().machine)
    except (OSError, struct.error):
        return ()


def linker_cache(data: bytes, machine: str) -> tuple[str, ...]:
    """Paths of libssl in ld.so.cache: glibc's elf/cache.c, the new format, alone or behind the old one."""
    start = data.find(_CACHE_MAGIC)
    if start < 0:
        return ()
    (count,) = struct.unpack_from("<I", data, start + len(_CACHE_MAGIC))
    entries = data[start + _CACHE_HEAD :][: min(count, _MOST_CACHED) * _CACHE_ENTRY.size]
    found = []
    for flags, key, value, _, _ in _CACHE_ENTRY.iter_unpack(entries[: len(entries) - len(entries) % 24]):
        if flags & 0xFF00 == _FLAGS.get(machine) and _string(data, start + key).startswith("libssl.so."):
            found.append(os.path.realpath(_string(data, start + value)))
    return tuple(dict.fromkeys(found))


def _string(data: bytes, start: int) -> str:
    end = data.find(b"\0", start, start + 4096)
    return os.fsdecode(data[start:end]) if end > start else ""


def opened(target: Target) -> int | None:
    """A descriptor of the very file, or None. A device or a pipe is never opened; a path that leads elsewhere is not taken."""
    for way in target.ways:
        try:
            held = os.open(way, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            found = os.fstat(held)
            # Devices are not compared: overlay and btrfs show another one in stat than in maps.
            if stat.S_ISREG(found.st_mode) and target.inode in (0, found.st_ino):
                return os.open(f"/proc/self/fd/{held}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        finally:
            os.close(held)
    return None


def overlaid(device: int, mountinfo: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether a device number is an overlay's: two overlays show one inode of their common layer under two devices."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines: Iterable[str] = mountinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    for line in lines:
        left, _, right = line.partition(" - ")
        if left.split()[2:3] == [wanted]:
            return right.split()[:1] == ["overlay"]
    return False
