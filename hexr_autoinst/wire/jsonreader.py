"""Reading JSON in pieces: each reader is a coroutine that yields when it needs more bytes. Nothing is held but the token at hand.

Lenient: commas are spaces, and what cannot be a text or a number is nothing. After a syntax error nothing follows.
"""

import re
from collections.abc import Generator
from typing import Final

from hexr_autoinst.wire.jsontext import INSIDE, SPACE, WHOLE, is_string, snip_string

END: Final = -1
QUOTE, COMMA, COLON, OBJECT, ARRAY = b'",:{['
CLOSER: Final = {OBJECT: b"}"[0], ARRAY: b"]"[0]}
SIGNS: Final = b"-0123456789"
# Yields when it needs more bytes; the value left of what was read, None for nothing.
Reading = Generator[None, None, bytes | None]

_WINDOW: Final = 4096  # bytes in which a whole container is looked for
_LONGEST: Final = 1024  # bytes of a number
_NO_TEXT: Final = b"\n"
_RUN: Final = re.compile(rb"[-+0-9.eE, \t\r\n]*+")
_BETWEEN: Final = re.compile(rb"[\x00-!#-Z\\^-z|~-\xff]*+")
_WORD: Final = re.compile(rb"[-+.0-9A-Za-z]*+")
_SCALAR: Final = re.compile(
    rb"-?(?:0|[1-9][0-9]{0,255}+)(?:\.[0-9]{1,256}+)?(?:[eE][-+]?[0-9]{1,9}+)?|true|false|null"
)
_LENIENT: Final = (b"NaN", b"Infinity", b"-Infinity")  # what Python's json writes and no standard knows


class Reader:
    """Bytes of a JSON text and a place in them."""

    __slots__ = ("at", "data", "over")

    def __init__(self, data: bytes = b"", *, over: bool = False) -> None:
        """`over`: no more will come."""
        self.data = data
        self.at = 0
        self.over = over

    def stop(self) -> None:
        """A syntax error: as if nothing followed."""
        self.over, self.data, self.at = True, b"", 0

    def next(self) -> Generator[None, None, int]:
        """The next byte that is no space; END where there is none."""
        while True:
            if found := SPACE.match(self.data, self.at):
                self.at = found.end()
            if self.at < len(self.data):
                return self.data[self.at]
            if self.over:
                return END
            yield

    def scalar(self, room: int) -> Reading:
        while True:
            found = _WORD.match(self.data, self.at)
            end = found.end() if found else self.at
            if end < len(self.data) or self.over or end - self.at > _LONGEST:
                break
            yield
        word = self.data[self.at : end]
        whole = end < len(self.data)  # one whose end was not seen may be another
        if not whole or not (_SCALAR.fullmatch(word) or word in _LENIENT):
            self.stop()
            return None
        self.at = end
        return word if len(word) <= room and word not in _LENIENT else None

    def string(self, most: int, *, cut: bool) -> Reading:
        """The inside of a string, at most `most` bytes of it; None where that is no text, or (not `cut`) too long."""
        self.at += 1
        kept = b""
        while True:
            end = self._string_end()
            if len(kept) <= most:
                kept += self.data[self.at : min(end, self.at + most + 1 - len(kept))]
            self.at = end
            if self.data[end : end + 1] == b'"':
                self.at += 1
                break
            if self.over:
                return None
            yield
        if len(kept) <= most:
            return kept if is_string(kept) else None
        kept = snip_string(kept[:most]) if cut and most >= 0 else _NO_TEXT
        return kept if is_string(kept) else None

    def _string_end(self) -> int:
        """Where the quote is, or as far as the bytes go: the quick way if there is no escape."""
        quote = self.data.find(b'"', self.at)
        stop = quote if quote >= 0 else len(self.data)
        if self.data.find(b"\\", self.at, stop) < 0:
            return stop
        found = INSIDE.match(self.data, self.at)
        return found.end() if found else self.at

    def pass_numbers(self) -> Generator[None, None, None]:
        while True:
            if found := _RUN.match(self.data, self.at):
                self.at = found.end()
            if self.at < len(self.data) or self.over:
                return
            yield

    def pass_container(self) -> Generator[None, None, None]:
        level = 0
        while True:
            if found := _BETWEEN.match(self.data, self.at):
                self.at = found.end()
            if self.at == len(self.data):
                if self.over:
                    return
                yield
                continue
            begin = self.data[self.at]
            if begin == QUOTE:
                yield from self.string(-1, cut=False)
                continue
            whole = WHOLE.match(self.data, self.at, self.at + _WINDOW) if begin in CLOSER else None
            self.at = whole.end() if whole else self.at + 1
            level += 0 if whole else 1 if begin in CLOSER else -1
            if level <= 0:
                return
