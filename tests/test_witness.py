import os
import socket
import threading

import pytest

from hexr_autoinst.capture.ebpf import procfs
from hexr_autoinst.capture.stream import Reader
from hexr_autoinst.config import Config, Session
from hexr_autoinst.doors import CALLER, CALLERS
from hexr_autoinst.model.facts import Process
from hexr_autoinst.witness import Witness

SESSION = Session(0, "00", "11", "host")


@pytest.fixture
def teller(tmp_path):
    """The facts socket's other end: what was told."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(tmp_path / "facts.sock"))
    listener.listen()
    yield listener
    listener.close()


@pytest.fixture
def witness(tmp_path, teller):
    witness = Witness(Config(run_dir=str(tmp_path)), SESSION)
    witness.turn(_ended())
    yield witness
    witness.close()


def _ended():
    """A descriptor that is ready at once, so that a turn does not wait."""
    reader, writer = os.pipe()
    os.close(writer)
    threading.Timer(5, os.close, [reader]).start()
    return (reader,)


def name(folder, pid, start):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(CALLER.pack(pid, start), str(folder / CALLERS))


def told(teller, witness):
    for _ in range(3):
        witness.turn(_ended())
    connection, _ = teller.accept()
    connection.settimeout(0.5)
    reader, facts = Reader(), []
    try:
        while data := connection.recv(1 << 16):
            facts += reader.feed(data)
    except TimeoutError:
        pass
    connection.close()
    return facts


def test_a_named_caller_is_told_as_a_process_once(tmp_path, teller, witness):
    me = procfs.key(os.getpid())
    for _ in range(3):
        name(tmp_path, me.pid, me.start)
    facts = told(teller, witness)

    assert [me] == [f.key for f in facts if isinstance(f, Process)]
    assert "python" in facts[0].exe


def test_a_datagram_that_names_nobody_is_counted_and_harms_nothing(tmp_path, teller, witness):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hello", str(tmp_path / CALLERS))
    name(tmp_path, 4_000_000, 1)
    facts = told(teller, witness)

    assert [f for f in facts if isinstance(f, Process)] == []
    assert witness.refused == 1


def test_nothing_is_left_behind(tmp_path, teller, witness):
    mode = (tmp_path / CALLERS).stat().st_mode & 0o777
    witness.close()

    assert mode == 0o600
    assert not (tmp_path / CALLERS).exists()
