import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.operation import Content, Failure
from hexr_autoinst.semconv.content import attributes, bounded, description


def test_content_that_is_off_leaves_nothing():
    assert list(attributes(None)) == []
    assert list(attributes(Content())) == []


def test_what_is_there_leaves_under_its_key():
    assert dict(attributes(Content(output_messages="[1]"))) == {"gen_ai.output.messages": "[1]"}


def test_long_texts_are_shortened_before_messages_go():
    text = json.dumps([{"role": "user", "content": "x" * 5000}, {"role": "assistant", "content": "short"}])
    found = json.loads(bounded(text, 1000))

    assert [m["role"] for m in found] == ["user", "assistant"]
    assert found[0]["content"].endswith("…")


def test_the_oldest_go_first():
    found = json.loads(bounded(json.dumps([{"n": n} for n in range(1000)]), 200))

    assert found[-1] == {"n": 999}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=300), max_size=5), max_size=30),
    st.integers(64, 2000),
)
def test_whatever_is_told_is_json_within_the_limit(values, limit):
    found = bounded(json.dumps(values), limit)

    assert found is None or (len(found) <= limit and isinstance(json.loads(found), list))


def test_what_is_no_json_and_too_long_is_left_out():
    assert bounded("x" * 100, 10) is None
    assert dict(attributes(Content(input_messages="x" * 100), 10)) == {}


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Failure("invalid_api_key"), "invalid_api_key"),
        (Failure("bad", "two\nlines\tand more"), "bad: two lines and more"),
        (Failure("bad", "x" * 999), "bad: " + "x" * 251),
    ],
    ids=["code", "lines", "long"],
)
def test_a_description_is_one_bounded_line(failure, expected):
    assert expected == description(failure)
