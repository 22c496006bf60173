"""A real Redis answers: what it says to each command of the family is what is told. Skipped where none is installed."""

import socket
import time

import pytest

from tests import real_redis
from tests.dissect.effects.test_redis import Connection, command

pytestmark = real_redis.needed
SAID = [
    command("SELECT", "2"), command("SET", "k", "v"), command("HSET", "h", "f", "1"),
    command("GET", "k") + command("INCR", "n") + command("GET", "none"), command("MGET", "k", "none"), command("HMGET", "h", "f", "g"),
    command("HGETALL", "h"), command("HGETALL", "none"), command("GETEX", "k"), command("GET", "h"),
    command("MULTI") + command("GET", "k") + command("GET", "none") + command("EXEC"), command("GETDEL", "k"), command("GET", "k"),
]  # fmt: skip
TOLD = [
    ("GET", True), ("GET", False), ("MGET", False), ("HMGET", False), ("HGETALL", True), ("HGETALL", False), ("GETEX", True),
    ("GET", "WRONGTYPE"), ("GET", True), ("GET", False), ("GETDEL", True), ("GET", False),
]  # fmt: skip


@pytest.fixture
def server(tmp_path):
    with real_redis.serving(tmp_path) as port:
        yield port


@pytest.mark.parametrize("protocol", ["2", "3"])
def test_every_answer_of_a_real_server_is_a_hit_a_miss_or_a_refusal(server, protocol):
    steps = []
    with socket.create_connection(("127.0.0.1", server), timeout=10) as client:
        for text in [command("HELLO", protocol), *SAID]:
            client.sendall(text.encode())
            time.sleep(0.05)
            steps += [">" + text, "<" + client.recv(1 << 16).decode()]
        client.shutdown(socket.SHUT_WR)
        while rest := client.recv(1 << 16):
            steps.append("<" + rest.decode())

    said = Connection(*steps)
    assert TOLD == said.told()
    assert {"2"} == {dict(one.operation.facts)["db.namespace"] for one in said.done}
