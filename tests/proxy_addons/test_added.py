"""The stamps of a passage, and the real streams that make them over loopback."""

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from proxy_addons import added


class Clock:
    now = 0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def counts():
    return Counter()


@pytest.fixture
def passage(counts, clock):
    return added.Passage(counts, clock)


def at(clock, now, step):
    clock.now = now
    step()


def exchange(passage, clock, start):
    """Head at start, its body 5 later; onward after 20; an answer after 1,000 that is passed on after 30."""
    at(clock, start, passage.client_read)
    at(clock, start + 5, passage.client_read)
    at(clock, start + 10, passage.asked)
    at(clock, start + 20, passage.server_written)
    at(clock, start + 25, passage.server_written)
    at(clock, start + 1000, passage.server_read)
    at(clock, start + 1010, passage.server_read)
    at(clock, start + 1030, passage.client_written)
    at(clock, start + 1040, passage.client_written)
    passage.settled()


def test_each_head_is_timed_from_its_first_byte_in_to_its_first_byte_out(passage, clock, counts):
    exchange(passage, clock, 100)
    exchange(passage, clock, 5_000)

    assert {
        "request_heads_timed": 2,
        "request_added_ns": 40,
        "response_heads_timed": 2,
        "response_added_ns": 60,
    } == counts


def test_a_handshake_and_tickets_that_come_before_a_request_are_no_message(passage, clock, counts):
    for step in (passage.client_read, passage.server_written, passage.server_read, passage.client_written):
        at(clock, 7, step)
    passage.settled()
    at(clock, 50, passage.server_read)
    exchange(passage, clock, 100)

    assert counts["request_added_ns"] == 20
    assert counts["response_added_ns"] == 30


def test_a_request_whose_beginning_was_not_seen_is_not_counted(passage, clock, counts):
    at(clock, 10, passage.asked)
    at(clock, 20, passage.server_written)

    assert counts == {}


def flow(version="HTTP/1.1", connected=True):
    return SimpleNamespace(
        request=SimpleNamespace(is_http11=version == "HTTP/1.1"),
        server_conn=SimpleNamespace(connected=connected),
    )


@pytest.mark.parametrize(("found", "timed"), [(flow(), 1), (flow("HTTP/2.0"), 0), (flow(connected=False), 0)])
def test_only_what_is_sure_is_counted(passage, counts, found, timed):
    token = added.PASSAGE.set(passage)
    passage._clock = lambda: 9
    passage.client_read()
    added.Added().requestheaders(found)
    passage.server_written()
    added.Added().response(found)
    added.PASSAGE.reset(token)

    assert counts["request_heads_timed"] == timed


def test_without_a_passage_a_flow_is_nothing_to_it():
    added.Added().requestheaders(flow())
    added.Added().tls_established_client(None)


async def echoed(passage):
    async def answer(reader, writer):
        writer.write(b"said " + await reader.read(10))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    added.PASSAGE.set(passage)
    reader, writer = await added.open_connection(
        *server.sockets[0].getsockname()[:2], local_addr=("127.0.0.1", 0)
    )
    passage.client_read()
    passage.asked()
    writer.write(b"this")
    said = await reader.read()
    passage.client_written()
    writer.close()
    server.close()
    return said


def test_a_real_connection_carries_bytes_and_stamps_them(counts):
    said = asyncio.run(echoed(added.Passage(counts)))

    assert said == b"said this"
    assert (counts["request_heads_timed"], counts["response_heads_timed"]) == (1, 1)
    assert counts["request_added_ns"] > 0
