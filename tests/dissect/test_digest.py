import json

from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect import digest
from hexr_autoinst.model.sample import SIZE, of_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_value_has_a_digest_whatever_the_order_of_its_members(value):
    assert len(digest.of_value(value)) == SIZE
    if isinstance(value, dict):
        assert digest.of_value(dict(reversed(value.items()))) == digest.of_value(value)


def test_arguments_are_equal_however_their_json_is_written():
    one, words = digest.of_arguments('{"path": "/srv/report of today", "n": 1}')
    other, _ = digest.of_arguments(json.dumps({"n": 1, "path": "/srv/report of today"}, indent=2))

    assert one == other == digest.of_value({"path": "/srv/report of today", "n": 1})
    assert words == (of_text("/srv/report of today"),)
    assert digest.of_arguments("") == digest.of_arguments("{}")


@given(st.text())
def test_arguments_that_are_no_json_have_a_digest_and_no_words(text):
    found, _ = digest.of_arguments(text)

    assert len(found) == SIZE


def test_short_texts_are_nobodys_and_of_many_a_few_are_kept():
    assert digest.of_words(iter(["Oslo", "yes", "a task of some length"])) == (
        of_text("a task of some length"),
    )
    assert len(digest.of_words(f"text number {n} of many" for n in range(100))) == digest.WORDS


def test_texts_are_taken_in_order_and_what_is_aside_is_not():
    value = {"role": "user", "content": [{"type": "text", "text": "a"}, {"n": 1, "ok": True}], "x": None}

    assert list(digest.texts(value, frozenset({"type"}))) == ["user", "a", "1"]


def test_a_value_deeper_or_wider_than_anyone_writes_ends():
    deep = value = []
    for _ in range(10_000):
        value.append([])
        value = value[0]

    assert list(digest.texts(deep)) == []
    assert len(list(digest.texts([str(n) for n in range(100_000)]))) < 5000
