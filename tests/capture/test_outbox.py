import os
import socket

import pytest

from hexr_autoinst.capture import outbox
from hexr_autoinst.capture.outbox import Outbox
from hexr_autoinst.capture.stream import Reader, header
from hexr_autoinst.model.facts import Key, Lost, Process

WORLD = [Process(1, "ebpf", Key(5, 6), None, "/bin/agent")]
NEW = Process(2, "ebpf", Key(7, 8), None, "/bin/other")


class Teller:
    def __init__(self, path):
        self.path, self.listener = path, None
        self.listen()

    def listen(self):
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(4)

    def hear(self, connection=None):
        """Header, facts and descriptors of everything that can be read now."""
        connection = connection or self.listener.accept()[0]
        connection.setblocking(False)
        reader, facts, given = Reader(), [], []
        while True:
            try:
                data, fds, *_ = socket.recv_fds(connection, 1 << 16, 4)
            except BlockingIOError:
                return connection, reader.header, facts, given
            given += fds
            facts += reader.feed(data)
            if not data:
                return connection, reader.header, facts, given


@pytest.fixture
def teller(tmp_path):
    one = Teller(tmp_path / "facts.sock")
    yield one
    one.listener.close()


@pytest.fixture
def box(tmp_path):
    read, write = os.pipe()
    one = Outbox(
        str(tmp_path / "facts.sock"),
        header("camera", ring=True, ring_size=4096),
        (read,),
        lambda: WORLD,
        lambda: 42,
    )
    yield one
    one.close()
    os.close(read)
    os.close(write)


def test_a_new_teller_gets_header_descriptor_and_the_world(box, teller):
    box.pump(0.0)
    connection, head, facts, fds = teller.hear()

    assert (head["role"], head["ring"], head["ring_size"], facts) == ("camera", True, 4096, WORLD)
    assert len(fds) == 1
    assert os.fstat(fds[0]).st_ino == os.fstat(box._fds[0]).st_ino
    os.close(fds[0])
    connection.close()


def test_facts_follow_in_order(box, teller):
    box.pump(0.0)
    box.send(NEW)
    box.pump(0.0)
    connection, _, facts, fds = teller.hear()

    assert facts == [*WORLD, NEW]
    os.close(fds[0])
    connection.close()


def test_without_a_teller_it_tries_again_more_and_more_slowly(box):
    tries, now = [], 0.0
    for _ in range(8):
        box.pump(now)
        tries.append(box.wait(now))
        now += tries[-1]

    assert tries == pytest.approx([0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0])
    assert box.fileno() == -1


def test_a_teller_that_comes_back_gets_everything_again(box, teller):
    box.pump(0.0)
    first, _, _, fds = teller.hear()
    first.close()
    os.close(fds[0])
    box.pump(1.0)
    assert box.fileno() == -1
    box.pump(2.0)
    second, head, facts, fds = teller.hear()

    assert (head["role"], facts, len(fds), box.connections) == ("camera", WORLD, 1, 2)
    os.close(fds[0])
    second.close()


def test_losses_wait_for_a_teller_and_are_told_once(box, teller):
    box.lost("ring", 3)
    box.lost("ring", 4)
    box.pump(0.0)
    box.pump(0.0)
    connection, _, facts, fds = teller.hear()

    assert facts == [*WORLD, Lost(42, "ebpf", "ring", 7)]
    os.close(fds[0])
    connection.close()


def test_a_teller_that_does_not_read_costs_bounded_memory_and_a_count(box, teller, monkeypatch):
    monkeypatch.setattr(outbox, "_MOST_WAITING", 10_000)
    box.pump(0.0)
    most = 0
    for _ in range(20_000):
        box.send(NEW)
        box.pump(0.0)
        most = max(most, len(box._waiting))
    connection, _ = teller.listener.accept()
    data, fds, *_ = socket.recv_fds(connection, 1 << 16, 4)
    connection.setblocking(False)
    reader = Reader()
    facts = list(reader.feed(data))
    while box.busy or box._lost or data:
        box.pump(0.0)
        try:
            data = connection.recv(1 << 16)
        except BlockingIOError:
            data = b""
        facts += reader.feed(data)
    lost = [f for f in facts if isinstance(f, Lost)]
    os.close(fds[0])
    connection.close()

    assert 0 < most <= 10_000
    assert [f.place for f in lost] == ["facts_socket"]
    assert facts.count(NEW) + lost[0].n == 20_000
    assert lost[0].n > 0


def test_what_is_told_while_nobody_listens_is_left_to_the_snapshot(box, teller):
    box.send(NEW)
    box.pump(0.0)
    connection, _, facts, fds = teller.hear()

    assert facts == WORLD
    os.close(fds[0])
    connection.close()


def test_what_the_teller_says_is_ignored(box, teller):
    box.pump(0.0)
    connection, _, _, fds = teller.hear()
    connection.send(b"hello")
    box.pump(0.0)

    assert box.fileno() >= 0
    os.close(fds[0])
    connection.close()
