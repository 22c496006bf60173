import contextlib
import os
import select
import signal
import time
from pathlib import Path

import pytest

from hexr_autoinst import drop
from hexr_autoinst.capture.ebpf import apart
from hexr_autoinst.capture.ebpf.symbols import Plan, Refusal, survey

root = pytest.mark.skipif(os.geteuid() != 0, reason="gives up privilege, so it needs some: run as root")


def nothing():
    pass


@pytest.fixture
def files(libssl, tmp_path):
    (tmp_path / "text").write_bytes(b"#!/bin/sh\n")
    opened = [
        (name, os.open(path, os.O_RDONLY))
        for name, path in (("/in/libssl.so.3", libssl), ("text", tmp_path / "text"))
    ]
    yield opened
    for _, fd in opened:
        os.close(fd)


def finish(survey_, seconds=20):
    found, end = {}, time.monotonic() + seconds
    while not survey_.over and time.monotonic() < end:
        select.select([survey_.fd], [], [], 1)
        found.update(survey_.answers())
    return found


def test_the_child_answers_what_a_survey_at_home_would(files, libssl):
    found = finish(apart.start(files, nothing))

    assert found[0] == survey(libssl)._replace(path="/in/libssl.so.3")
    assert (type(found[1]), found[1].label) == (Refusal, "")


@root
def test_a_child_without_any_privilege_can_do_it(files):
    found = finish(apart.start(files, drop.become_nobody))
    assert [type(found[n]) for n in (0, 1)] == [Plan, Refusal]


def test_a_child_that_dies_leaves_refusals_and_no_zombie(files):
    def die():
        os.kill(os.getpid(), signal.SIGSEGV)

    made = apart.start(files, die)
    found = finish(made)

    assert [(type(found[n]), found[n].reason) for n in (0, 1)] == [(Refusal, "the survey of it failed")] * 2
    assert not Path(f"/proc/{made.pid}").exists()


def test_a_child_that_cannot_drop_its_privilege_reads_nothing(files):
    def fail():
        raise PermissionError("no")

    assert {type(x) for x in finish(apart.start(files, fail)).values()} == {Refusal}


def test_a_child_that_hangs_can_be_ended(files):
    made = apart.start(files, lambda: time.sleep(60))
    made.close()
    assert not Path(f"/proc/{made.pid}").exists()


def test_the_child_holds_nothing_of_its_parent_but_the_files(files, tmp_path):
    secret = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(secret, True)
    made = apart.start(files, lambda: time.sleep(60))
    expected = {"/dev/null", *(str(Path(f"/proc/self/fd/{fd}").readlink()) for _, fd in files)}
    end = time.monotonic() + 10
    while time.monotonic() < end and (links := held(made.pid)) != expected:
        time.sleep(0.02)
    made.close()
    os.close(secret)

    assert expected == links


def held(pid):
    """What the descriptors of a process lead to, pipes aside; one may close while we look."""
    links = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.add(str(one.readlink()))
    return {x for x in links if not x.startswith("pipe:")}


@pytest.mark.parametrize(
    "line",
    [
        b"", b"null", b"[]", b"[0]", b'[5,"Plan","a"]', b'[0,"Plan","b",1,2,"l","r",[]]', b'[0,"Plan","a",1,2,"l","r",[["f","x",[]]]]',
        b'[0,"Plan","a"]', b'[0,"Refusal","a"]', b'{"a":1}', b"[" * 100_000, b"\xff", b'[null,"Plan","a",1,2,"l","r",[]]',
    ],
)  # fmt: skip
def test_a_line_that_is_no_answer_is_none(line):
    assert apart._parsed(line, ("a",)) is None


def test_a_line_that_is_one_is_read():
    assert apart._parsed(
        b'[0,"Plan","a",1,2,"l","dynsym",[["SSL_read_ex",16,[20],40,["SSL_read"]]]]', ("a",)
    ) == (
        0,
        Plan("a", 1, 2, "l", "dynsym", (apart.Probe("SSL_read_ex", 16, (20,), 40, ("SSL_read",)),)),
    )
