import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexr_autoinst.capture.ebpf.elf import Elf, NotElf
from hexr_autoinst.capture.ebpf.lookup import exported, listed


def test_build_id_is_what_the_linker_wrote(built):
    path = built()
    told = subprocess.run(["readelf", "-n", path], check=True, capture_output=True, text=True).stdout
    with Elf.open(path) as elf:
        assert elf.build_id in told
        assert len(elf.build_id) == 40


def test_a_descriptor_is_borrowed_and_stays_open(built):
    fd = os.open(built(), os.O_RDONLY)
    with Elf.open(fd) as elf:
        assert elf.inode == os.fstat(fd).st_ino
    assert os.fstat(fd).st_size > 0
    os.close(fd)


def test_addresses_outside_every_segment_have_no_offset(built, nm):
    path = built()
    with Elf.open(path) as elf:
        assert elf.file_offset(1 << 60) is None
        assert elf.file_offset(nm(path)["SSL_read"], code=True) is not None
        assert elf.file_offset(0, code=True) is None  # the headers are not executable


def test_sections_are_read_by_name_and_absent_ones_are_empty(built):
    with Elf.open(built()) as elf:
        assert b"GCC" in elf.section(".comment") or b"clang" in elf.section(".comment")
        assert (elf.section(".nothing"), elf.has(".text"), elf.has(".nothing")) == (b"", True, False)


def test_a_marker_is_found_in_read_only_data_and_only_as_far_as_asked(built):
    path = built(source='const char *f(void) { return "here is BoringSSL"; }')
    with Elf.open(path) as elf:
        assert elf.mentions([b"nothing", b"BoringSSL"], 1 << 20) == b"BoringSSL"
        assert elf.mentions([b"not in this file"], 1 << 20) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\x7fELF", b"#!/bin/sh\n" * 20, b"\x7fELF\x01\x01" + bytes(58), b"\x7fELF\x02\x01" + bytes(58)],
)
def test_what_is_no_program_is_not_elf(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(NotElf):
        Elf.open(path)


def test_pipes_and_folders_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotElf):
        Elf.open(tmp_path / "pipe")
    with pytest.raises((NotElf, OSError)):
        Elf.open(tmp_path)


def test_a_refused_file_leaves_no_descriptor_behind(tmp_path):
    (tmp_path / "x").write_bytes(b"no")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        with pytest.raises(NotElf):
            Elf.open(tmp_path / "x")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, 16000),
    edits=st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 255)), max_size=24),
)
def test_a_damaged_file_is_read_or_refused_but_never_raises_otherwise(built, tmp_path_factory, cut, edits):
    whole = bytearray(_LIBRARY.get("x") or _LIBRARY.setdefault("x", built().read_bytes()))
    for at, value in edits:
        whole[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.so"
    Path(path).write_bytes(whole[: max(len(whole) - cut, 0)])
    try:
        with Elf.open(path) as elf:
            assert len(elf.build_id) <= 128
            exported(elf, ("SSL_read", "nothing"))
            listed(elf, ("SSL_read", "nothing"))
            assert sum(len(data) for _, data in elf.text()) <= 256 << 20
    except NotElf:
        pass


_LIBRARY: dict = {}
