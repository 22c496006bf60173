import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import (
    Asked,
    Ended,
    Exchange,
    Frame,
    Headers,
    Heard,
    Request,
    Response,
    Said,
    Skipped,
)
from hexr_autoinst.model.facts import Address, Conn, Key
from hexr_autoinst.model.plain import heard_of, plain

KEY = Key(7, 70)
REQUEST = Request(1, "POST", "https", "h", 0, "/p", "q=1", headers=Headers((("A", "b"), ("A", "c"))), body=b"\xff", size=9, ended=2, seal=b"s")  # fmt: skip
WHOLE = Exchange("id", "ebpf", KEY, Conn(KEY, 1 << 63, 3), 2, "client", REQUEST, Response(3, 200, ended=4, streamed=True),
                 Address("::1", 5), Address("h", 443), ("truncated:request",), 12)  # fmt: skip
HEARD = [
    Asked(1, Exchange("id", "proxy", None, "c", 0, "unknown", REQUEST)),
    Said(2, "id", Frame(2, "sse", "", "data")),
    Ended(3, WHOLE),
    Skipped(4, "not_http", 5),
]


@pytest.mark.parametrize("heard", HEARD, ids=lambda h: type(h).__name__)
def test_what_was_heard_survives_the_file(heard):
    assert heard == heard_of(msgpack.unpackb(msgpack.packb(plain(heard), use_bin_type=True), raw=False))


def test_every_kind_has_a_case():
    assert set(Heard.__args__) == {type(h) for h in HEARD}


def written():
    return plain(HEARD[2])


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[1:],
        lambda x: ["Other", *x[1:]],
        lambda x: x[:-1],
        lambda x: [x[0], "1", *x[2:]],
        lambda x: [*x[:2], x[2][:-1]],
        lambda x: [*x[:2], [*x[2][:1], "elsewhere", *x[2][2:]]],
        lambda x: [*x[:2], [*x[2][:2], [1], *x[2][3:]]],
        lambda x: [*x[:2], [*x[2][:-1], True]],
    ],
    ids=[
        "no name",
        "strange name",
        "too short",
        "no time",
        "no facts",
        "no plane",
        "half a key",
        "a truth for a count",
    ],
)
def test_what_was_never_heard_is_a_value_error(change):
    with pytest.raises(ValueError):
        heard_of(change(written()))


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda x: st.lists(x, max_size=14),
    max_leaves=30,
)


@given(st.sampled_from(["Asked", "Said", "Ended", "Skipped", "x"]), JSONISH)
def test_any_list_was_heard_or_is_a_value_error(name, rest):
    try:
        heard = heard_of([name, *rest] if isinstance(rest, list) else rest)
    except ValueError:
        return
    assert isinstance(heard, Heard)
