import ctypes
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf import libbpf
from hexr_autoinst.errors import CaptureUnavailable


def test_a_missing_library_is_one_sentence_with_what_to_do(monkeypatch):
    def absent(*_, **__):
        raise OSError

    monkeypatch.setattr(libbpf, "CDLL", absent)

    with pytest.raises(CaptureUnavailable, match="apt install libbpf1"):
        libbpf.open_library()


def test_the_link_attribute_is_laid_out_as_the_kernel_reads_it():
    """include/uapi/linux/bpf.h, union bpf_attr, link_create.uprobe_multi."""
    offsets = {name: getattr(libbpf._Multi, name).offset for name, _ in libbpf._Multi._fields_}

    assert offsets["path"] == 16
    assert offsets["offsets"] == 24
    assert offsets["cookies"] == 40
    assert (offsets["cnt"], offsets["multi_flags"], offsets["pid"]) == (48, 52, 56)
    assert ctypes.sizeof(libbpf._Multi) == 64


def test_what_libbpf_complained_of_last_is_said(monkeypatch):
    monkeypatch.setattr(
        libbpf, "messages", ["libbpf: prog 'x': bad", "-- END PROG LOAD LOG --", "libbpf: no room"]
    )

    assert libbpf.said() == "no room"


def test_silence_is_said_as_such(monkeypatch):
    monkeypatch.setattr(libbpf, "messages", [])

    assert libbpf.said() == "libbpf gave no reason"


def test_a_link_to_nothing_is_an_os_error():
    with pytest.raises(OSError):
        libbpf.link_many(libbpf.Many(-1, b"/nowhere", (1,), returns=False), cookie=0, pid=-1)


def test_the_version_is_two_numbers():
    pytest.importorskip("ctypes").CDLL("libbpf.so.1")

    assert libbpf.libbpf_version().startswith("1.")


@pytest.mark.skipif(not Path("/sys/kernel/btf/vmlinux").exists(), reason="this kernel has no BTF")
def test_the_kernel_is_asked_for_a_function_by_name():
    assert libbpf.kernel_has("tcp_sendmsg")
    assert not libbpf.kernel_has("tcp_sends_nothing")
