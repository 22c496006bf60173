import os
import platform

import pytest

from hexr_autoinst import __version__
from hexr_autoinst.cli import main, version


def test_a_bug_report_has_all_four(capsys, monkeypatch):
    monkeypatch.setattr(version, "_libbpf", lambda: "1.1.2")
    assert main(["version"]) == 0
    said = capsys.readouterr().out

    for words in (__version__, platform.python_version(), os.uname().release, "1.1.2"):
        assert words in said


def test_libbpf_is_a_version_or_a_sentence():
    pytest.importorskip("hexr_autoinst.capture.ebpf.loader")

    assert version._libbpf()
