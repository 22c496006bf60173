"""The entries of a HAR, one at a time: memory holds the largest entry, not the file. Knows JSON's frame and nothing of HTTP."""

import json
from collections.abc import Iterator
from typing import IO, Any, Final

_PIECE: Final = 1 << 18
_SLACK: Final = 16  # an error so near the buffer's end may only mean that more must be read

_EXPONENT: Final = 3  # ".", "e" or "e+" is no number without what follows


class _Text:
    """JSON text, read as it is needed."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._buffer = ""
        self._at = 0
        self._passed = 0
        self._decoder = json.JSONDecoder()

    @property
    def position(self) -> int:
        """Characters read so far."""
        return self._passed + self._at

    def _more(self) -> bool:
        """Read on; twice as much as is waiting, so that a large value is not tried again and again."""
        waiting = self._buffer[self._at :]
        self._passed += self._at
        piece = self._file.read(max(_PIECE, len(waiting)))
        self._buffer, self._at = waiting + piece, 0
        return bool(piece)

    def peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in " \t\r\n\ufeff":
                    return self._buffer[self._at]
                self._at += 1
            if not self._more():
                return ""

    def took(self, character: str) -> bool:
        """Whether the next character is this one; then it is passed."""
        if self.peek() != character:
            return False
        self._at += 1
        return True

    def expect(self, character: str) -> None:
        """Pass this character; ValueError if it is another."""
        if not self.took(character):
            raise ValueError(f"`{character}` expected at character {self.position:,}")

    def value(self) -> Any:
        """The next value; ValueError says where it breaks."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                where = self._passed + error.pos
                near = error.pos >= len(self._buffer) - _SLACK or error.msg.startswith("Unterminated")
                if near and self._more():
                    continue
                raise ValueError(f"{error.msg} at character {where:,}") from None
            except RecursionError:
                raise ValueError(f"nested too deep at character {self.position:,}") from None
            # A number may go on beyond the buffer ("1" of "1.5", of "1e+5"); every other value has said its end.
            ended = self._buffer[end - 1] in '}]"' or len(self._buffer) - end >= _EXPONENT
            if not ended and self._more():
                continue
            self._at = end
            return value

    def enter(self, name: str) -> None:
        """Stand before the value of this member of the object that begins here; others are passed over."""
        self.expect("{")
        while not self.took("}"):
            key = self.value()
            self.expect(":")
            if key == name:
                return
            self.value()
            if not self.took(","):
                self.expect("}")
                break
        raise ValueError(f"there is no `{name}`")


def entries(file: IO[str]) -> Iterator[Any]:
    """Every element of `log.entries`. ValueError says what is wrong and where."""
    text = _Text(file)
    text.enter("log")
    text.enter("entries")
    text.expect("[")
    if text.took("]"):
        return
    while True:
        yield text.value()
        if not text.took(","):
            text.expect("]")
            return
