import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.protocols.proto_json import (
    COUNT,
    FLAG,
    FLOAT,
    SAID,
    STRUCT,
    TEXT,
    Field,
    many,
    message,
    places,
)
from tests.dissect.protocols.test_protobuf import field, varint

TABLE = {
    1: Field("id", TEXT),
    2: Field("usage.tokens", COUNT),
    3: Field("done", FLAG),
    4: Field("share", FLOAT),
    5: Field("why", ("", "STOP", "LENGTH")),
    6: Field("args", STRUCT),
    7: many("parts", {1: Field("text", SAID), 2: many("words", TEXT)}),
    8: many("kinds", ("", "A", "B")),
}


def fixed(number, value, size):
    kind, form = {4: (5, "<f"), 8: (1, "<d")}[size]
    return varint(number << 3 | kind) + struct.pack(form, value)


def entry(key, value):
    return field(1, field(1, key) + field(2, value))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (field(1, "a") + field(1, "b"), {"id": "b"}),  # the last one counts
        (field(2, 7) + field(3, 1) + field(9, "unknown"), {"usage": {"tokens": 7}, "done": True}),
        (field(2, (1 << 64) - 5), {"usage": {"tokens": -5}}),
        (fixed(4, 0.5, 4), {"share": 0.5}),
        (fixed(4, 0.1, 8), {"share": 0.1}),
        (field(5, 1), {"why": "STOP"}),
        (field(5, 0), {}),  # what says nothing
        (field(5, 9), {"why": "9"}),  # a word of a newer version
        (field(7, field(1, "x") + field(2, "y") + field(2, "z")) + field(7, b""), {"parts": [{"text": "x", "words": ["y", "z"]}, {}]}),
        (field(8, varint(1) + varint(2)) + field(8, 1), {"kinds": ["A", "B", "A"]}),  # packed, and not
        (field(1, 5) + field(2, "text") + field(4, 3) + field(7, 1), {}),  # written as something else
        (field(6, entry("n", fixed(2, 3.0, 8)) + entry("t", field(3, "x")) + entry("b", field(4, 1)) + entry("z", field(1, 0))
               + entry("o", field(5, entry("l", field(6, field(1, field(3, "i")) + field(1, fixed(2, 0.5, 8))))))),
         {"args": {"n": 3, "t": "x", "b": True, "z": None, "o": {"l": ["i", 0.5]}}}),
    ],
)  # fmt: skip
def test_a_message_is_the_object_that_its_table_says(data, said):
    assert said == message(data, TABLE)


@given(st.binary(max_size=200))
def test_any_bytes_are_some_object(data):
    assert isinstance(message(data, TABLE), dict)


def test_depth_is_bounded():
    deep = {1: Field("in", {})}
    deep[1] = Field("in", deep)
    data = b""
    for _ in range(100):
        data = field(1, data)
    found, levels = message(data, deep), 0
    while found:
        found, levels = found["in"], levels + 1

    assert levels == 16


def test_all_but_what_was_said_may_be_kept():
    assert places(TABLE, ">") == (">1", ">2", ">3", ">4", ">5", ">7.1#", ">7.2", ">8")
