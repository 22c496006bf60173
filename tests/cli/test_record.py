import contextlib
import socket
import threading

import pytest

from hexr_autoinst.capture.stream import Reader, frame, header
from hexr_autoinst.cli import main
from hexr_autoinst.model.facts import Lost


@pytest.fixture
def run_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def teller(run_dir):
    """The facts socket's other end: says two facts to whoever records, then ends."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(run_dir / "facts.sock"))
    listener.listen()
    heard = []

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            heard.append(connection.recv(4096))
            connection.sendall(header("recording", salt="aa") + frame(Lost(1, "ebpf", "ring", 2)))

    thread = threading.Thread(target=serve)
    thread.start()
    yield heard
    thread.join()
    listener.close()


def test_the_merged_stream_is_written_to_a_file_of_ones_own(teller, tmp_path, capsys):
    path = tmp_path / "facts.hexr"

    assert main(["record", str(path)]) == 0
    assert [Lost(1, "ebpf", "ring", 2)] == list(Reader().feed(path.read_bytes()))
    assert path.stat().st_mode & 0o777 == 0o600
    assert b'"role": "recorder"' in teller[0]
    assert "plaintext" in capsys.readouterr().err


def test_a_veiled_recording_is_asked_for_and_says_so(teller, tmp_path, capsys):
    assert main(["record", "--veiled", str(tmp_path / "f")]) == 0
    assert b'"veiled": true' in teller[0]
    said = capsys.readouterr().err
    assert "content are removed" in said
    assert "plaintext" not in said


def test_a_file_that_exists_is_never_overwritten(teller, tmp_path, capsys):
    path = tmp_path / "facts.hexr"
    path.write_text("mine")

    assert main(["record", str(path)]) == 64
    assert path.read_text() == "mine"
    assert "never overwritten" in capsys.readouterr().err


def test_without_a_daemon_it_says_so(run_dir, tmp_path, capsys):
    assert main(["record", str(tmp_path / "f")]) == 3
    assert "sudo hexr-autoinst start" in capsys.readouterr().err
