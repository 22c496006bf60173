import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.errors import WireError
from hexr_autoinst.wire.framing.http2 import (
    CONTINUATION,
    DATA,
    HEADERS,
    PREFACE,
    Frame,
    Frames,
    begins,
    find,
    fragment,
)
from tests.wire.talkers.test_http2 import frame

DATA_OF = [frame(DATA, 0, 1, b"one"), frame(DATA, 9, 3, b"\x02two\0\0"), frame(DATA, 1, 1)]


def read(frames, data, step=0):
    """Pieces of DATA put together."""
    step = step or len(data) or 1
    found = [f for n in range(0, len(data), step) for f in frames.feed(data[n : n + step])]
    told, parts = [], b""
    for one in found:
        parts += one.payload
        if one.whole:
            told.append((one.kind, one.flags, one.stream, parts, one.cut))
            parts = b""
    return told


@pytest.mark.parametrize("step", [0, 1, 2, 5])
def test_frames_and_what_is_passed_over(step):
    other = (
        frame(4, 0, 0, b"\0" * 6)
        + frame(6, 0, 0, b"12345678")
        + frame(8, 0, 5, b"\0\0\1\0")
        + frame(0x10, 0, 0, b"u=1")
        + frame(0xFB, 7, 9, b"grease")
    )
    data = (
        PREFACE
        + other
        + DATA_OF[0]
        + frame(HEADERS, 4, 5, b"block")
        + DATA_OF[1]
        + other
        + DATA_OF[2]
        + frame(7, 0, 0, b"\0\0\0\1\0\0\0\0")
    )
    frames = Frames(100, preface=True)

    assert read(frames, data, step) == [
        (DATA, 0, 1, b"one", False), (HEADERS, 4, 5, b"block", False), (DATA, 9, 3, b"two", False), (DATA, 1, 1, b"", False),
        (7, 0, 0, b"\0\0\0\1\0\0\0\0", False),
    ]  # fmt: skip
    assert (frames.between, frames.buffered) == (True, 0)


@pytest.mark.parametrize("data", [b"PRI * HTTP/2.1", b"GET / HTTP/1.1\r\n"])
def test_a_preface_is_one_or_is_refused(data):
    with pytest.raises(WireError):
        list(Frames(100, preface=True).feed(data))


@pytest.mark.parametrize(
    "data",
    [
        frame(6, 0, 0, b"short"),
        frame(DATA, 0, 0, b"x"),
        frame(4, 0, 1),
        frame(4, 0, 0, b"12345"),
        frame(8, 0, 0, b"123"),
    ],
)
def test_what_cannot_be_a_frame_is_refused(data):
    with pytest.raises(WireError):
        list(Frames(100).feed(data))


@pytest.mark.parametrize("step", [0, 1, 7])
def test_a_payload_beyond_the_limit_is_cut_and_passed_over(step):
    frames = Frames(10)

    assert read(frames, frame(HEADERS, 4, 1, b"h" * 500) + frame(DATA, 0, 1, b"d" * 500), step) == [
        (HEADERS, 4, 1, b"h" * 10, True), (DATA, 0, 1, b"d" * 500, False),
    ]  # fmt: skip


def test_a_gap_is_skipped_exactly_where_it_can_be():
    frames = Frames(100)
    data = frame(DATA, 1, 1, b"0123456789")
    list(frames.feed(data[:12]))
    assert frames.gap(3) == Frame(DATA, 1, 1, b"", whole=False)
    assert read(frames, data[15:]) == [(DATA, 1, 1, b"6789", False)]

    list(frames.feed(data[:12]))
    assert frames.gap(7) == Frame(DATA, 1, 1, b"", whole=True)
    assert frames.between

    list(frames.feed(frame(HEADERS, 4, 1, b"block")[:12]))
    assert frames.gap(1) is None
    assert frames.hunting


def test_a_hunt_finds_the_next_read_that_is_frames_or_a_place_within():
    for data in (b"".join(DATA_OF), b"some old tail " + b"".join(DATA_OF)):
        frames = Frames(100, joined=True)
        assert list(frames.feed(b"in the middle of \x00\x00\x00 something")) == []
        assert read(frames, data) == [
            (DATA, 0, 1, b"one", False),
            (DATA, 9, 3, b"two", False),
            (DATA, 1, 1, b"", False),
        ]

    frames = Frames(100, joined=True)
    list(frames.feed(b"\0" * 100_000))
    assert frames.buffered <= 32 << 10


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (DATA_OF[0], True),
        (frame(8, 0, 0, b"\0\0\1\0"), True),
        (DATA_OF[0] + DATA_OF[1][:12], True),
        (DATA_OF[0][:-1], False),
        (DATA_OF[0] + b"junk", False),
        (b"", False),
        (b"\0" * 9, False),
        (b"\0" * 90, False),
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}\n', False),
    ],
)
def test_what_frames_look_like(data, expected):
    assert begins(data) is expected


def test_a_place_is_found_only_where_frames_follow_each_other():
    assert find(b"xx" + DATA_OF[0] + DATA_OF[1]) == 2
    assert find(b"xx" + DATA_OF[0]) == 2
    assert find(b"xx" + DATA_OF[0] + b"not a frame at all") == -1
    assert find(b"\0" * 1000) == -1


def test_the_fragment_of_a_block():
    assert fragment(Frame(HEADERS, 0x28, 1, b"\x02" + b"\0\0\0\0\x10" + b"block" + b"\0\0")) == b"block"
    assert fragment(Frame(5, 8, 1, b"\x01\0\0\0\x02block\0")) == b"block"
    assert fragment(Frame(CONTINUATION, 8, 1, b"block")) == b"block"
    assert fragment(Frame(HEADERS, 8, 1, b"")) == b""
    assert fragment(Frame(HEADERS, 8, 1, b"\xffshort")) == b""


@given(
    st.lists(st.binary(max_size=30) | st.sampled_from(DATA_OF), max_size=8), st.integers(1, 9), st.booleans()
)
def test_any_bytes_in_any_pieces(parts, step, joined):
    data, frames = b"".join(parts), Frames(20, joined=joined)
    try:
        cut = read(frames, data, step)
    except WireError:
        cut = None
    assert frames.buffered <= 30 or frames.hunting
    if joined:
        return
    try:
        whole = read(Frames(20), data)
    except WireError:
        whole = None
    assert whole == cut
