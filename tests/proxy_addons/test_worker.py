"""The worker as a process, driven over its line as the front does it. Whole exchanges are in tests/e2e/test_proxy.py."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

PREFIX = Path(os.environ.get("HEXR_TEST_PREFIX", "/opt/hexr-autoinst"))
PYTHON = Path(os.environ.get("HEXR_PROXY_PYTHON", PREFIX / "proxy" / "bin" / "python"))
ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason=f"there is no {PYTHON} (HEXR_PROXY_PYTHON names another)"
)


class Line:
    """A worker and our end of its line."""

    def __init__(self, folder, supervisor):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(20)
        (folder / "state").mkdir()
        (folder / "run").mkdir()
        config = {"state_dir": str(folder / "state"), "run_dir": str(folder / "run")}
        env = {
            "HEXR_FRONT_FD": str(theirs.fileno()), "HEXR_CONFIG_JSON": json.dumps(config), "PYTHONPATH": str(ROOT),
            "HEXR_SESSION_JSON": '{"clock_offset": 0}', "HEXR_SUPERVISOR_PID": str(supervisor),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [PYTHON, "-O", "-P", "-m", "proxy_addons.worker"], env=env, pass_fds=[theirs.fileno()], cwd="/"
        )
        theirs.close()

    def hears(self, word):
        while True:
            said = json.loads(self.sock.recv(65536))
            if word in said:
                return said

    def give(self, peeked, number=1):
        near, far = socket.socketpair()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near.close(), far.close()
            near = socket.create_connection(listener.getsockname())
            far, _ = listener.accept()
        head = json.dumps({"id": number, "pid": 42, "start": 4711, "exe": "/usr/bin/agent"}).encode()
        socket.send_fds(self.sock, [head + b"\n" + peeked], [far.fileno()])
        far.close()
        near.settimeout(20)
        return near

    def close(self):
        self.sock.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture
def line(tmp_path):
    found = Line(tmp_path, os.getpid())
    yield found
    found.close()


def test_it_says_that_it_is_ready_with_its_authority_and_version(line, tmp_path):
    said = line.hears("ready")

    assert said["ca"] == str(tmp_path / "state" / "ca" / "mitmproxy-ca-cert.pem")
    assert b"BEGIN CERTIFICATE" in Path(said["ca"]).read_bytes()
    assert said["mitmproxy"] in ("11.0.2", "12.2.3")


def test_it_takes_a_socket_and_answers_what_was_already_read(line):
    line.hears("ready")
    with line.give(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n", 77) as client:
        assert line.hears("took") == {"took": 77}
        assert client.recv(1000).startswith(b"HTTP/1.1 502 Bad Gateway")


def test_it_ends_with_sigterm(line):
    line.hears("ready")
    line.process.send_signal(signal.SIGTERM)

    assert line.process.wait(30) == 0


def test_without_a_front_it_ends_when_nothing_is_open(line):
    line.hears("ready")
    line.sock.close()

    assert line.process.wait(10) == 0


def open_connection(line):
    """A connection that the worker holds: a tunnel to a server that says nothing."""
    server = socket.create_server(("127.0.0.1", 0))
    client = line.give(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\n" % server.getsockname()[1])
    line.hears("took")
    assert client.recv(1000).startswith(b"HTTP/1.1 200")
    return server, client


def test_without_a_front_it_finishes_what_is_open(line):
    line.hears("ready")
    server, client = open_connection(line)
    line.sock.close()
    with server, client:
        time.sleep(0.7)
        assert line.process.poll() is None
    assert line.process.wait(10) == 0


def test_without_front_and_daemon_it_ends_whatever_is_open(tmp_path):
    daemon = subprocess.Popen(["sleep", "60"])
    line = Line(tmp_path, daemon.pid)
    try:
        line.hears("ready")
        server, client = open_connection(line)
        with server, client:
            daemon.kill()
            daemon.wait()
            line.sock.close()

            assert line.process.wait(10) == 0
    finally:
        line.close()
