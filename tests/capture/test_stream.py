import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.capture.stream import MAX_FRAME, Reader, frame, header
from hexr_autoinst.errors import WireError
from hexr_autoinst.model.facts import Data, Lost, Tick

FACTS = [Lost(1, "proxy", "tap_queue", 3), Data(2, "proxy", "f", "request", b"\x00" * 300), Tick(3)]
STREAM = header("tap", ring=False) + b"".join(frame(f) for f in FACTS)


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_cut_gives_the_same_facts(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    reader, got = Reader(), []
    for a, b in zip(edges, edges[1:], strict=False):
        got += reader.feed(STREAM[a:b])

    assert got == FACTS
    assert reader.header["role"] == "tap"


@pytest.mark.parametrize(
    "stream",
    [
        b"x" * 70_000,
        b"not json\n",
        b'{"version": 99}\n',
        b"[]\n",
        header("tap") + (MAX_FRAME + 1).to_bytes(4, "big"),
        header("tap") + b"\0\0\0\x01\xc1",
    ],
    ids=["endless", "not json", "version", "list", "too long", "not msgpack"],
)
def test_what_is_no_stream_of_facts_is_a_wire_error(stream):
    with pytest.raises(WireError):
        list(Reader().feed(stream))


@given(st.binary(max_size=200))
def test_any_bytes_are_facts_or_a_wire_error(data):
    reader = Reader()
    try:
        list(reader.feed(header("tap") + data))
    except WireError:
        return
    assert len(reader._buffer) <= MAX_FRAME
