import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.dissect import lenient


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'{"a": 1, "b": [1, 2', {"a": 1, "b": [1]}),
        (b'{"a": "x", "b": "cut', {"a": "x"}),
        (b'{"a": {"b": "x\\"y", "c": tr', {"a": {"b": 'x"y'}}),
        (b'{"a": 12', {}),
        (b'{"a": [{"b": null}, {', {"a": [{"b": None}, {}]}),
        (b'{"a": "}]", "b"', {"a": "}]"}),
        (b'{"a": 1, "b{', {"a": 1}),
        (b'{"a": 1, "b": "x\\"', {"a": 1}),
        (b'{"a": "x\\\\", "b', {"a": "x\\"}),
        (b"  \n [1, 2, ", [1, 2]),
        (b'{"a": 1}}}', {"a": 1}),
        (b"<html>", None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
    ],
)
def test_a_cut_text_gives_what_is_whole_in_it(text, expected):
    assert expected == lenient.parse_cut(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.text(),
    lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(), VALUES, min_size=1), st.integers(1, 400))
def test_a_text_cut_anywhere_is_an_object_and_its_whole_members_are_right(value, length):
    text = json.dumps(value, ensure_ascii=False).encode()[:length]
    found = lenient.parse_cut(text)

    assert isinstance(found, dict)
    *whole, _ = found or [None]
    assert {k: found[k] for k in whole} == {k: value[k] for k in whole}


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lenient.integer, 7, 7), (lenient.integer, 7.0, 7), (lenient.integer, -1, None), (lenient.integer, 7.5, None),
        (lenient.integer, True, None), (lenient.integer, "7", None), (lenient.integer, 1 << 63, None),
        (lenient.integer, float("inf"), None), (lenient.integer, float("nan"), None), (lenient.signed, -7, -7),
        (lenient.number, 1, 1.0), (lenient.number, 10**400, None), (lenient.number, float("nan"), None), (lenient.number, False, None),
        (lenient.text, "", None), (lenient.text, 1, None), (lenient.text, "a\ud800", "a?"), (lenient.text, "x" * 999, "x" * 256),
        (lenient.word, 429, "429"), (lenient.word, "stop", "stop"), (lenient.word, True, None), (lenient.word, 1 << 80, None),
    ],
)  # fmt: skip
def test_each_reader_answers_a_plain_value_or_nothing(read, value, expected):
    assert expected == read(value)


def test_members_of_what_is_no_object_are_nothing():
    assert lenient.mapping({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert lenient.mapping([1], "a") == {}
    assert lenient.mapping({"a": 1}, "a", "b") == {}
    assert list(lenient.objects([1, {"a": 1}, None])) == [{"a": 1}]
    assert lenient.elements("abc") == []
    assert lenient.words("one", 4) == ("one",)
    assert lenient.words(["a", 1, "b", "c"], 3) == ("a", "b")
