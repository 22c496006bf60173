import mmap
import os
import subprocess
import sys
from pathlib import Path

from hexr_autoinst.capture.ebpf.maps import executable, identity

MAPS = """\
5581a000-5581b000 r--p 00000000 fe:00 18500                      /usr/bin/python3.11
5581b000-5581c000 r-xp 00001000 fe:00 18500                      /usr/bin/python3.11
7f00a000-7f00b000 r-xp 00000000 fe:00 77                         /opt/a folder/libssl.so.3 (deleted)
7f00c000-7f00d000 r-xp 00005000 fe:00 77                         /opt/a folder/libssl.so.3 (deleted)
7f00e000-7f00f000 r-xp 00000000 08:11 78                         /new\\012line.so
7f00f000-7f010000 r-xp 00000000 00:00 0
7f011000-7f012000 rwxp 00000000 00:01 9                          anon_inode:[perf]
7ffd0000-7ffd1000 r-xp 00000000 00:00 0                          [vdso]
broken
7f013000-7f014000 r-xp 00000000 zz:00 5                          /bad/device
"""


def test_each_executed_file_stands_once_with_device_inode_and_span(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "maps").write_text(MAPS)
    found = executable(7, tmp_path)

    assert [(os.major(m.device), os.minor(m.device), m.inode, m.path, m.span) for m in found] == [
        (0xFE, 0, 18500, "/usr/bin/python3.11", "5581b000-5581c000"),
        (0xFE, 0, 77, "/opt/a folder/libssl.so.3 (deleted)", "7f00a000-7f00b000"),
        (0x08, 0x11, 78, "/new\nline.so", "7f00e000-7f00f000"),
    ]
    assert [m.deleted for m in found] == [False, True, False]


def test_a_process_that_is_gone_executes_nothing():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert executable(child.pid) == ()


def test_our_own_interpreter_is_among_our_mappings():
    exe = Path("/proc/self/exe").stat()
    assert exe.st_ino in {m.inode for m in executable(os.getpid())}


def test_the_identity_of_a_file_is_what_maps_shows_of_it(tmp_path):
    path = tmp_path / "lib.so"
    path.write_bytes(bytes(mmap.PAGESIZE))
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC),
    ):
        shown = next(m for m in executable(os.getpid()) if m.path == str(path))
        assert identity(file.fileno()) == (shown.device, shown.inode)


def test_an_empty_file_is_identified_by_stat(tmp_path):
    (tmp_path / "x").touch()
    with (tmp_path / "x").open("rb") as file:
        found = os.fstat(file.fileno())
        assert identity(file.fileno()) == (found.st_dev, found.st_ino)
