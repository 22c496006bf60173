import asyncio
import socket
import threading
from collections import Counter

import pytest

from hexr_autoinst import owner
from hexr_autoinst.front.door import PRESENCE, Door
from hexr_autoinst.front.passes import Passes


class Desk:
    """A desk that knows everybody as the same program."""

    def __init__(self, path, told=owner.TOLD):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(path))
        self.listener.listen()
        self.reply = owner.pack_reply(owner.Owner(told, 42, 4711, "/usr/bin/agent"))
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            with line:
                line.recv(256)
                line.send(self.reply)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


class Taker:
    """A hand that takes or does not; what it takes it answers itself."""

    def __init__(self, takes=True, after=0.0):
        self.takes, self.after, self.given = takes, after, []

    async def first(self):
        await asyncio.sleep(self.after)

    async def give(self, client, peeked, caller):
        self.given.append((peeked, caller))
        if self.takes:
            await asyncio.get_running_loop().sock_sendall(client, b"taken")
        return self.takes


async def origin(reader, writer):
    asked = await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(asked), asked)
    )
    writer.close()


def through(said, tmp_path, hand=None, passes=None, told=owner.TOLD, inside=True):
    """What a client hears that says this to a door; `{port}` is an origin's, `{own}` the door's."""

    async def main():
        server = await asyncio.start_server(origin, "127.0.0.1", 0)
        listener = socket.create_server(("127.0.0.1", 0))
        port, own = server.sockets[0].getsockname()[1], listener.getsockname()[1]
        counts = Counter()
        table = passes(port) if passes else Passes()
        door = Door(listener, tmp_path / "owner.sock", hand, table, counts)
        task = asyncio.create_task(door.serve())
        reader, writer = await asyncio.open_connection("127.0.0.1", own)
        writer.write(said.replace(b"{port}", b"%d" % port).replace(b"{own}", b"%d" % own))
        if inside:
            writer.write(b"GET /inside HTTP/1.1\r\n\r\n")
        heard = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        listener.close()
        server.close()
        return heard, dict(counts)

    desk = Desk(tmp_path / "owner.sock", told)
    try:
        return asyncio.run(main())
    finally:
        desk.close()


CONNECT = b"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_without_a_worker_a_tunnel_is_spliced(tmp_path):
    heard, counts = through(CONNECT, tmp_path)

    assert heard.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK")
    assert b"GET /inside" in heard
    assert counts == {"accepted": 1, "spliced_no_worker": 1}


def test_without_a_worker_plain_http_is_forwarded_to_its_origin(tmp_path):
    heard, _ = through(
        b"GET http://localhost:{port}/p?q HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Basic eA==\r\n\r\n",
        tmp_path,
    )

    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert b"GET /p?q HTTP/1.1\r\nHost: h\r\nConnection: close" in heard
    assert b"Proxy-" not in heard


def test_a_told_caller_is_handed_over_with_all_that_was_read(tmp_path):
    hand = Taker()
    heard, counts = through(CONNECT + b"early", tmp_path, hand, inside=False)
    ((peeked, caller),) = hand.given

    assert heard == b"taken"
    assert peeked.startswith(b"CONNECT localhost:")
    assert peeked.endswith(b"\r\n\r\nearly")
    assert (caller.pid, caller.start, caller.executable) == (42, 4711, "/usr/bin/agent")
    assert counts == {"accepted": 1, "handed": 1}


@pytest.mark.parametrize("verdict", [owner.NOT_TOLD, owner.UNKNOWN])
def test_a_caller_that_is_not_to_be_told_is_spliced_and_waits_for_no_worker(tmp_path, verdict):
    hand = Taker(after=60)
    heard, counts = through(CONNECT, tmp_path, hand, told=verdict)

    assert hand.given == []
    assert b"GET /inside" in heard
    assert counts["spliced_not_told"] == 1


def test_what_was_learned_is_passed_through(tmp_path):
    def learned(port):
        passes = Passes()
        passes.learn("/usr/bin/agent", f"localhost:{port}", float("inf"))
        return passes

    hand = Taker()
    heard, counts = through(CONNECT, tmp_path, hand, learned)

    assert hand.given == []
    assert b"GET /inside" in heard
    assert counts["spliced_passed_through"] == 1


def test_a_hand_that_does_not_take_costs_nobody_the_connection(tmp_path):
    hand = Taker(takes=False)
    heard, counts = through(CONNECT, tmp_path, hand)

    assert len(hand.given) == 1
    assert b"GET /inside" in heard
    assert counts["spliced_no_worker"] == 1


def test_a_target_that_cannot_be_reached_is_a_502_that_names_it(tmp_path):
    heard, counts = through(b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n", tmp_path, inside=False)

    assert heard.startswith(b"HTTP/1.1 502 Bad Gateway")
    assert b"127.0.0.1:1 cannot be reached" in heard
    assert counts["unreachable"] == 1


@pytest.mark.parametrize("host", [b"127.0.0.1", b"localhost", b"127.9.9.9", b"[::1]"])
def test_it_does_not_connect_to_itself(tmp_path, host):
    heard, counts = through(b"CONNECT " + host + b":{own} HTTP/1.1\r\n\r\n", tmp_path, inside=False)

    assert heard.startswith(b"HTTP/1.1 502")
    assert counts["loops"] == 1


def test_who_asks_the_door_itself_is_told_what_it_is(tmp_path):
    heard, _ = through(b"GET / HTTP/1.1\r\n\r\n", tmp_path, inside=False)

    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert heard.endswith(PRESENCE)


@pytest.mark.parametrize(
    "said", [b"\x16\x03\x01\x02\x00", b"CONNECT x HTTP/1.1\r\n\r\n", b"CONNECT \xff\xfe:443 HTTP/9\r\n\r\n"]
)
def test_what_is_no_proxy_request_is_a_400(tmp_path, said):
    heard, counts = through(said, tmp_path, inside=False)

    assert heard.startswith(b"HTTP/1.1 400")
    assert counts["not_proxy_requests"] == 1


@pytest.mark.parametrize("host", [b"a..b", b"x" * 70, b"\xff\xfe", b"no-such-host.invalid"])
def test_a_name_that_is_none_is_a_502_and_no_defect(tmp_path, host):
    heard, counts = through(b"CONNECT " + host + b":443 HTTP/1.1\r\n\r\n", tmp_path, inside=False)

    assert heard.startswith(b"HTTP/1.1 502")
    assert "defects" not in counts


def test_an_answer_of_ours_arrives_though_the_client_goes_on_to_send(tmp_path):
    said = b"POST http://127.0.0.1:1/ HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    heard, _ = through(said, tmp_path, inside=False)

    assert heard.startswith(b"HTTP/1.1 502")
