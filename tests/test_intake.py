import json
import os
import socket
from pathlib import Path

import pytest

from hexr_autoinst.capture.stream import Reader, frame, header
from hexr_autoinst.config import Session
from hexr_autoinst.intake import Intake, Policy
from hexr_autoinst.model.exchange import Skipped
from hexr_autoinst.model.facts import Data, Exchanged, Lost, Tick

ME = os.geteuid()
SESSION = Session(5, "aa", "bb", "here")


class FakeRing:
    """Records in memory behind a real descriptor."""

    def __init__(self, fd, records):
        self.fd, self.records, self.closed = fd, list(records), False

    def fileno(self):
        return self.fd

    @property
    def pending(self):
        return sum(map(len, self.records))

    def read(self):
        while self.records:
            yield self.records.pop(0)

    def close(self):
        self.closed = True


def decode(record):
    if record == b"bad":
        raise ValueError
    return None if record == b"none" else Tick(int(record))


class Ear:
    """An intake with what it heard; `say` connects as a role."""

    def __init__(self, folder, policy=None, records=()):
        self.path = str(folder / "facts.sock")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.heard, self.rings, self.records = [], [], records
        self.intake = Intake(
            self.listener,
            policy or Policy(frozenset({ME}), frozenset()),
            SESSION,
            self.heard.append,
            self.ring,
        )
        self.peers = []

    def ring(self, fd, size):
        self.rings.append(FakeRing(fd, self.records))
        return self.rings[-1], decode

    def say(self, data, fds=()):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(self.path)
        self.peers.append(peer)
        socket.send_fds(peer, [data], fds)
        self.turn()
        return peer

    def turn(self, n=4):
        for _ in range(n):
            self.intake.poll(0.01)
            self.intake.decode(100)


@pytest.fixture
def ear(tmp_path):
    ears = []

    def make(**more):
        ears.append(Ear(tmp_path, **more))
        return ears[-1]

    yield make
    for one in ears:
        one.intake.close()
        for sock in (*one.peers, one.listener):
            sock.close()


def data(at, text=b"x"):
    return Data(at, "proxy", "f", "request", text)


def test_a_taps_facts_are_heard_however_they_are_cut(ear):
    ear = ear()
    stream = header("tap") + frame(data(1)) + frame(data(2))
    peer = ear.say(stream[:7])
    for byte in stream[7:]:
        peer.sendall(bytes([byte]))
    ear.turn(len(stream))

    assert [data(1), data(2)] == ear.heard
    assert ear.intake.roles == {"tap": 1}


def test_a_camera_brings_its_ring_and_the_ring_is_read(ear):
    ear = ear(records=[b"1", b"none", b"2"])
    spare = os.open("/dev/null", os.O_RDONLY)
    reader, writer = os.pipe()
    ear.say(header("camera", ring=True, ring_size=4096), [reader, spare])
    for fd in (spare, reader):
        os.close(fd)
    ear.turn()
    os.close(writer)

    assert [Tick(1), Tick(2)] == ear.heard
    assert ear.intake.has_ring
    assert (ear.intake.records, ear.intake.ring_peak) == (3, 6)


def test_a_camera_that_dies_is_read_to_the_end_and_its_ring_let_go(ear):
    ear = ear()
    reader, writer = os.pipe()
    peer = ear.say(header("camera", ring=True, ring_size=4096), [reader])
    ear.rings[0].records = [b"7"]
    peer.close()
    ear.turn()
    for fd in (reader, writer):
        os.close(fd)

    assert [Tick(7)] == ear.heard
    assert ear.rings[0].closed
    assert not ear.intake.has_ring


def test_a_new_camera_replaces_the_ring(ear):
    ear = ear()
    for _ in range(2):
        reader, writer = os.pipe()
        ear.say(header("camera", ring=True, ring_size=4096), [reader])
        for fd in (reader, writer):
            os.close(fd)

    assert [r.closed for r in ear.rings] == [True, False]


def test_what_passed_between_two_cameras_is_one_loss_behind_all_that_the_first_one_saw(ear):
    ear = ear(records=[b"5"])
    reader, writer = os.pipe()
    peer = ear.say(header("camera", ring=True, ring_size=4096), [reader])
    ear.rings[0].records = [b"7"]
    peer.close()
    ear.turn()
    assert [Tick(5), Tick(7)] == ear.heard

    ear.records = [b"9"]
    ear.say(header("camera", ring=True, ring_size=4096), [reader])
    ear.turn()
    for fd in (reader, writer):
        os.close(fd)
    assert [Tick(5), Tick(7), Lost(7, "ebpf", "camera", 1), Tick(9)] == ear.heard


def test_a_record_that_cannot_be_read_is_a_loss_and_counted(ear):
    ear = ear(records=[b"5", b"bad", b"6"])
    reader, writer = os.pipe()
    ear.say(header("camera", ring=True, ring_size=4096), [reader])
    for fd in (reader, writer):
        os.close(fd)
    ear.turn()

    assert [Tick(5), Lost(5, "ebpf", "decode", 1), Tick(6)] == ear.heard
    assert ear.intake.swallowed["intake.decode"] == 1


def test_the_ring_is_emptied_before_a_record_is_decoded_and_order_waits_for_the_rest(ear):
    ear = ear(records=[b"5", b"6", b"7"])
    reader, writer = os.pipe()
    ear.say(header("camera", ring=True, ring_size=4096), [reader])
    ear.rings[0].records = [b"8", b"9"]
    ear.intake.poll(0)

    assert ear.rings[0].records == []
    assert 8 not in [f.at for f in ear.heard]
    assert ear.intake.horizon(100) == 7
    assert ear.intake.decode(1) is True
    assert ear.intake.horizon(100) == 8
    assert ear.intake.decode(1) is False
    assert ear.intake.horizon(100) == 100
    for fd in (reader, writer):
        os.close(fd)


