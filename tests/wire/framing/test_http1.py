import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.errors import WireError
from hexr_autoinst.wire.framing.head import Start
from hexr_autoinst.wire.framing.http1 import Hole, Reader, Stop
from hexr_autoinst.wire.limits import Limits


def reader(method="GET", *, joined=False, limits=None):
    return Reader(limits or Limits(), lambda: method, joined=joined)


def read(half, *pieces):
    """Events, with the pieces of a body put together."""
    out = []
    for n, piece in enumerate(pieces):
        for event in half.feed(n, piece):
            if isinstance(event, bytes) and out and isinstance(out[-1], bytes):
                out[-1] += event
            else:
                out.append(event)
    return out


def kinds(events):
    return [e if isinstance(e, bytes) else type(e).__name__ for e in events]


CASES = [
    (b"GET / HTTP/1.1\r\n\r\n", ["Start", "Stop"]),
    (b"\r\n\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n", ["Start", "Stop"]),
    (b"GET / HTTP/1.1\n\nGET / HTTP/1.1\n\n", ["Start", "Stop", "Start", "Stop"]),
    (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", ["Start", b"abc", "Stop"]),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ["Start", "Stop"]),
    (b"HTTP/1.1 200 OK\r\n\r\nrest", ["Start", b"rest"]),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\nde\n0\r\n\r\n", ["Start", b"abcde", "Stop"]),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\nHTTP/1.1 204 N\r\n\r\n", ["Start", "Stop", "Start", "Stop"]),
    (b"HTTP/1.1 101 Switching\r\n\r\n", ["Start", "Stop"]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_messages_whole_and_byte_by_byte(data, expected):
    assert kinds(read(reader(), data)) == expected
    assert kinds(read(reader(), *(data[i : i + 1] for i in range(len(data))))) == expected


def test_trailers_come_with_the_stop():
    events = read(reader(), CASES[7][0])

    assert events[1] == Stop("", (("A", "b"),))


def test_a_message_begins_with_the_first_byte_of_its_head():
    start, *_ = read(reader(), b"\r\n", b"GE", b"T / HTTP/1.1\r\n\r", b"\n")

    assert isinstance(start, Start)
    assert start.at == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02",
        b"hello world\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 16 + b"\r\n",
    ],
)
def test_garbage_raises_and_nothing_else(data):
    with pytest.raises(WireError):
        read(reader(), data)


def test_a_start_line_without_end_is_refused_at_the_limit():
    half = reader(limits=Limits(head=1000))

    with pytest.raises(WireError):
        read(half, b"GET /" + b"a" * 2000)


def test_an_oversized_head_is_cut_at_a_whole_field_and_marked():
    half = reader(limits=Limits(head=100))
    fields = b"".join(b"X-%d: 0123456789\r\n" % n for n in range(100))

    start, stop = read(half, b"GET / HTTP/1.1\r\n" + fields[:60], fields[60:900], fields[900:] + b"\r\n")

    assert start.cut
    assert [f for f in start.headers.fields if f[1] != "0123456789"] == []
    assert 0 < len(start.headers.fields) < 10
    assert stop == Stop()
    assert half.buffered == 0


BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
PIECES = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NEXT = b"HTTP/1.1 204 No\r\n\r\n"


@pytest.mark.parametrize(
    ("before", "n", "after", "expected"),
    [
        (BODY + b"ab", 3, b"fghij", ["Hole", b"fghij", "Stop"]),
        (BODY + b"ab", 8, NEXT, ["Hole", "Stop", "Start", "Stop"]),
        (BODY + b"ab", 9, b"xx" + NEXT, ["Stop", "Start", "Stop"]),
        (BODY + b"ab", -1, b"xx" + NEXT, ["Stop", "Start", "Stop"]),
        (PIECES + b"5\r\nab", 2, b"e\r\n0\r\n\r\n", ["Hole", b"e", "Stop"]),
        (PIECES + b"5\r\nab", 3, b"\r\n0\r\n\r\n", ["Hole", "Stop"]),
        (PIECES + b"5\r\nab", 9, b"3\r\nxyz\r\n0\r\n\r\n", ["Hole", b"xyz", "Stop"]),
        (PIECES + b"5\r\nab", -1, b"no\r\n3\r\nxyz\r\n0\r\n\r\n", ["Hole", b"xyz", "Stop"]),
        (PIECES + b"5\r\nabcde\r\n", -1, b"...}" + NEXT, ["Hole", "Stop", "Start", "Stop"]),
        (b"HTTP/1.1 200 OK\r\n\r\nab", -1, b"cd", ["Hole", b"cd"]),
        (b"HTTP/1.1 200 OK\r\nA: ", -1, b"\r\n\r\n" + NEXT, ["Start", "Stop"]),
        (NEXT, -1, b"half of something\r\n" + NEXT, ["Start", "Stop"]),
    ],
)
def test_a_gap_goes_on_where_it_can(before, n, after, expected):
    for cut in (len(after), 1):
        half = reader()
        read(half, before)
        events = list(half.gap(n))
        for start in range(0, len(after), cut):
            for event in half.feed(9, after[start : start + cut]):
                if isinstance(event, bytes) and isinstance(events[-1], bytes):
                    events[-1] += event
                else:
                    events.append(event)
        assert kinds(events) == expected


def test_what_is_found_after_a_loss_is_marked():
    half = reader()
    read(half, BODY)

    assert list(half.gap(-1)) == [Stop("lost_events")]
    assert [e.joined for e in read(half, NEXT + NEXT) if isinstance(e, Start)] == [True, False]


def test_a_joined_direction_waits_for_a_start_line():
    half = reader(joined=True)

    assert half.hunting
    events = read(half, b'abc", "text": "GET / HTTP/1.1 is prose"', b"}GET /x HT", b"TP/1.1\r\nA: b\r\n\r\n")
    assert [(e.target, e.joined) for e in events if isinstance(e, Start)] == [("/x", True)]


def test_a_joined_direction_that_begins_with_a_start_line_missed_nothing():
    assert not read(reader(joined=True), b"GET / HTTP/1.1\r\n\r\n")[0].joined


def test_a_hunt_holds_a_bounded_tail():
    half = reader(joined=True)
    for _ in range(50):
        read(half, b"x" * 10_000)

    assert half.buffered <= 32 << 10


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\n\r\n" * 60_000],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 150_000],
        [b"GET / HTTP/1.1\r\n", *([b"X: y\r\n"] * 100_000)],
        [b"GET /", *([b"a"] * 100_000)],
    ],
)
def test_hostile_shapes_cost_no_more_than_their_length(pieces):
    begin = time.process_time()
    read(reader(), *pieces)

    assert time.process_time() - begin < 5  # quadratic work takes minutes


@given(st.lists(st.binary(max_size=30), max_size=8), st.booleans(), st.integers(-1, 40))
def test_any_bytes_are_events_or_a_wire_error(pieces, joined, n):
    half = reader(joined=joined)
    try:
        read(half, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *pieces[:4])
        list(half.gap(n)) if n else None
        read(half, *pieces[4:])
    except WireError:
        return
    assert half.buffered < 1 << 20


def test_holes_are_told_where_they_are():
    half = reader()
    read(half, BODY + b"ab")

    assert list(half.gap(2)) == [Hole()]
