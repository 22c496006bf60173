import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.model import facts as f
from hexr_autoinst.model.codec import decode, encode
from hexr_autoinst.model.exchange import Skipped

KEY = f.Key(42, 1234)
CONN = f.Conn(KEY, 0xDEADBEEF, 3)
HERE, THERE = f.Address("127.0.0.1", 5000), f.Address("::1", 443)

FACTS = [
    f.Process(
        1,
        "ebpf",
        KEY,
        f.Key(1, 2),
        "/usr/bin/python3",
        ("python3", "a.py"),
        {"HEXR_TENANT": "t"},
        "/x",
        "me",
        ("openai",),
        7,
    ),
    f.Process(1, "ebpf", KEY, None, "/x"),
    f.Exited(2, "ebpf", KEY, None, 9, 12),
    f.Opened(3, "ebpf", CONN, KEY, HERE, THERE, "client", 150, False),
    f.Closed(4, "ebpf", CONN, KEY),
    f.Handshake(5, "ebpf", CONN, 77, "client", "ok", "libssl", "h2", "api.example", "TLSv1.3", None),
    f.Health(6, "ebpf", CONN, 30, 1, 2, 0, None),
    f.Chunk(7, "ebpf", CONN, "out", 0, b"\x00\xff", -1, True, "pipe", "e7"),
    f.Head(
        8,
        "proxy",
        "flow",
        "request",
        KEY,
        "c1",
        2,
        HERE,
        THERE,
        "POST",
        "https",
        "h:1",
        "/p?q",
        0,
        "HTTP/1.1",
        (("A", "b"), ("A", "c")),
    ),
    f.Data(9, "proxy", "flow", "response", b"x", 0, "text", True),
    f.End(10, "proxy", "flow", "response", "truncated", (("t", "v"),)),
    f.Lost(11, "ebpf", "ring", 5),
    f.Tick(12),
    f.Exchanged(13, "proxy", Skipped(13, "not_http", 4)),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda x: type(x).__name__)
def test_a_fact_survives_the_wire(fact):
    sent = msgpack.unpackb(msgpack.packb(encode(fact), use_bin_type=True), raw=False)

    assert fact == decode(sent)


def test_every_kind_of_fact_has_a_case():
    kinds = {type(x) for x in FACTS}

    assert set(f.Fact.__args__) == kinds


def test_what_was_not_heard_has_no_wire_form():
    with pytest.raises(ValueError, match="object was not heard"):
        encode(f.Exchanged(1, "har", object()))


@pytest.mark.parametrize(
    "plain", [[], [99], [0], [6, 1], "x", None, [6, 1, "ebpf", [None, 1, 2], "out", 0, b"", 0, False]]
)
def test_what_is_no_fact_is_a_value_error(plain):
    with pytest.raises(ValueError):
        decode(plain)


JSONISH = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda x: st.lists(x, max_size=14),
    max_leaves=30,
)


@given(JSONISH)
def test_any_list_is_a_fact_or_a_value_error(plain):
    try:
        fact = decode(plain)
    except ValueError:
        return
    assert isinstance(fact, f.Fact)


def test_a_recording_of_an_older_release_knows_fewer_fields():
    chunk = f.Chunk(7, "ebpf", CONN, "out", 0, b"x", -1, True)
    data = f.Data(9, "proxy", "flow", "response", b"x", 3)

    assert decode(encode(chunk)[:-2]) == chunk
    assert decode(encode(data)[:-2]) == data
    with pytest.raises(ValueError, match="Chunk has 10 fields, not 5"):
        decode(encode(chunk)[:6])
    with pytest.raises(ValueError, match="Data has 8 fields, not 9"):
        decode([*encode(data), 1])
