import os
import subprocess
import sys

import pytest

from hexr_autoinst import control
from hexr_autoinst.cli import main, stop

# A supervisor's control socket in a process of its own: stop may end it.
PRETEND = """
import sys, time
from pathlib import Path
from hexr_autoinst import control
listener = control.listen(Path(sys.argv[1]) / control.SOCKET)
listener.setblocking(True)
print("up", flush=True)
over = []
while not over:
    control.serve(listener.accept()[0], lambda: {"pid": 0}, lambda: over.append(1))
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))
    running = []

    def start(lasts):
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", PRETEND, str(tmp_path), str(lasts)], stdout=subprocess.PIPE, text=True
            )
        )
        running[-1].stdout.readline()
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


def test_it_waits_until_the_supervisor_is_gone(pretend, capsys):
    process = pretend(0.3)

    assert main(["stop"]) == 0
    assert process.wait(1) == 0
    assert "has stopped" in capsys.readouterr().out


def test_one_that_does_not_end_is_ended(pretend, capsys, monkeypatch):
    monkeypatch.setattr(stop, "PATIENCE_S", 0.2)
    process = pretend(60)

    assert main(["stop"]) == 0
    assert process.wait(1) == -9
    assert "was killed" in capsys.readouterr().out


def test_nothing_to_stop_is_no_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))

    assert main(["stop"]) == 0
    assert "not running" in capsys.readouterr().out


def test_a_refusal_is_exit_77(pretend, monkeypatch, capsys):
    pretend(0)
    monkeypatch.setattr(control, "ask", lambda *_: (_ for _ in ()).throw(control.NotRoot(verb="stop")))

    assert main(["stop"]) == 77
    assert "sudo hexr-autoinst stop" in capsys.readouterr().err
    assert os.getpid()
