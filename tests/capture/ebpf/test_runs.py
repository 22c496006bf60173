"""Against the kernel itself in tests/kernel/test_runs.py; here what it answers when it says no, or less."""

import ctypes
import errno
from types import SimpleNamespace

import pytest

from hexr_autoinst.capture.ebpf import runs


def test_a_refusal_is_the_kernels_own_word():
    def refuse(_):
        ctypes.set_errno(errno.EPERM)
        return -1

    with pytest.raises(PermissionError, match="not permitted"):
        runs.switch_on(SimpleNamespace(bpf_enable_stats=refuse))


def library(length, answer=0):
    def info(fd, buffer, size):
        buffer[192:208] = (700).to_bytes(8, "little") + (7).to_bytes(8, "little")
        size._obj.value = length
        return answer

    return SimpleNamespace(bpf_program__fd=lambda program: program, bpf_obj_get_info_by_fd=info)


def test_programs_that_are_loaded_are_read_by_name():
    assert {"one": runs.Runs(7, 700)} == runs.read(library(232), {"one": 5, "not loaded": -2})


def test_a_kernel_without_these_fields_or_with_an_error_gives_nothing():
    assert {} == runs.read(library(192), {"one": 5})
    assert {} == runs.read(library(232, answer=-1), {"one": 5})
