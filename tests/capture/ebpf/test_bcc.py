from types import SimpleNamespace

import pytest

from hexr_autoinst.capture.ebpf import compiler
from hexr_autoinst.capture.ebpf.bcc import Compiled
from hexr_autoinst.errors import CaptureUnavailable

SETTINGS = SimpleNamespace(ring_mb=1, bpf_stats=False, cleartext=True)


def test_what_is_in_the_way_of_bcc_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(compiler, "obstacle", lambda: "bcc is not installed")
    with pytest.raises(CaptureUnavailable, match="bcc is not installed"):
        Compiled.load(tmp_path, SETTINGS)


def test_sources_that_are_not_there_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(compiler, "obstacle", str)
    with pytest.raises(CaptureUnavailable, match=r"process\.bpf\.c does not exist"):
        Compiled.load(tmp_path, SETTINGS)
