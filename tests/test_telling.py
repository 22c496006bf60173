import json
import os
from collections import Counter

import pytest

from hexr_autoinst import telling as room
from hexr_autoinst.account import Account
from hexr_autoinst.merge import WINDOW_NS
from hexr_autoinst.model.facts import Data, Tick
from hexr_autoinst.telling import Teller, Voice

SECOND = 1_000_000_000


class FakePipeline:
    """Keeps what it was fed; what it tells is what the test says."""

    def __init__(self):
        self.account, self.fed = Account(), []

    def feed(self, fact):
        self.fed.append(fact)
        return []

    def veil(self, hand, seal):
        self.veils = [*getattr(self, "veils", []), (hand, seal)]


class FakeIntake:
    """Somebody records, veiled or not."""

    has_ring, roles, ring_peak = False, {}, 0

    def __init__(self):
        self.veils, self.recorded, self.swallowed = False, [], Counter()

    def record(self, fact, *, veiled=False):
        self.recorded.append((fact, veiled))

    def poll(self, seconds):
        """Nobody speaks."""

    def decode(self, most):
        return False

    drain_ring = close = lambda self: None


class FakeSinks:
    def __init__(self):
        self.told, self.health_rows, self.over = [], [], False

    def spans(self, spans):
        self.told += spans

    def measure(self, measurements):
        self.told += measurements

    def health(self, facts):
        self.health_rows.append(facts)

    def status(self):
        return {"sinks": {}}

    def shutdown(self):
        self.over = True


@pytest.fixture
def quiet(tmp_path):
    """A teller over a clock that the test moves."""
    reader, writer = os.pipe()
    now = [10 * SECOND]
    teller = Teller(FakePipeline(), FakeSinks(), Voice(writer), lambda: now[0], tmp_path)
    teller.now, teller.reader = now, reader
    yield teller
    os.close(reader)
    os.close(writer)


def data(at):
    return Data(at, "proxy", "f", "request", b"x")


def test_facts_are_fed_in_order_once_the_window_has_passed(quiet):
    for at in (3, 1, 2):
        quiet.merge.push(data(quiet.now[0] + at))
    quiet.turn()
    assert [f for f in quiet.pipeline.fed if isinstance(f, Data)] == []
    quiet.now[0] += WINDOW_NS + 3
    quiet.turn()

    assert [f.at - 10 * SECOND for f in quiet.pipeline.fed if isinstance(f, Data)] == [1, 2, 3]


def test_quiet_makes_a_tick_each_quarter_of_a_second_that_overtakes_nothing(quiet):
    for _ in range(10):
        quiet.now[0] += 100_000_000
        quiet.turn()
    ticks = [f.at for f in quiet.pipeline.fed]

    assert len(ticks) == 3
    assert all(at % 100_000_000 == 100_000_000 - WINDOW_NS for at in ticks)
    late = data(quiet.now[0] - WINDOW_NS)
    assert late.at >= ticks[-1]


def test_while_others_speak_time_goes_on_each_second(quiet):
    for _ in range(30):
        quiet.now[0] += 100_000_000
        quiet.merge.push(data(quiet.now[0] - WINDOW_NS))
        quiet.turn()

    assert sum(isinstance(f, Tick) for f in quiet.pipeline.fed) == 3


def test_a_turn_is_short_whatever_waits(quiet, monkeypatch):
    monkeypatch.setattr(room, "_TURN_NS", -1)
    for at in (1, 2):
        quiet.merge.push(data(at))

    assert quiet.turn() is True
    assert quiet.turn() is True
    assert quiet.turn() is False
    assert [f.at for f in quiet.pipeline.fed if isinstance(f, Data)] == [1, 2]


def test_a_veiled_recording_begins_and_ends_with_who_wants_it_each_under_a_seal_of_its_own(quiet):
    quiet.intake = FakeIntake()
    for wanted in (False, True, True, False, True):
        quiet.intake.veils = wanted
        quiet._feed(data(1))
    begun, over, again = quiet.pipeline.veils
    begun[0](data(2))

    assert over[0] is None
    assert begun[1] != again[1]
    assert [(data(1), False)] * 5 + [(data(2), True)] == quiet.intake.recorded


def test_each_second_it_says_how_it_stands(quiet, tmp_path):
    (tmp_path / "camera.json").write_text('{"attached": [1]}')
    quiet.now[0] += SECOND
    quiet.turn()
    how = json.loads((tmp_path / "teller.json").read_text())

    assert how["account"]["balanced"] is True
    assert quiet.sinks.health_rows[0]["camera"] == {"attached": [1]}
    assert how["planes"] == {"ebpf": False, "proxy": False}


def test_whoever_asks_in_the_first_second_is_told(quiet):
    quiet.stopping = True
    quiet.run(FakeIntake())

    assert [0] == [how["account"]["open"] for how in quiet.sinks.health_rows]


def test_a_status_that_cannot_be_written_is_counted_and_the_telling_goes_on(quiet, tmp_path):
    quiet._run_dir = tmp_path / "gone"
    quiet.now[0] += SECOND
    quiet.turn()

    assert Counter({"teller.status": 1}) == quiet.pipeline.account.swallowed


def test_lines_for_a_person_are_bounded(quiet):
    for _ in range(1000):
        quiet.voice.say(event="told")
    lines = os.read(quiet.reader, 1 << 20).splitlines()

    assert (len(lines), quiet.voice.dropped) == (100, 900)


def test_a_supervisor_that_does_not_read_stops_nothing():
    reader, writer = os.pipe()
    voice = Voice(writer)
    for _ in range(50):
        voice.say(event="told", text="x" * 4000)
    os.close(reader)
    os.close(writer)

    assert voice.dropped > 20
