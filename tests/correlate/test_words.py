"""What a command line shares with the call of a tool."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.correlate.words import texts, words
from hexr_autoinst.model.sample import of_text

COMMAND = "make test && git push"


@pytest.mark.parametrize(
    "args",
    [
        ("bash", "-lc", COMMAND),
        ("bash", "-c", f"eval '{COMMAND}' < /dev/null && pwd -P >| /tmp/x"),
        ("python3", "-c", f' "{COMMAND}"'),
    ],
)
def test_an_argument_and_what_is_quoted_in_one_are_known(args):
    assert of_text(COMMAND) in words(args)


def test_short_words_and_the_program_itself_are_nobodys():
    assert words(("/usr/local/bin/interpreter", "-c", "ls 'a b'")) == ()


def test_quotes_that_no_shell_takes_leave_the_argument():
    assert list(texts("it's twelve o'clock'")) == ["it's twelve o'clock'"]


@given(st.lists(st.text()))
def test_any_arguments_have_words(args):
    assert len(words(tuple(args))) <= 32
