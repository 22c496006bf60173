"""What a command line shares with the tool call that it carries out: its arguments, and what is quoted within one, as digests."""

import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from hexr_autoinst.model.sample import of_words

_ARGUMENTS: Final = 16
_LONGEST: Final = 8192  # characters of one in which quotes are looked for
_MOST: Final = 32


def words(args: tuple[str, ...]) -> tuple[bytes, ...]:
    """Of a process's arguments, those that are long enough to be nobody else's."""
    return of_words((text for arg in args[1 : 1 + _ARGUMENTS] for text in texts(arg)), _MOST)


def texts(arg: str) -> Iterator[str]:
    """An argument, and the words in it: agents quote a command within their own, `eval 'make test' && pwd`."""
    yield arg
    if len(arg) <= _LONGEST and ("'" in arg or '"' in arg):
        yield from _split(arg)


def _split(arg: str) -> Iterable[str]:
    try:
        return shlex.split(arg)
    except ValueError:  # no shell would take it
        return ()
