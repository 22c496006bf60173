import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.wire.body import Body
from hexr_autoinst.wire.budget import Budget
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


@pytest.mark.parametrize(
    ("kind", "pieces", "frames"),
    [
        ("application/json", [b'[{"a":1}\n,', b'{"b":2}\n]'], ['{"a":1}', '{"b":2}']),
        ("", [b"\n\n", b"[", b'{"a":1}]'], ['{"a":1}']),
        ("application/json", [b'{"a":1}\n{"b"', b":2}\n"], ['{"a":1}', '{"b":2}']),
        ("text/plain", [b'{"a":1}', b"\n", b"\n", b"{}"], ['{"a":1}', "{}"]),
        ("application/stream+json", [b'{"a":1}\n'], ['{"a":1}']),
        ("application/x-ndjson", [b'{"a":1}'], ['{"a":1}']),
        ("application/json", [b"\xef\xbb\xbf \n", b'{"a":1}\n{}'], ['{"a":1}', "{}"]),
    ],
)
def test_streams_are_told_by_their_shape(kind, pieces, frames):
    made = body(kind)

    assert play(made, *pieces) == [("json", "", f) for f in frames]


def test_frames_that_waited_for_the_shape_have_their_own_times():
    made = body()
    frames = [
        f for at, piece in enumerate([b'{"a":1}\n', b"\n", b'{"b"', b":2}\n"]) for f in made.feed(piece, at)
    ]

    assert [(f.at, f.data) for f in frames] == [(0, '{"a":1}'), (3, '{"b":2}')]


def test_a_small_array_is_frames_and_a_body_and_no_stream():
    made = body()

    assert [d for *_, d in play(made, b' [{"a":1},', b'{"b":2}]')] == ['{"a":1}', '{"b":2}']
    assert (made.streamed, made.truncated) == (False, False)
    assert made.take() == b'[{"a":1},{"b":2}]'


def test_a_long_array_is_its_frames():
    made = body(limits=Limits(body=20))

    assert [d for *_, d in play(made, b'[{"a":1},', b'{"b":2},{"c":3}]')] == ['{"a":1}', '{"b":2}', '{"c":3}']
    assert (made.streamed, made.truncated, made.take()) == (True, False, b"")


@pytest.mark.parametrize(
    "whole",
    [b'[{"error": {"code": 400}}]', b"[[0.1, 0.2]]", b"[0.1]", b'{"a": 1}', b'{"a":1}\n{"b":2}', b"{\n}"],
)
def test_json_of_a_declared_length_is_whole(whole):
    fields = (("Content-Type", "application/json"), ("Content-Length", str(len(whole))))
    made = Body(Headers(fields), Limits(), Budget(1 << 30), may_stream=True)

    assert play(made, whole[:3], whole[3:]) == []
    assert made.take() == whole


@pytest.mark.parametrize(
    "whole", [b"[[0.1, 0.2]]", b"[0.1]", b'["a"]', b"[]", b"[", b'{\n  "a": 1\n}', b'{"a": 1}\n', b'{"a": 1}']
)
def test_json_that_is_no_stream_is_whole(whole):
    for cut in range(1, len(whole) + 1):
        made = body()
        assert play(made, whole[:cut], whole[cut:]) == []
        assert made.take() == whole


@pytest.mark.parametrize("may_stream", [True, False])
@pytest.mark.parametrize("kind", ["image/png", "audio/mpeg", "video/mp4", "application/octet-stream"])
def test_of_media_the_size_is_kept(kind, may_stream):
    budget = Budget(1 << 30)
    made = Body(Headers((("Content-Type", kind),)), Limits(), budget, may_stream=may_stream)
    play(made, b"\x89PNG", b"\0" * 1000)

    assert (made.size, made.truncated, made.streamed, made.take(), budget.used) == (
        1004,
        False,
        False,
        b"",
        0,
    )


def test_an_error_under_a_type_of_media_is_kept():
    made = body("audio/mpeg")
    play(made, b'{"error": "no voice"}')

    assert made.take() == b'{"error": "no voice"}'


