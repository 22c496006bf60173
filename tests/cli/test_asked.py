import argparse

import pytest

from hexr_autoinst.cli import asked
from hexr_autoinst.errors import UsageError


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("10m", 600), ("2h", 7_200), ("1.5d", 129_600)])
def test_ages(text, seconds):
    assert asked.age(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "10 minutes", "1e9s", "٣m x"])
def test_what_is_no_age(text):
    with pytest.raises(UsageError, match="10m"):
        asked.age(text)


@pytest.mark.parametrize("text", ["0", "-1", "100001"])
def test_counts_are_bounded(text):
    with pytest.raises(argparse.ArgumentTypeError):
        asked.count_argument(text)


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, "-"), (0.25, "0.2 ms"), (250.4, "250 ms"), (1_500, "1.50 s"), (150_000, "2.5 m")]
)
def test_durations(ms, shown):
    assert asked.took(ms) == shown


def test_tokens_that_were_not_said_are_not_zero():
    assert [asked.tokens(None, None), asked.tokens(1_200, None), asked.tokens(0, 5)] == [
        "-",
        "1,200 → -",
        "0 → 5",
    ]


def test_text_fits_exactly():
    assert [asked.fit("abc", 5), asked.fit("abcdef", 4), asked.fit("abcdef", 6)] == [
        "abc  ",
        "abc…",
        "abcdef",
    ]
