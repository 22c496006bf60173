import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hexr_autoinst import trust
from hexr_autoinst.cli import run

ROOT = Path(__file__).parents[2]
PEM = "-----BEGIN CERTIFICATE-----\nOURS\n-----END CERTIFICATE-----\n"


@pytest.fixture
def state(tmp_path):
    """A state folder with trust files, and a door that answers as ours."""
    (tmp_path / "ca.pem").write_text(PEM)
    trust.export(tmp_path, tmp_path / "ca.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.recv(1000)
                line.sendall(b"HTTP/1.1 200 OK\r\n\r\nThis is the proxy of hexr-autoinst.")

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    trust.paths(tmp_path).door.write_text(f'{{"host": "127.0.0.1", "port": {port}}}')
    yield tmp_path, port
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def called(state_dir, *args, **more):
    env = {
        "HEXR_STATE_DIR": str(state_dir),
        "PYTHONPATH": str(ROOT),
        "PATH": os.environ["PATH"],
        "HOME": str(state_dir),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "hexr_autoinst.cli", "run", *args],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )


def test_the_program_gets_the_variables_its_arguments_and_gives_its_exit_code(state):
    folder, port = state
    done = called(folder, "--", "sh", "-c", 'echo "$HTTPS_PROXY $1 $SSL_CERT_FILE"; exit 42', "sh", "--flag")

    assert done.returncode == 42
    assert done.stdout.split() == [f"http://127.0.0.1:{port}", "--flag", str(folder / "trust" / "bundle.pem")]
    assert done.stderr == ""


def test_it_becomes_the_program(state):
    process = subprocess.Popen(
        [sys.executable, "-m", "hexr_autoinst.cli", "run", "--", "sh", "-c", "echo $$"],
        stdout=subprocess.PIPE, text=True,
        env={"HEXR_STATE_DIR": str(state[0]), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": str(state[0])},
    )  # fmt: skip
    said, _ = process.communicate(timeout=20)

    assert int(said) == process.pid


def test_the_dashes_may_be_left_out(state):
    assert called(state[0], "echo", "x", "--", "y").stdout == "x -- y\n"


def test_without_a_daemon_it_says_so_and_does_not_run(tmp_path):
    done = called(tmp_path, "--", "echo", "ran")

    assert (done.returncode, done.stdout) == (3, "")
    assert "not running" in done.stderr


def test_if_running_runs_it_plainly(tmp_path):
    done = called(tmp_path, "--if-running", "--", "sh", "-c", "echo ran $HTTPS_PROXY")

    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_without_a_program_it_says_how(state):
    done = called(state[0])

    assert done.returncode == 64
    assert "run -- python agent.py" in done.stderr


@pytest.mark.parametrize(("mode", "code"), [(None, 127), (0o644, 126)])
def test_a_program_that_cannot_be_run_is_a_sentence(state, mode, code):
    program = state[0] / "program"
    if mode:
        program.write_text("x")
        program.chmod(mode)
    done = called(state[0], "--", str(program))

    assert done.returncode == code
    assert f"{program} cannot be run" in done.stderr
    assert "Traceback" not in done.stderr


def a_node(folder, version):
    folder.mkdir(exist_ok=True)
    node = folder / "node"
    node.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {version} || echo ran\n')
    node.chmod(0o755)
    return folder


def test_an_old_node_is_warned_of_and_runs(state, tmp_path):
    path = f"{a_node(tmp_path / 'bin', 'v20.20.2')}:{os.environ['PATH']}"
    done = called(state[0], "--", "node", "x.js", PATH=path)

    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "Node 20.20 ignores proxy variables" in done.stderr
    assert "kernel plane" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_script_of_node_is_warned_of_too(state, tmp_path):
    path = f"{a_node(tmp_path / 'bin', 'v18.1.0')}:{os.environ['PATH']}"
    script = tmp_path / "bin" / "claude"
    script.write_text("#!/usr/bin/env node\n")
    script.chmod(0o755)

    assert "Node 18.1" in called(state[0], "--", "claude", PATH=path).stderr


def test_a_new_node_is_not_warned_of(state, tmp_path):
    path = f"{a_node(tmp_path / 'bin', 'v22.21.0')}:{os.environ['PATH']}"

    assert called(state[0], "--", "node", PATH=path).stderr == ""


@pytest.mark.parametrize(
    ("version", "takes"),
    [
        ((18, 0), False),
        ((22, 20), False),
        ((22, 21), True),
        ((23, 5), False),
        ((24, 0), True),
        ((26, 1), True),
    ],
)
def test_which_nodes_take_a_proxy(version, takes):
    assert run.takes_proxy(version) is takes


def test_a_users_own_proxy_is_named_without_its_password(state):
    done = called(state[0], "--", "true", HTTPS_PROXY="http://user:hunter2@corp.test:3128")

    assert "http://corp.test:3128 is not used" in done.stderr
    assert "hunter2" not in done.stderr


def test_our_own_proxy_of_an_outer_run_is_not_named(state):
    assert called(state[0], "--", "true", HTTPS_PROXY=f"http://127.0.0.1:{state[1]}").stderr == ""
