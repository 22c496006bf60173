"""/proc/PID/maps: which files a process executes. Nothing is opened or judged here."""

import mmap
import os
from pathlib import Path
from typing import Final, NamedTuple

_BIGGEST: Final = 16 << 20  # 65,530 mappings (vm.max_map_count) of long names


class Mapped(NamedTuple):
    """An executable file mapping. `span` names it in /proc/PID/map_files."""

    device: int
    inode: int
    path: str
    span: str

    @property
    def deleted(self) -> bool:
        """Whether the path leads nowhere any more."""
        return self.path.endswith(" (deleted)")


def executable(pid: int, proc: Path = Path("/proc")) -> tuple[Mapped, ...]:
    """The files a process executes, each once; empty when it is gone or hidden."""
    try:
        with (proc / str(pid) / "maps").open("rb") as file:
            data = file.read(_BIGGEST)
    except OSError:
        return ()
    found: dict[tuple[int, int], Mapped] = {}
    for line in data.splitlines():
        one = _mapped(line)
        if one:
            found.setdefault((one.device, one.inode), one)
    return tuple(found.values())


def identity(fd: int) -> tuple[int, int]:
    """(device, inode) of an open file as maps would show them: btrfs and overlays show another device in stat.

    One page is mapped, never touched, and looked up in our own maps.
    """
    found = os.fstat(fd)
    try:
        with mmap.mmap(fd, mmap.PAGESIZE, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC):
            own = executable(os.getpid())
    except (OSError, ValueError):  # mounted noexec, or an empty file
        own = ()
    devices = {one.device for one in own if one.inode == found.st_ino}
    # Two files of one inode number in our own maps: then stat's word must do.
    return (devices.pop() if len(devices) == 1 else found.st_dev), found.st_ino


def _mapped(line: bytes) -> Mapped | None:
    parts = line.split(None, 5)
    if len(parts) < 6 or parts[1][2:3] != b"x" or not parts[5].startswith(b"/"):
        return None
    try:
        major, _, minor = parts[3].partition(b":")
        device, inode = os.makedev(int(major, 16), int(minor, 16)), int(parts[4])
    except ValueError:
        return None
    # The kernel writes a newline of a name as \012 (seq_path); nothing else is escaped.
    path = os.fsdecode(parts[5]).replace("\\012", "\n")
    return Mapped(device, inode, path, parts[0].decode("ascii", "replace")) if inode else None
