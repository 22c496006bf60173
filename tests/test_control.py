import json
import os
import socket
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst import control
from hexr_autoinst.errors import HexrError, NotRoot, NotRunning


@pytest.fixture
def served(tmp_path):
    """A control socket answered by a thread: (run folder, how often stop was asked)."""
    stops, over = [], []
    with control.listen(tmp_path / control.SOCKET) as listener:
        listener.setblocking(True)
        listener.settimeout(5)

        def answer():
            try:
                while not over:
                    control.serve(
                        listener.accept()[0], lambda: {"pid": 7, "state": "ready"}, lambda: stops.append(1)
                    )
            except OSError:
                pass

        thread = threading.Thread(target=answer)
        thread.start()
        yield tmp_path, stops
        # One more caller who says nothing, after whom the thread finds the flag.
        over.append(1)
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(tmp_path / control.SOCKET))
        thread.join()


def test_status_comes_over_the_socket(served):
    assert control.ask(served[0], "status") == {"pid": 7, "state": "ready"}


def test_stop_is_done_for_our_own_user(served):
    assert {"stopping": True, "pid": os.getpid()} == control.ask(served[0], "stop")
    assert served[1] == [1]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_another_user_may_ask_for_status_but_not_stop(served, tmp_path):
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and str(parent).startswith(("/tmp/", "/var/tmp/")):
            parent.chmod(0o755)
    code = f"""
import json, socket, sys
out = []
for verb in ("status", "stop"):
    s = socket.socket(socket.AF_UNIX); s.connect({str(tmp_path / control.SOCKET)!r})
    s.sendall(json.dumps({{"verb": verb}}).encode() + b"\\n"); out.append(json.loads(s.recv(9999)))
print(json.dumps(out))
"""
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code],
        capture_output=True,
        text=True,
        user=65534,
        group=65534,
        extra_groups=[],
        check=True,
    )

    assert json.loads(done.stdout) == [{"pid": 7, "state": "ready"}, {"error": "not allowed"}]
    assert served[1] == []


def test_nobody_there_is_not_running(tmp_path):
    with pytest.raises(NotRunning):
        control.ask(tmp_path, "status")


def test_a_stale_socket_is_not_running_and_is_replaced(tmp_path):
    control.listen(tmp_path / control.SOCKET).close()
    with pytest.raises(NotRunning):
        control.ask(tmp_path, "status")
    control.listen(tmp_path / control.SOCKET).close()


def test_a_silent_supervisor_is_said_so(tmp_path):
    with control.listen(tmp_path / control.SOCKET), pytest.raises(HexrError, match="does not answer"):
        control.ask(tmp_path, "status", timeout=0.1)


def test_the_refusal_names_sudo(tmp_path):
    with control.listen(tmp_path / control.SOCKET) as listener:
        listener.setblocking(True)

        def refuse():
            connection, _ = listener.accept()
            connection.recv(99)
            connection.sendall(b'{"error": "not allowed"}\n')
            connection.close()

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(NotRoot, match="sudo hexr-autoinst stop"):
            control.ask(tmp_path, "stop")
        thread.join()


@given(st.binary(max_size=200))
def test_any_line_gets_an_answer(line):
    assert isinstance(control.reply(line, 1000, dict, list), dict)


@pytest.mark.parametrize("line", [b"", b"[]", b'"stop"', b'{"verb": "quit"}', b"[" * 4000])
def test_a_line_that_asks_nothing_is_an_error(line):
    assert "error" in control.reply(line, 0, dict, list)


def test_waiting_for_a_process_ends_when_it_ends():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert not control.wait_gone(child.pid, 0.05)
    child.communicate(b"\n")

    assert control.wait_gone(child.pid, 1.0)
