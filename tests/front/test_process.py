import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst.config import Config

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def front(tmp_path):
    """Start a front with an interpreter that is no worker."""
    started = []

    def start(python, lifeline=None):
        for name in ("run", "state"):
            (tmp_path / name).mkdir(exist_ok=True)
        config = Config(run_dir=str(tmp_path / "run"), state_dir=str(tmp_path / "state"), proxy_port=0)
        env = {"PYTHONPATH": str(ROOT), "HEXR_CONFIG_JSON": config.to_json(), "HEXR_WORKER_PYTHON": python}
        fds = () if lifeline is None else (lifeline,)
        env |= {"HEXR_LIFELINE_FD": str(lifeline)} if fds else {}
        process = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.front"],
            env=env, stdout=subprocess.PIPE, text=True, cwd="/", pass_fds=fds,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_without_the_proxys_environment_it_says_so_and_what_to_do(front):
    process = front("/nowhere/python")
    said = json.loads(process.stdout.readline())

    assert process.wait(10) == 69
    assert said["event"] == "unavailable"
    assert "/nowhere/python" in said["why"]
    assert "make install" in said["why"]


def test_it_serves_even_when_no_worker_can_live_and_ends_on_sigterm(front, tmp_path):
    process = front("/bin/false")
    warned, said = (json.loads(process.stdout.readline()) for _ in range(2))
    door = json.loads((tmp_path / "state" / "trust" / "proxy.json").read_text())
    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert warned["event"] == "warning"
    assert said == {"event": "ready", "port": door["port"]}
    assert not (tmp_path / "state" / "trust" / "proxy.json").exists()


def test_it_ends_when_the_lifeline_is_cut(front):
    theirs, ours = os.pipe()
    process = front("/bin/false", lifeline=theirs)
    os.close(theirs)
    process.stdout.readline()
    os.close(ours)

    assert process.wait(10) == 0