def test_of_a_multipart_question_the_fields_are_kept():
    file = b"\0" * 50_000
    made = body("multipart/form-data; boundary=b", may_stream=False)
    play(made, b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n' + file, file,
         b'\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--b--\r\n')  # fmt: skip
    kept = made.take()

    assert (made.size > 100_000, made.truncated) == (True, False)
    assert b"Content-Length: 100000\r\n\r\n\r\n--b" in kept
    assert b'name="model"\r\n\r\nwhisper-1\r\n--b--\r\n' in kept
    assert len(kept) < 300


def test_an_encoded_body_far_beyond_the_limit_is_read_to_its_end():
    whole = (
        b'{"id": "r", "data": "'
        + random.Random(1).randbytes(5_000_000).hex().encode()
        + b'", "usage": {"total": 7}}'
    )
    made = body(coding="gzip", limits=Limits(body=1000, decoded=1 << 20))
    play(made, gzip.compress(whole))

    assert made.take() == b'{"id":"r","data":"","usage":{"total":7}}'
    assert (made.size, made.truncated) == (len(whole), True)


def test_a_sacrificed_body_still_tells_what_is_short():
    budget = Budget(1 << 30)
    made = Body(Headers(), Limits(), budget, may_stream=False)
    list(made.feed(b'{"model": "m", "text": "' + b"word " * 200_000, 1))
    made.sacrifice()
    assert budget.used < 300_000
    list(made.feed(b'", "stream": true}', 2))

    assert made.truncated
    assert made.take() == b'{"model":"m","text":"' + b"word " * 204 + b'","stream":true}'
    assert budget.used == 0
    list(made.feed(b'{"more": 1}', 3))
    made.sacrifice()
    made.sacrifice()
    assert (budget.used, made.take()) == (0, b"")


def test_a_sacrificed_array_goes_on_as_frames():
    made = body()
    said = [f.data for f in made.feed(b'[{"a":1},{"b":', 1)]
    made.sacrifice()
    said += [f.data for f in [*made.feed(b"2},", 2), *made.feed(b'{"c":3}]', 3), *made.end(4)]]

    assert said == ['{"a":1}', '{"b":2}', '{"c":3}']
    assert (made.streamed, made.truncated) == (True, True)


def test_what_waits_for_its_shape_is_bounded_and_costs_its_length():
    budget = Budget(1 << 30)
    made = Body(Headers(), Limits(body=1 << 20), budget, may_stream=True)
    list(made.feed(b'{"a": "', 0))
    for _ in range(300_000):
        made.feed(b"x", 1)

    assert budget.used == made.size
    list(made.feed(b"y" * (1 << 20), 2))
    assert budget.used < 300_000


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["application/json", "text/event-stream", "application/x-ndjson", "", "application/octet-stream", "application/vnd.amazon.eventstream", "multipart/form-data; boundary=b"]),
    st.lists(st.sampled_from([b"data: a", b"\n", b"\r\n", b'{"a":1}', b"[", b"]", b",", b" ", b"{", b"}", b'"', b"\0", b"--b", b"\xef\xbb\xbf", b": c", b"x" * 40]) | st.binary(max_size=5), max_size=25),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.booleans(),
)  # fmt: skip
def test_any_bytes_mean_the_same_in_any_pieces(kind, parts, cuts, may_stream):
    data = b"".join(parts)
    pieces, place = [], 0
    while place < len(data):
        pieces.append(data[place : place + cuts[len(pieces) % len(cuts)]])
        place += len(pieces[-1])

    one, many = (body(kind, may_stream=may_stream) for _ in range(2))
    assert play(one, data) == play(many, *pieces)
    assert (one.streamed, one.truncated, one.broken, one.take()) == (
        many.streamed,
        many.truncated,
        many.broken,
        many.take(),
    )


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_a_mark_before_the_text_of_a_request_says_nothing_yet(cut):
    made, data = body("application/octet-stream", may_stream=False), b'\xef\xbb\xbf{"a":1}'
    play(made, data[:cut], data[cut:])

    assert made.take() == data


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
