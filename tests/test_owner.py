import os
import socket
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.config import Rule
from hexr_autoinst.netlink import Tuple4
from hexr_autoinst.owner import (
    NOT_TOLD,
    REPLY,
    REQUEST,
    TOLD,
    UNKNOWN,
    Desk,
    Owner,
    pack_reply,
    pack_request,
    unpack_reply,
    unpack_request,
)
from hexr_autoinst.verdict import look

CLIENT = """
import socket, sys
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(c.getsockname()[1], flush=True)
input()
"""


@pytest.fixture
def caller():
    """A real process of ours with a real connection: its pid and the 4-tuple as it sees it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        child = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        local = int(child.stdout.readline())
        yield child.pid, Tuple4(b"\x7f\0\0\x01", local, b"\x7f\0\0\x01", port)
        child.communicate("\n")


def test_a_caller_is_named_with_pid_start_and_executable(caller):
    pid, connection = caller
    owner = unpack_reply(Desk().answer(pack_request(connection)))
    seen = look(pid)

    assert Owner(TOLD, pid, seen.start, seen.exe) == owner


def test_only_and_not_decide(caller):
    pid, connection = caller

    assert Desk((Rule("pid", str(pid)),)).owner(connection).told == TOLD
    assert Desk((Rule("exe", "/nothing"),)).owner(connection).told == NOT_TOLD
    assert Desk((), (Rule("pid", str(os.getpid())),)).owner(connection).told == NOT_TOLD


def test_our_own_processes_are_never_told(caller):
    pid, connection = caller

    assert Desk(ours=lambda: frozenset({pid})).owner(connection).told == NOT_TOLD


def test_an_unknown_connection_is_unknown_and_counted():
    desk = Desk()

    assert Owner(UNKNOWN) == desk.owner(Tuple4(b"\x7f\0\0\x01", 1, b"\x7f\0\0\x01", 1))
    assert desk.answer(pack_request(Tuple4(b"\x7f\0\0\x01", 1, b"\x7f\0\0\x01", 1)))
    assert (desk.asked, desk.unknown) == (1, 1)


def test_a_verdict_is_kept_two_seconds_and_no_longer(caller):
    _, connection = caller
    now = [0]
    ours = [frozenset()]
    desk = Desk(ours=lambda: ours[0], clock=lambda: now[0])
    assert desk.owner(connection).told == TOLD
    ours[0] = frozenset({caller[0]})

    assert desk.owner(connection).told == TOLD
    now[0] = 2_100_000_000
    assert desk.owner(connection).told == NOT_TOLD


def test_the_sizes_are_those_of_the_protocol():
    assert (REQUEST.size, REPLY.size) == (38, 270)


@pytest.mark.parametrize("v", [4, 6])
def test_a_question_survives_the_way(v):
    width = 4 if v == 4 else 16
    asked = Tuple4(b"\x01" * width, 5, b"\x02" * width, 6)

    assert asked == unpack_request(pack_request(asked))


def test_a_long_path_is_cut():
    assert Owner(1, 2, 3, "é" * 128) == unpack_reply(pack_reply(Owner(1, 2, 3, "é" * 300)))


@given(st.binary(max_size=80) | st.binary(min_size=38, max_size=38))
def test_any_bytes_are_answered_or_refused_never_a_crash(data):
    reply = Desk().answer(data)

    assert reply is None or len(reply) == REPLY.size
