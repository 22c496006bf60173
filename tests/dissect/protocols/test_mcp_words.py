import pytest

from hexr_autoinst.dissect.protocols.mcp_words import BACKWARDS, CLIENTS, METHODS, operation


@pytest.mark.parametrize(
    ("method", "word"),
    [
        ("tools/call", "call"),
        ("tools/list", "tools/list"),
        ("x-acme/rebuild", "x-acme/rebuild"),
        ("has space", "_other"),
        ("a" * 60, "_other"),
        ("../../etc", "_other"),
    ],
)
def test_a_span_is_named_by_a_method_that_has_a_methods_form(method, word):
    assert operation(method) == word


def test_who_says_what_is_known_of_no_method_twice():
    assert CLIENTS.isdisjoint(BACKWARDS)
    assert CLIENTS | BACKWARDS < METHODS
    assert all(operation(m) in (m, "call") for m in METHODS)
