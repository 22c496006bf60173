import pytest

from hexr_autoinst.cli import main
from hexr_autoinst.cli.demo import AGENT, _agent, _environment, _explain, _model
from hexr_autoinst.config import Config
from hexr_autoinst.errors import HexrError


def test_without_a_daemon_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))

    assert main(["demo"]) == 3
    assert "sudo hexr-autoinst start" in capsys.readouterr().err


@pytest.mark.parametrize("tls", [True, False])
def test_the_model_server_lives_as_long_as_it_is_needed(tmp_path, monkeypatch, tls):
    import socket
    from pathlib import Path

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    with _model(tmp_path, tls=tls) as base:
        address = (base.split("/")[2].rpartition(":")[0], int(base.rstrip("/").rpartition(":")[2]))
        socket.create_connection(address, 5).close()

    with pytest.raises(OSError):
        socket.create_connection(address, 1)
    assert tls is base.startswith("https")


def test_with_the_kernel_plane_the_agent_gets_no_proxy(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere")
    environment = _environment(tmp_path, Config(), by_kernel=True)

    assert environment["HEXR_AGENT_NAME"] == AGENT
    assert "HTTPS_PROXY" not in environment


def test_when_nothing_was_seen_it_says_why(capsys):
    _explain({"only": ["cgroup:/x"], "planes": {"ebpf": {"state": "unavailable", "why": "no BTF"}}})
    said = capsys.readouterr().err

    assert "looks only at cgroup:/x" in said
    assert "no BTF" in said


def test_an_agent_that_is_not_done_in_time_is_one_sentence(tmp_path):
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)

    with pytest.raises(HexrError, match="not done after 0 s: try a longer --wait"):
        _agent(slow, "http://127.0.0.1:1/", {"PATH": "/usr/bin:/bin"}, 0.2)
