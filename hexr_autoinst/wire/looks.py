"""Which of many patterns a text is worth: one pass over it, whatever their number.

A pattern has a look, in RE2's words (https://github.com/google/re2/wiki/Syntax): what stands in every text that it matches. All looks
together are one automaton, and most texts hold nothing of it. A look may find too much, never too little: it costs a search, a miss a secret.
Nothing in it is counted (`{12}`): each count multiplies the automaton's states, and there are texts that visit them all.
"""

import re
from collections.abc import Iterable

import re2

Look = tuple[bytes, re.Pattern[bytes]]


class Looks:
    """The looks of these patterns."""

    def __init__(self, looks: Iterable[Look]) -> None:
        """ValueError: a look that is none."""
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1  # a byte is a character: bodies need be no UTF-8
        found = tuple(looks)
        self._set = re2.Set.SearchSet(options)
        self._patterns = tuple([pattern for _, pattern in found])
        for look, _ in found:
            try:
                self._set.Add(look)
            except re2.error as error:
                raise ValueError(f"no look: {look!r}") from error
        self._set.Compile()

    def worth(self, text: bytes) -> list[re.Pattern[bytes]]:
        """The patterns that may match in this text, in their order."""
        found = self._set.Match(text)
        return [self._patterns[n] for n in sorted(found)] if found else []
