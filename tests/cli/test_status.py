import json

import pytest

from hexr_autoinst import control
from hexr_autoinst.cli import main
from hexr_autoinst.cli.status import duration

FOUND = {
    "pid": 41, "version": "0.1.0", "uptime_s": 3725.5, "state": "ready", "only": ["user:alice"], "not": ["pid:9"],
    "planes": {"ebpf": {"state": "up", "why": ""}, "proxy": {"state": "unavailable", "why": "its environment is missing"}},
    "children": [
        {"name": "teller", "pid": 42, "user": "hexr", "state": "ready", "restarts": 2, "why": "", "last_words": "boom"},
        {"name": "camera", "pid": None, "user": "root", "state": "waiting", "restarts": 0, "why": "", "last_words": "yesterday"},
    ],
    "page": "http://127.0.0.1:7717", "proxy_port": None,
}  # fmt: skip
ACCOUNT = {"issued": 10, "told": 6, "ignored": {"muted": 3}, "dropped": {"ring": 1}, "open": 0}


@pytest.fixture
def running(tmp_path, monkeypatch):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))
    monkeypatch.setattr(control, "ask", lambda *_: {**FOUND})
    return tmp_path


def test_a_person_reads_what_is_watched_told_and_where(running, capsys):
    (running / "teller.json").write_text(
        json.dumps({"account": ACCOUNT, "spans": 5, "last_error": "collector is away"})
    )
    (running / "camera.json").write_text(json.dumps({"attached": [{}, {}], "cleartext": {"clear": ""}}))

    assert main(["status"]) == 0
    said = capsys.readouterr().out
    for words in (
        "is ready (pid 41, for 1 h 2 min)", "user:alice but not pid:9", "up, 2 libraries and cleartext read", "unavailable: its environment is missing",
        "5 spans; facts 10 = told 6 + ignored 3 + dropped 1 + open 0", "collector is away", "http://127.0.0.1:7717",
    ):  # fmt: skip
        assert words in said
    assert "boom" in said
    assert "yesterday" not in said


def test_json_holds_everything(running, capsys):
    (running / "teller.json").write_text("half a li")

    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {**FOUND, "teller": {}, "camera": {}}


@pytest.mark.parametrize("state", ["starting", "stopping"])
def test_not_yet_up_is_3(running, monkeypatch, state):
    monkeypatch.setattr(control, "ask", lambda *_: {**FOUND, "state": state})

    assert main(["status"]) == 3


def test_not_running_is_3_and_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))

    assert main(["status"]) == 3
    assert "sudo hexr-autoinst start" in capsys.readouterr().err
    assert main(["status", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["state"] == "stopped"


def test_a_duration_is_said_as_people_do():
    assert [duration(s) for s in (5.9, 65, 3660, 183_600)] == ["5 s", "1 min 5 s", "1 h 1 min", "2 d 3 h"]
