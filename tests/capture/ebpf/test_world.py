import os
import subprocess
import sys

import pytest

from hexr_autoinst.capture.ebpf import procfs, world
from hexr_autoinst.capture.ebpf.decode import Look
from hexr_autoinst.capture.ebpf.world import World
from hexr_autoinst.model.facts import Key


@pytest.fixture
def child():
    made = []

    def start(code="import sys; print(1, flush=True); sys.stdin.read()", **more):
        one = subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, **more)
        one.stdout.readline()
        made.append(one)
        return procfs.key(one.pid)

    yield start
    for one in made:
        one.communicate()


@pytest.fixture
def told():
    return []


@pytest.fixture
def people(told):
    return World(told.append, lambda: 99, 1000)


def test_a_process_that_executed_is_read_and_told_with_the_time_of_its_exec(people, told, child):
    key = child()
    people.became(Look("exec", 77, key, None, name="python"))

    assert [(f.at, f.key, f.started, f.exe) for f in told] == [
        (77, key, 77, os.path.realpath(sys.executable))
    ]
    assert key in people


def test_who_was_gone_before_it_could_be_read_is_told_with_what_the_kernel_said(people, told):
    key, parent = Key(1 << 22, 5), Key(1, 2)
    people.became(Look("exec", 77, key, parent, name="agent"))

    assert [(f.key, f.parent, f.exe, f.started, f.args) for f in told] == [(key, parent, "agent", 77, ())]
    assert people.unread == 1


def test_a_pid_in_other_hands_by_now_is_not_told_as_the_old_one(people, told, child):
    key = child()
    people.became(Look("exec", 77, key._replace(start=key.start + 1), None, name="old"))

    assert [f.exe for f in told] == ["old"]


def test_a_forked_worker_is_told_and_one_that_executed_since_is_not_told_twice(people, told, child):
    key = child()
    assert people.born(Look("fork", 70, key))
    people.born(Look("fork", 70, key))

    assert [f.key for f in told] == [key]


def test_what_ended_is_not_in_the_next_snapshot(people, child):
    key = child()
    people.found(key.pid)
    assert [f.key for f in people.snapshot()] == [key]
    people.ended(key)
    assert (people.snapshot(), len(people)) == ((), 0)


def test_new_hints_are_told_and_unchanged_ones_are_not(people, told, child, tmp_path):
    script = tmp_path / "agent.py"
    script.write_text("import sys; print(1, flush=True); sys.stdin.read()")
    one = subprocess.Popen([sys.executable, str(script)], stdin=-1, stdout=-1)
    one.stdout.readline()
    people.found(one.pid)
    key = procfs.key(one.pid)
    people.again(key)
    script.write_text("import openai\n")
    people.again(key)
    one.communicate()

    assert [f.hints for f in told] == [(), ("openai",)]


def test_a_process_whose_end_was_missed_is_swept_away(people, child):
    people.became(Look("exec", 77, Key(1 << 22, 5), None, name="gone"))
    key = child()
    people.found(key.pid)
    people.sweep()

    assert [f.key for f in people.snapshot()] == [key]


def test_the_world_is_bounded_and_counts_whom_it_forgot(people, monkeypatch):
    monkeypatch.setattr(world, "_MOST", 3)
    for pid in range(5):
        people.became(Look("exec", 1, Key((1 << 22) + pid, 5), None, name="x"))

    assert (len(people), people.forgotten, [f.key.pid - (1 << 22) for f in people.snapshot()]) == (
        3,
        2,
        [2, 3, 4],
    )
