import gzip

import pytest

from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.wire.body import Body, Budget
from hexr_autoinst.wire.limits import Limits


def body(kind="application/json", *, coding="", limits=None, may_stream=True):
    fields = (("Content-Type", kind),) + ((("Content-Encoding", coding),) if coding else ())
    return Body(Headers(fields), limits or Limits(), Budget(1 << 30), may_stream=may_stream)


def play(made, *pieces):
    frames = [f for n, piece in enumerate(pieces) for f in made.feed(piece, n)]
    return [(f.kind, f.event, f.data) for f in [*frames, *made.end(99)]]


@pytest.mark.parametrize(
    ("kind", "pieces", "frames"),
    [
        ("text/event-stream", [b"data: a\n\n"], [("sse", "", "a")]),
        ("text/event-stream; charset=utf-8", [b": x\n\n", b"data: a\n\n"], [("sse", "", "a")]),
        ("text/event-stream", [b"\xef\xbb", b"\xbfdata: a\n\n"], [("sse", "", "a")]),
        ("", [b"da", b"ta: a\n\n"], [("sse", "", "a")]),
        ("application/json", [b"\n\nevent: x\ndata: a\n\n"], [("sse", "x", "a")]),
        ("text/plain", [b"data: a\n\n"], [("sse", "", "a")]),
        (
            "application/x-ndjson",
            [b'{"a":1}\n', b'{"b"', b":2}"],
            [("json", "", '{"a":1}'), ("json", "", '{"b":2}')],
        ),
        ("application/jsonl", [b'{"a":1}\n'], [("json", "", '{"a":1}')]),
    ],
)
def test_a_stream_becomes_frames_and_is_not_kept(kind, pieces, frames):
    made = body(kind)

    assert play(made, *pieces) == frames
    assert made.take() == b""
    assert made.frames == len(frames)
    assert made.size == sum(map(len, pieces))


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        ("text/event-stream", [b'{"error":', b' "no"}']),
        ("text/event-stream", [b"\n ", b"<html>"]),
        ("application/json", [b"   \n" * 5000, b'{"id": 1}']),
        ("application/json", [b'{"data": 1}']),
        ("text/html", [b"data: a\n\n"]),
        ("", [b"database"]),
        ("", [b"d"]),
    ],
)
def test_what_is_no_stream_is_kept_whole(kind, pieces):
    made = body(kind)

    assert play(made, *pieces) == []
    assert made.take() == b"".join(pieces)


def test_a_request_is_never_a_stream():
    made = body("text/event-stream", may_stream=False)

    assert play(made, b"data: a\n\n") == []
    assert made.take() == b"data: a\n\n"


def test_a_text_beyond_the_limit_is_cut_before_the_word_that_the_limit_is_in():
    made = body(limits=Limits(body=10))
    play(made, b"one two ", b"sk-ant-01", b"23456789")

    assert made.take() == b"one two "
    assert (made.size, made.truncated) == (25, True)


def test_an_encoded_stream_is_decoded_as_it_comes():
    packed = gzip.compress(b"data: a\n\ndata: b\n\n")

    assert play(body("text/event-stream", coding="gzip"), packed[:12], packed[12:]) == [
        ("sse", "", "a"),
        ("sse", "", "b"),
    ]


def test_what_cannot_be_decoded_is_broken_and_its_raw_bytes_are_not_kept():
    made = body(coding="gzip")
    play(made, b"sk-ant-not-gzip")

    assert made.broken
    assert made.take() == b""


def test_the_budget_holds_what_bodies_hold_and_gets_it_back():
    budget = Budget(15)
    one = Body(Headers(), Limits(), budget, may_stream=False)
    two = Body(Headers((("content-type", "text/event-stream"),)), Limits(), budget, may_stream=True)
    list(one.feed(b"x" * 10, 1))
    assert not budget.exceeded
    list(two.feed(b"data: yyyyyy", 2))

    assert budget.exceeded
    assert budget.used == 22
    one.sacrifice()
    assert one.truncated
    assert budget.used == 12
    list(one.feed(b"more", 3))
    list(two.feed(b"\n\n", 3))
    assert budget.used == 0
