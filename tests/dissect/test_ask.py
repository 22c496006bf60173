import pytest

from hexr_autoinst.dissect.ask import client_hint, last, resend_count
from hexr_autoinst.model.exchange import Headers


@pytest.mark.parametrize(
    ("said", "expected"),
    [("0", None), ("1", 1), ("12", 12), ("", None), ("x", None), ("-1", None), ("²", None), ("9" * 99, None)],
)
def test_only_a_resend_has_a_count(said, expected):
    assert expected == resend_count(Headers((("X-Stainless-Retry-Count", said),)))


def test_the_client_says_what_it_is_on_one_bounded_line():
    headers = Headers(
        (
            ("User-Agent", "OpenAI/Python 2"),
            ("x-stainless-lang", "python"),
            ("x-stainless-runtime", "CPython"),
        )
    )

    assert client_hint(headers) == "OpenAI/Python 2 python CPython"
    assert client_hint(Headers()) == ""
    assert len(client_hint(Headers((("user-agent", "x" * 9999),)))) == 256


def test_the_newest_are_kept():
    assert last(["a", "b", "c"], 2) == ("b", "c")
