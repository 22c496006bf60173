import pytest

from hexr_autoinst.model.exchange import Asked, Ended, Skipped
from hexr_autoinst.model.facts import Chunk
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.identity import Carrier
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.stream import Stream
from hexr_autoinst.wire.talk import Talk
from tests.wire.stage import CONN, JSON, KEY, POST, chunks


def opened(facts, limits=None):
    limits = limits or Limits()
    names = []

    def opener(conn, first, ordinal, role):
        names.append((first, ordinal, role))
        return Talk(Carrier(f"x{ordinal}", "ebpf", KEY, conn, ordinal, role), limits, Budget(1 << 30))

    stream = Stream(CONN, limits, opener, facts[0])
    return stream, names, [h for f in facts for h in stream.feed(f)]


def test_exchanges_are_numbered_and_named_by_where_the_stream_was_found():
    _, names, _ = opened(chunks(("out", POST + POST), ("in", JSON + JSON), first=0))
    assert names == [(0, 0, "client"), (0, 1, "client")]

    _, names, _ = opened(chunks(("in", POST), first=30))
    assert names == [(30, 0, "server")]


def test_a_fact_is_spent_on_the_first_exchange_it_touches():
    facts = chunks(("out", POST[:9]), ("out", POST[9:] + POST), ("in", JSON + JSON[:5]), ("in", JSON[5:]))

    _, _, heard = opened(facts)

    assert [h.exchange.facts for h in heard if isinstance(h, Ended)] == [3, 1]


def test_an_answer_to_nothing_is_skipped_whole():
    _, _, heard = opened(chunks(("in", JSON[:9]), ("in", JSON[9:]), ("out", POST), ("in", JSON)))

    assert [(h.reason, h.n) for h in heard if isinstance(h, Skipped)] == [("no_request", 2)]
    assert [h.exchange.response.status for h in heard if isinstance(h, Ended)] == [200]


def test_a_muted_stream_skips_what_follows_and_holds_nothing():
    stream, _, heard = opened([*chunks(("out", b"\x00garbage")), *chunks(("in", b"x"), ("in", b"y"))])

    assert [(h.reason, h.n) for h in heard] == [("not_http", 1)] * 3
    assert (stream.muted, stream.talks, stream.buffered) == ("not_http", (), 0)


def test_garbage_in_an_answer_ends_what_is_open():
    _, _, heard = opened(
        chunks(("out", POST), ("in", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))
    )

    assert [h.exchange.missing for h in heard if isinstance(h, Ended)] == [("truncated:response",)]


def test_requests_without_answers_are_bounded():
    _, _, heard = opened(chunks(*[("out", POST)] * 10), limits=Limits(pipelined=4))

    assert sum(isinstance(h, Asked) for h in heard) == 4
    assert sum(isinstance(h, Ended) for h in heard) == 4


def test_half_a_head_is_held_and_given_up_on_demand():
    stream, _, _ = opened(chunks(("out", POST[:30])))

    assert stream.buffered == 30
    stream.give_up()
    assert stream.buffered == 0
    assert [(h.reason, h.n) for h in stream.close(99)] == [("cut_off", 1)]


@pytest.mark.parametrize("seq", [0, 2, 9])
def test_a_jump_of_the_sequence_is_a_gap_even_if_nobody_says_so(seq):
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
    *facts, last = chunks(("out", POST), ("in", body), ("in", b"def"))
    stream, _, heard = opened([*facts, Chunk(99, "ebpf", CONN, "in", seq, last.data)])
    heard += stream.close(100)

    (exchange,) = [h.exchange for h in heard if isinstance(h, Ended)]
    assert "lost_events" in exchange.missing


def test_the_end_of_the_connection_ends_a_body_without_length():
    stream, _, heard = opened(chunks(("out", POST), ("in", b"HTTP/1.0 200 OK\r\n\r\nabc")))

    assert not [h for h in heard if isinstance(h, Ended)]
    (end,) = stream.close(500)
    assert (end.exchange.response.body, end.exchange.missing) == (b"abc", ())


def test_an_idle_body_without_length_is_not_taken_for_whole():
    stream, _, _ = opened(chunks(("out", POST), ("in", b"HTTP/1.0 200 OK\r\n\r\nabc")))

    (end,) = stream.close(500, "idle")
    assert end.exchange.missing == ("idle",)


def test_what_cannot_be_told_yet_waits_and_is_spent_in_order():
    stream, names, heard = opened(chunks(("out", POST), cut=1))

    assert names == [(0, 0, "client")]
    assert stream.role == "client"
    stream, names, heard = opened(chunks(("out", b"P"), ("out", b"R")))
    assert (stream.role, stream.buffered, heard, names) == ("unknown", 2, [], [])
    assert [(h.reason, h.n) for h in stream.close(9)] == [("cut_off", 2)]


def test_a_protocol_that_is_heard_in_the_middle_takes_over():
    command = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
    stream, names, heard = opened(
        chunks(("in", b"$5\r\nhello\r\n"), ("out", command), ("in", b"$-1\r\n"), first=7)
    )

    assert [(h.reason, h.n) for h in heard if isinstance(h, Skipped)] == [("joined_mid_connection", 1)]
    assert names == [(7, 0, "client")]
    assert [m for t in stream.talks for m in t.missing] == ["joined_mid_connection"]


def test_the_medium_says_the_scheme():
    from dataclasses import replace

    stream, _, _ = opened([replace(f, medium="socket") for f in chunks(("out", POST))])

    assert stream.talks[0].request.scheme == "http"
