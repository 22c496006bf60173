import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire.sse import EventStream

CASES = [
    ("data", b"data: a\n\n", [("", "a")]),
    ("no space", b"data:a\n\n", [("", "a")]),
    ("two spaces", b"data:  a\n\n", [("", " a")]),
    ("several lines", b"data: a\ndata: b\n\n", [("", "a\nb")]),
    ("CRLF", b"event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [("e", "a"), ("", "b")]),
    ("CR", b"event: e\rdata: a\r\rdata: b\r\r", [("e", "a"), ("", "b")]),
    ("comments", b": keep alive\n\ndata: a\n: within\n\n", [("", "a")]),
    ("other fields", b"id: 1\nretry: 5\nfoo\ndata: a\n\n", [("", "a")]),
    ("a name without data", b"event: ping\n\ndata: a\n\n", [("", "a")]),
    ("empty data", b"data\n\ndata:\n\n", [("", ""), ("", "")]),
    ("a BOM", b"\xef\xbb\xbfdata: a\n\n", [("", "a")]),
    ("blank lines", b"\n\n\ndata: a\n\n\n\ndata: b\n\n", [("", "a"), ("", "b")]),
    ("no blank line at the end", b"data: a\n\ndata: b", [("", "a"), ("", "b")]),
    ("an error field", b'error: {"code":1}\n\n', [("error", '{"code":1}')]),
    ("broken UTF-8", b"data: \xff\n\n", [("", "�")]),
]


def stream(data, cut=0, limit=1000, clean=True):
    events = EventStream(limit)
    pieces = [data] if not cut else [data[i : i + cut] for i in range(0, len(data), cut)]
    frames = [f for n, piece in enumerate(pieces) for f in events.feed(piece, n)]
    return [(f.event, f.data) for f in [*frames, *events.end(99, clean=clean)]], events


@pytest.mark.parametrize(("name", "data", "expected"), CASES, ids=[c[0] for c in CASES])
def test_events_however_they_are_cut(name, data, expected):
    for cut in (0, 1, 2, 3, 5):
        assert stream(data, cut)[0] == expected


def test_a_frame_has_the_time_of_the_piece_that_completed_it():
    events = EventStream(1000)

    assert events.feed(b"data: a\n", 1) == []
    assert [f.at for f in events.feed(b"\n", 2)] == [2]
    assert [f.at for f in events.feed(b"data: a\r\r", 3)] == [3]


def test_a_body_cut_short_ends_no_line_but_keeps_whole_ones():
    assert stream(b"data: a\n\ndata: {half", clean=False)[0] == [("", "a")]
    assert stream(b"data: a\n\ndata: b\n", clean=False)[0] == [("", "a"), ("", "b")]


def test_an_event_beyond_the_limit_is_cut_and_marked_and_the_next_is_whole():
    for cut in (0, 7):
        said, events = stream(b"data: " + b"x" * 500 + b"\n\ndata: b\n\n", cut, limit=100)

        assert said[1] == ("", "b")
        assert len(said[0][1]) <= 100
        assert events.cut


def test_many_short_lines_of_one_event_count_together():
    said, events = stream(b"data: 123456789\n" * 100 + b"\n", limit=100)

    assert len(said[0][1]) <= 120
    assert events.cut


def test_what_is_held_is_bounded():
    events = EventStream(1000)
    for n in range(1000):
        events.feed(b"x" * 100, n)

    assert events.buffered <= 1000


def test_a_dropped_event_is_marked():
    events = EventStream(1000)
    events.feed(b"data: half", 1)
    events.drop()

    assert (events.buffered, events.cut) == (0, True)


def test_secrets_of_frames_are_gone():
    assert stream(b"data: sk-ant-abcdefghijklmnop\n\n")[0] == [("", "[redacted]")]


@given(
    st.lists(
        st.sampled_from([b"data: a", b"event: b", b"\n", b"\r\n", b"\r", b": c", b"x", b"\xff"]), max_size=20
    ),
    st.integers(1, 5),
)
def test_any_bytes_mean_the_same_in_any_pieces(parts, cut):
    data = b"".join(parts)

    assert stream(data)[0] == stream(data, cut)[0]
