import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire.jsonarray import JsonArray


def play(data, step=0, limit=1000):
    array = JsonArray(limit)
    step = step or max(1, len(data))
    frames = [f for i in range(0, len(data), step) for f in array.feed(data[i : i + step], i)]
    return [f.data for f in [*frames, *array.end(9)]], array


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'[{"a": 1}\n,\r\n{"b": {"c": [2]}}\n]', ['{"a": 1}', '{"b": {"c": [2]}}']),
        (b'[{"a": "}]\\"{"}, {"b": "\\\\"}]', ['{"a": "}]\\"{"}', '{"b": "\\\\"}']),
        (b'[{"a": 1}, 5, "x{", [{"in": 1}], null, {"b": 2}]', ['{"a": 1}', '{"b": 2}']),
        (b'[{"a": 1}, {"half": ', ['{"a": 1}']),
        (b'[{"a": 1}] [{"b": 2}]', ['{"a": 1}']),
        (b"[]", []),
        (b"[1, 2]", []),
        (b"\xef\xbb\xbf [{}]", ["{}"]),
        (b'[{"a":' + b"[" * 20 + b"]" * 20 + b"}]", ['{"a":' + "[" * 20 + "]" * 20 + "}"]),
    ],
)
def test_objects_are_told_as_they_end(data, expected):
    for step in (0, 1, 2, 3, 7):
        assert play(data, step)[0] == expected


def test_a_frame_has_the_time_of_its_last_byte():
    array = JsonArray(1000)

    assert array.feed(b'[{"a":', 1) == []
    assert [f.at for f in array.feed(b'1}, {"b"', 2)] == [2]
    assert [f.at for f in array.feed(b":2}", 3)] == [3]


def test_a_long_element_is_shortened_and_a_secret_goes():
    said, array = play(b'[{"text": "' + b"word " * 1000 + b'", "n": 1}, {"api_key": "hunter2"}]', 100)

    assert said == ['{"text":"' + "word " * 204 + '","n":1}', '{"api_key": "[redacted]"}']
    assert array.cut


def test_what_is_held_is_given_back():
    array = JsonArray(1000)
    array.feed(b'[{"text": "half', 1)
    array.drop()
    array.drop()
    assert (array.buffered, array.cut) == (0, True)
    assert [f.data for f in array.feed(b'"}, {"b": 1}]', 2)] == ['{"b": 1}']


ELEMENTS = st.recursive(
    st.integers() | st.text(alphabet='a"\\{}[] é', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@settings(deadline=None)
@given(st.lists(ELEMENTS, max_size=6), st.integers(1, 9))
def test_the_objects_of_any_array_in_any_pieces(elements, step):
    said, _ = play(json.dumps(elements).encode(), step, 1 << 20)

    assert [json.loads(s) for s in said] == [e for e in elements if isinstance(e, dict)]


@given(
    st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"x"]), max_size=40),
    st.integers(1, 5),
)
def test_any_bytes_mean_the_same_in_any_pieces(parts, step):
    assert play(b"".join(parts))[0] == play(b"".join(parts), step)[0]
