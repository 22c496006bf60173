import asyncio
import contextlib
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from hexr_autoinst import owner
from hexr_autoinst.front.ask import Caller, answer, ask, question


@pytest.fixture
def accepted():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        with client, server:
            yield client, server


def test_the_question_is_what_the_supervisor_reads(accepted):
    client, server = accepted
    asked = owner.unpack_request(question(server))

    assert asked is not None
    assert (asked.local, asked.local_port) == (socket.inet_aton("127.0.0.1"), client.getsockname()[1])
    assert (asked.peer, asked.peer_port) == (socket.inet_aton("127.0.0.1"), server.getsockname()[1])


def test_the_question_for_ipv6_is_what_the_supervisor_reads():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        client = socket.create_connection(listener.getsockname()[:2])
        server, _ = listener.accept()
        with client, server:
            asked = owner.unpack_request(question(server))

    assert asked.local == socket.inet_pton(socket.AF_INET6, "::1")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (owner.Owner(owner.TOLD, 42, 4711, "/usr/bin/python3.11"), Caller(42, 4711, "/usr/bin/python3.11")),
        (owner.Owner(owner.NOT_TOLD, 42, 4711, "/usr/bin/python3.11"), None),
        (owner.Owner(owner.UNKNOWN), None),
    ],
)
def test_the_answer_is_what_the_supervisor_writes(said, expected):
    assert answer(owner.pack_reply(said)) == expected


@pytest.mark.parametrize("reply", [b"", b"x", b"\2" + owner.pack_reply(owner.Owner(1, 1, 1))[1:]])
def test_an_answer_that_is_none_names_nobody(reply):
    assert answer(reply) is None


def test_nobody_at_the_desk_names_nobody(tmp_path, accepted):
    assert asyncio.run(ask(tmp_path / "owner.sock", accepted[1])) is None


def test_a_silent_desk_is_given_fifty_milliseconds(tmp_path, accepted):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as desk:
        desk.bind(str(tmp_path / "owner.sock"))
        desk.listen()
        began = time.monotonic()
        found = asyncio.run(ask(tmp_path / "owner.sock", accepted[1]))

    assert found is None
    assert time.monotonic() - began > 0.04


def test_a_real_desk_names_this_process(tmp_path, accepted):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as desk:
        desk.bind(str(tmp_path / "owner.sock"))
        desk.listen()

        def serve():
            with contextlib.suppress(OSError):
                line, _ = desk.accept()
                with line:
                    line.send(owner.Desk().answer(line.recv(256)))

        thread = threading.Thread(target=serve)
        thread.start()
        found = asyncio.run(ask(tmp_path / "owner.sock", accepted[1], patience=5))
        thread.join()

    assert found is not None
    assert found.pid == os.getpid()
    assert found.executable == str(Path("/proc/self/exe").readlink())
