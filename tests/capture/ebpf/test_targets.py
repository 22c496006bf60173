import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf.targets import (
    Memory,
    Target,
    linker_cache,
    of_process,
    opened,
    overlaid,
    well_known,
    worth,
)


def cache(*entries, old=b""):
    """ld.so.cache as glibc's elf/cache.c writes it."""
    strings, rows = b"", []
    start = 48 + 24 * len(entries)
    for flags, name, path in entries:
        key = start + len(strings)
        strings += name + b"\0"
        rows.append(struct.pack("<iIIIQ", flags, key, start + len(strings), 0, 0))
        strings += path + b"\0"
    head = b"glibc-ld.so.cache1.1" + struct.pack("<II", len(entries), len(strings)) + bytes(20)
    return old + head + b"".join(rows) + strings


ENTRIES = (
    (0x0303, b"libssl.so.3", b"/nowhere/libssl.so.3"),
    (0x0303, b"libssl.so", b"/nowhere/libssl.so"),
    (0x0803, b"libssl.so.1.1", b"/nowhere/32bit/libssl.so.1.1"),
    (0x0A03, b"libssl.so.3", b"/nowhere/arm/libssl.so.3"),
    (0x0303, b"libz.so.1", b"/nowhere/libz.so.1"),
)


@pytest.mark.parametrize(
    ("machine", "expected"), [("x86_64", "/nowhere/libssl.so.3"), ("aarch64", "/nowhere/arm/libssl.so.3")]
)
def test_the_linker_cache_names_libssl_of_this_machine_only(machine, expected):
    assert linker_cache(cache(*ENTRIES), machine) == (expected,)


def test_the_new_cache_is_found_behind_an_old_one():
    assert linker_cache(cache(ENTRIES[0], old=b"ld.so-1.7.0\0" + bytes(100)), "x86_64") == (
        "/nowhere/libssl.so.3",
    )


@pytest.mark.parametrize("cut", [0, 10, 20, 24, 47, 60, 80])
def test_a_cut_cache_names_nothing_and_does_not_raise(tmp_path, cut):
    path = tmp_path / "cache"
    path.write_bytes(cache(*ENTRIES)[:cut])
    assert list(well_known("", path)) == []


def test_the_cache_of_this_machine_names_what_ldconfig_prints(libssl):
    ldconfig = shutil.which("ldconfig", path="/sbin:/usr/sbin:/usr/bin")
    if not ldconfig:
        pytest.skip("needs ldconfig")
    lines = subprocess.run([ldconfig, "-p"], check=True, capture_output=True, text=True).stdout.splitlines()
    told = {
        os.path.realpath(x.split("=> ")[1]) for x in lines if x.strip().startswith("libssl.so.") and "64" in x
    }

    assert {t.name for t in well_known("")} == told


def test_programs_of_path_are_followed_to_the_file_and_named_once(tmp_path):
    (tmp_path / "bin").mkdir()
    real = tmp_path / "python3.11"
    real.touch()
    for name in ("python3", "python3.11", "python3-config", "pythonic"):
        (tmp_path / "bin" / name).symlink_to(real)
    (tmp_path / "bin" / "node").touch()

    found = well_known(f"{tmp_path}/bin:relative:{tmp_path}/bin:/nowhere", tmp_path / "no-cache")
    assert [t.name for t in found] == [str(tmp_path / "bin" / "node"), str(real)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/usr/lib/libssl.so.3", True), ("/x/libssl-3e69114b.so.1.1", True), ("/x/libssl3.so", True),
        ("/x/libgnutls.so.30", True), ("/x/_ssl.cpython-312-x86_64-linux-gnu.so", True), ("libpython3.11.so.1.0", True),
        ("/x/cygrpc.cpython-311.so", True), ("/x/libssl.so.3 (deleted)", True),
        ("/x/libcrypto.so.3", False), ("/x/libc.so.6", False), ("/libssl/readme", False),
    ],
)  # fmt: skip
def test_a_library_is_worth_a_look_by_its_name(name, expected):
    assert worth(name) is expected


def test_a_process_shows_its_executable_and_its_tls_and_they_can_be_opened(libssl):
    child = subprocess.Popen(
        [sys.executable, "-c", "import ssl; print(1, flush=True); input()"], stdin=-1, stdout=-1
    )
    child.stdout.readline()
    found = {Path(t.name).name: t for t in of_process(child.pid)}
    fds = {name: opened(target) for name, target in found.items()}
    child.communicate(b"\n")

    assert Path(sys.executable).resolve().name in found
    assert any(worth(name) for name in found)
    assert all(os.fstat(fd).st_ino == found[name].inode for name, fd in fds.items())
    for fd in fds.values():
        os.close(fd)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="map_files asks for CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE: run as root"
)
def test_a_library_that_was_deleted_is_opened_through_the_mapping(libssl, tmp_path):
    copy = tmp_path / "libssl.so.3"
    shutil.copy(libssl, copy)
    code = f"import ctypes; ctypes.CDLL({str(copy)!r}); print(1, flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1)
    child.stdout.readline()
    inode = copy.stat().st_ino
    copy.unlink()
    target = next(t for t in of_process(child.pid) if t.inode == inode)
    fd = opened(target)
    child.communicate(b"\n")

    assert (target.name, os.fstat(fd).st_ino) == (f"{copy} (deleted)", inode)
    os.close(fd)


def test_a_path_that_leads_to_another_file_by_now_is_not_taken(tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    target = Target("a", (str(tmp_path / "a"), str(tmp_path / "b")), 1, (tmp_path / "b").stat().st_ino)
    fd = opened(target)

    assert os.read(fd, 1) == b"b"
    os.close(fd)


def test_a_pipe_a_folder_and_nothing_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert [
        opened(Target("x", (str(p),))) for p in (tmp_path / "pipe", tmp_path, tmp_path / "no", "/dev/zero")
    ] == [None] * 4


def test_a_file_is_fresh_once_until_its_time_is_over():
    memory = Memory(ttl=10)
    assert [memory.fresh(1, 2, now) for now in (0.0, 9.0, 10.0, 11.0)] == [True, False, True, False]
    assert memory.fresh(2, 2, 0.0)


def test_an_attached_file_is_never_fresh_again_and_kept_once():
    memory = Memory(ttl=10)
    assert [memory.keep(1, 2), memory.keep(1, 2), memory.fresh(1, 2, 1e9)] == [True, False, False]


def test_a_forgotten_file_is_fresh_again():
    memory = Memory()
    memory.fresh(1, 2, 0.0)
    memory.forget(1, 2)
    assert memory.fresh(1, 2, 0.0)


def test_the_memory_of_what_was_looked_at_is_bounded_and_drops_the_oldest():
    memory = Memory(most=3)
    for inode in range(5):
        memory.fresh(1, inode, 0.0)
    assert [memory.fresh(1, inode, 0.0) for inode in (4, 3, 2)] == [False] * 3
    assert memory.fresh(1, 0, 0.0)


def test_an_overlay_is_known_by_its_device(tmp_path):
    (tmp_path / "mountinfo").write_text(
        "36 35 0:51 / / rw,noatime shared:1 - overlay overlay rw,lowerdir=/l\n37 35 0:52 / /tmp rw - tmpfs tmpfs rw\n"
    )
    found = [overlaid(os.makedev(0, minor), tmp_path / "mountinfo") for minor in (51, 52, 53)]
    assert found == [True, False, False]
