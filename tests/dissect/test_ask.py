import pytest

from hexr_autoinst.dissect.ask import client_hint, last, limits_left, resend_count
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


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), ()),
        (
            (("x-ratelimit-remaining-requests", "99"), ("X-RateLimit-Remaining-Tokens", "0")),
            (("ratelimit.requests", 99), ("ratelimit.tokens", 0)),
        ),
        ((("anthropic-ratelimit-tokens-remaining", "7000"),), (("ratelimit.tokens", 7000),)),
        ((("x-ratelimit-remaining-tokens", "1e3"), ("x-ratelimit-remaining-requests", "-1")), ()),
    ],
)
def test_what_is_left_of_the_rate_limits_is_told_where_it_is_said(fields, expected):
    assert expected == limits_left(Headers(fields))
