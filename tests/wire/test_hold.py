import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire.hold import Hold, frame_of


def hold(*pieces, limit=100):
    made = Hold(limit)
    for piece in pieces:
        made.add(piece)
    return made


def test_up_to_the_limit_all_is_held():
    made = hold(b"x" * 60, b"y" * 40)

    assert (made.held, made.cut) == (100, False)
    assert made.take() == b"x" * 60 + b"y" * 40
    assert made.held == 0


@pytest.mark.parametrize("start", [b'{"a": ', b"\n  [", b'\xef\xbb\xbf{"a":'])
def test_beyond_it_json_stays_json(start):
    made = hold(
        start,
        b'"' + b"word " * 100 + b'", ',
        b'"b": 1 ' if b"{" in start else b"1 ",
        b"}" if b"{" in start else b"]",
    )

    assert made.cut
    assert json.loads(made.take()) in ({"a": "word " * 100, "b": 1}, ["word " * 100, 1])


def test_of_a_text_its_beginning_is_kept_without_half_a_word():
    made = hold(b"x " * 40, b"sk-ant-0123456789" * 3, b"more")

    assert made.cut
    assert made.take() == b"x " * 40


def test_what_follows_a_hole_is_not_kept():
    made = hold(b"a " * 50, b"too long", b"b")

    assert made.take() == b"a " * 50


def test_memory_is_given_back_in_two_steps():
    made = hold(b'{"model": "m", "text": "' + b"word " * 1_000_000, limit=1 << 30)

    made.shrink()
    assert made.held < 300_000
    made.add(b'", "usage": 1}')
    assert (made.cut, made.lost) == (True, False)
    assert json.loads(made.take()) == {"model": "m", "text": "word " * 204, "usage": 1}
    made.add(b'{"model": "m"')
    made.shrink()
    made.shrink()
    assert (made.held, made.cut, made.lost) == (0, True, True)
    made.add(b"more")
    assert made.take() == b""


def test_a_text_is_given_back_at_once_and_nothing_is_nothing():
    made = hold(b"plain text")
    made.shrink()
    assert (made.held, made.lost) == (0, True)
    empty = hold()
    empty.shrink()
    assert (empty.cut, empty.lost) == (False, False)


def test_a_frame_is_redacted_and_says_whether_it_was_cut():
    made = hold(b'{"api_key": "hunter2", "a": 1}')

    assert frame_of(made, 5, "json") == frame_of(
        hold(b' {"api_key": "[redacted]", "a": 1}\r'), 5, "json", trim=b" \r"
    )
    long = hold(b'{"api_key": "' + b"hunter2" * 30 + b'"}')
    frame = frame_of(long, 6, "sse", "e")
    assert (frame.at, frame.event, frame.data, frame.cut) == (6, "e", '{"api_key":"[redacted]"}', True)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([b"{", b'"a":', b'"' + b"x " * 30 + b'"', b",", b"[", b"]", b"}", b"word ", b"\xff", b""]) | st.binary(max_size=9), max_size=30), st.integers(1, 9), st.integers(0, 200))  # fmt: skip
def test_any_bytes_are_held_alike_in_any_pieces_and_within_bounds(parts, step, limit):
    text = b"".join(parts)
    one, many = (
        hold(text, limit=limit),
        hold(*(text[i : i + step] for i in range(0, len(text), step)), limit=limit),
    )

    assert one.cut == many.cut == (len(text) > limit)
    assert many.held <= max(limit, 400)
    if is_json(text) or not one.cut or text.lstrip()[:1] not in (b"{", b"["):
        assert one.take() == many.take()


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
