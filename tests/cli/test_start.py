import os
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst import supervise
from hexr_autoinst.cli import main
from hexr_autoinst.config import Rule

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def started(monkeypatch):
    configs = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(supervise, "main", lambda config: configs.append(config) or 0)
    return configs


def test_flags_become_the_configuration(started):
    code = main(
        [
            "start",
            "--only",
            "user:alice",
            "--only",
            "pid:7",
            "--not",
            "exe:/usr/bin/node",
            "--door",
            "ebpf",
            "--content",
        ]
    )

    assert code == 0
    assert (Rule("user", "alice"), Rule("pid", "7")) == started[0].only
    assert (Rule("exe", "/usr/bin/node"),) == started[0].not_
    assert (started[0].door, started[0].content) == ("ebpf", True)


def test_without_flags_the_environment_holds(started, monkeypatch):
    monkeypatch.setenv("HEXR_ONLY", "cgroup:/a pid:8")
    monkeypatch.setenv("HEXR_DOOR", "proxy")
    main(["start"])

    assert (Rule("cgroup", "/a"), Rule("pid", "8")) == started[0].only
    assert (started[0].door, started[0].content) == ("proxy", False)


def test_a_filter_that_is_none_is_a_configuration_error(started, capsys):
    assert main(["start", "--only", "name:alice"]) == 78
    assert "`name:alice` is no filter" in capsys.readouterr().err
    assert started == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_not_root_is_one_sentence_and_exit_77():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from hexr_autoinst.cli import main; sys.exit(main(['start']))"
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code],
        capture_output=True,
        text=True,
        user=65534,
        group=65534,
        extra_groups=[],
        check=False,
        cwd="/",
    )
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip("another user cannot read this clone")

    assert done.returncode == 77
    assert len(done.stderr.splitlines()) == 1
    assert "sudo hexr-autoinst start" in done.stderr


def test_help_loads_no_room():
    code = "import sys; from hexr_autoinst.cli import build_parser; build_parser(['start']); print([m for m in sys.modules if m.startswith(('opentelemetry', 'hexr_autoinst.supervise'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
