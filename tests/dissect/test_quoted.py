"""Ids of calls within texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect import quoted

TOLD = "Calling tools:\n[{'id': 'call_1b9fe0d21f61', 'type': 'function', 'function': {'name': 'f', 'arguments': {}}}]"


def test_ids_are_found_as_python_and_as_json_write_them():
    assert quoted.ids(TOLD) == ["call_1b9fe0d21f61"]
    assert quoted.ids('[{"id": "toolu_01A09q90qw90", "n": 1}, {"id":"call_aaaaaaaa2"}]') == [
        "toolu_01A09q90qw90",
        "call_aaaaaaaa2",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "id", "'id': 'password1234'", "call_1b9fe0d21f61", "'id': 'call_me'", "'uid': 'call me maybe'"],
)
def test_what_is_no_id_of_a_vendors_form_is_passed_over(text):
    assert quoted.ids(text) == []


@given(st.text())
def test_any_text_is_looked_at(text):
    assert quoted.ids(text) == []


def test_of_a_long_text_only_the_beginning_is_looked_at():
    assert quoted.ids("x" * 20_000 + TOLD) == []
    assert len(quoted.ids(TOLD * 100)) == 32