def test_what_waits_is_bounded_and_then_the_ring_keeps_the_rest(ear, monkeypatch):
    monkeypatch.setattr("hexr_autoinst.intake.RAW_BYTES", 0)
    ear = ear()
    reader, writer = os.pipe()
    ear.say(header("camera", ring=True, ring_size=4096), [reader])
    for fd in (reader, writer):
        os.close(fd)
    ear.rings[0].records = [b"1"]
    ear.intake.drain_ring()
    ear.rings[0].records = [b"2"]
    ear.intake.drain_ring()

    assert ear.rings[0].records == [b"2"]


@pytest.mark.parametrize(
    "first", [b"nonsense\n", header("stranger"), header("camera")[:-2] + b"}}\n", b"\0" * 70_000]
)
def test_a_stranger_is_hung_up_on_and_counted(ear, first):
    ear = ear()
    peer = ear.say(first)
    ear.turn()

    assert ear.heard == []
    assert sum(ear.intake.swallowed.values()) == 1
    with peer:
        peer.settimeout(1)
        assert peer.recv(9) == b""


def test_the_tap_may_not_be_the_camera(ear):
    ear = ear(policy=Policy(frozenset({ME + 1}), frozenset({ME})))
    ear.say(header("camera") + frame(data(1)))
    ear.say(header("tap") + frame(data(2)))

    assert [data(2)] == ear.heard
    assert ear.intake.roles == {"tap": 1}


def test_an_unknown_user_is_refused_before_a_byte_is_read(ear):
    ear = ear(policy=Policy(frozenset({ME + 1}), frozenset({ME + 2})))
    ear.say(header("tap") + frame(data(1)))

    assert ear.heard == []
    assert ear.intake.swallowed["intake.refused"] == 1


def test_garbage_after_good_facts_keeps_the_good_ones(ear):
    ear = ear()
    ear.say(header("tap") + frame(data(1)) + b"\xff\xff\xff\xff")

    assert [data(1)] == ear.heard
    assert ear.intake.swallowed["intake.tap"] == 1


def test_descriptors_of_strangers_are_closed(ear):
    before = len(list(Path("/proc/self/fd").iterdir()))
    ear = ear()
    reader, writer = os.pipe()
    peer = ear.say(header("tap"), [reader, writer])
    for fd in (reader, writer):
        os.close(fd)
    peer.close()
    ear.turn()

    # left are the listener and the selector
    assert before + 2 == len(list(Path("/proc/self/fd").iterdir()))


def test_a_recorder_gets_the_session_and_the_merged_stream(ear):
    ear = ear()
    peer = ear.say(header("recorder"))
    ear.intake.record(data(3))
    ear.intake.record(Tick(4))
    peer.settimeout(1)
    reader, facts = Reader(), []
    while len(facts) < 2:
        facts += reader.feed(peer.recv(1 << 16))

    assert [data(3), Tick(4)] == facts
    assert tuple(reader.header[k] for k in ("role", "plaintext", "salt", "key", "host", "clock_offset")) == (
        "recording",
        True,
        "aa",
        "bb",
        "here",
        5,
    )


def test_a_veiled_recorder_gets_what_is_veiled_and_nothing_else(ear):
    ear = ear()
    assert not ear.intake.veils
    peer = ear.say(header("recorder", veiled=True))
    ear.intake.record(data(3, b"plain"))
    ear.intake.record(Exchanged(4, "proxy", Skipped(4, "not_http", 1)), veiled=True)
    peer.settimeout(1)
    said = peer.recv(1 << 16)
    reader = Reader()

    assert [Exchanged(4, "proxy", Skipped(4, "not_http", 1))] == list(reader.feed(said))
    assert (False, True) == (reader.header["plaintext"], reader.header["veiled"])
    assert ear.intake.veils
    assert b"plain" not in said.partition(b"\n")[2]


def test_a_fact_that_no_reader_would_take_is_recorded_as_lost(ear):
    ear = ear()
    peer = ear.say(header("recorder"))
    ear.intake.record(data(3, b"x" * (1 << 20)))
    peer.settimeout(1)

    assert [Lost(3, "proxy", "recording", 1)] == list(Reader().feed(peer.recv(1 << 16)))
    assert ear.intake.swallowed["intake.record_too_long"] == 1


def test_an_exchange_is_no_fact_of_a_live_plane(ear):
    ear = ear()
    ear.say(header("tap") + frame(Exchanged(4, "proxy", Skipped(4, "not_http", 1))))

    assert ear.intake.swallowed["intake.tap"] == 1
    assert [] == ear.heard


def test_a_recorder_that_lags_too_far_is_let_go(ear, monkeypatch):
    monkeypatch.setattr("hexr_autoinst.intake._BEHIND", 100_000)
    ear = ear()
    ear.say(header("recorder"))
    for at in range(40):
        ear.intake.record(data(at, b"x" * 60_000))

    assert ear.intake.swallowed["intake.recorder_too_slow"] == 1
    assert not ear.intake.roles


def test_too_many_connections_are_refused(ear, monkeypatch):
    monkeypatch.setattr("hexr_autoinst.intake._CONNECTIONS", 2)
    ear = ear()
    for _ in range(3):
        ear.say(header("tap"))

    assert ear.intake.roles == {"tap": 2}
    assert json.loads(header("tap"))["role"] == "tap"
