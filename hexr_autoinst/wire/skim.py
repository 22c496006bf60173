"""A JSON text of any length, in pieces, to a short one that is still JSON: same structure, same order, less of it.

What is short and near the top stays, at the beginning and at the end alike: models, ids, counts, reasons. Long
strings are cut (at a word, so that no half of a secret is left), long arrays and objects keep their first and
last few, runs of numbers their first. Each container gives its parts a share of its room, by their place alone:
the result does not depend on how the bytes were cut. Nothing is made up: a value that does not fit is left out.
"""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.wire.jsonreader import CLOSER, COLON, COMMA, END, OBJECT, QUOTE, SIGNS, Reader, Reading
from hexr_autoinst.wire.jsontext import ELEMENT, ELEMENTS, MANY, MEMBER, MEMBERS, WHOLE, is_string

MOST: Final = 256 << 10  # bytes of the result
_STRING: Final = 1024
_KEY: Final = 256
_DEPTH: Final = 32
_NUMBERS: Final = 4  # of an array; an embedding has thousands
_FIRST: Final = 128  # members or elements at a container's beginning, while they fit in three quarters of it
_LAST: Final = 16  # at its end, with an equal share each of the last quarter
_RAW: Final = 4096  # a part that may be one of the last is looked at when the end is known, if so short
_MANY: Final = 64 << 10  # bytes in which many parts are looked for at once
_ROOM: Final = 32  # bytes without which a container is not begun


@dataclass(slots=True)
class _Box:
    """A container that is read: its first parts, its last, and how much room is left for the first."""

    opener: int
    depth: int
    left: int
    share: int
    first: list[bytes] = field(default_factory=list)
    many: bytes = b""  # parts before `last`, not looked at yet
    # (key, bytes not looked at yet, b"") or (key, b"", part)
    last: deque[tuple[bytes | None, bytes, bytes]] = field(default_factory=lambda: deque(maxlen=_LAST))
    late: bool = False
    numbers: int = 0
    patience: int = 0  # parts that are taken one by one before many are tried at once again

    def early(self) -> bool:
        """Whether the next part is one of the first; if once not, never again."""
        self.late = self.late or len(self.first) >= _FIRST or self.left < _ROOM
        return not self.late


class Skim:
    """Bytes of a JSON text in; `end` gives what is left of it. What follows a syntax error is not read."""

    def __init__(self, most: int = MOST) -> None:
        """`most`: bytes of the result."""
        self.fed = 0
        self._most = most
        self._reader = Reader()
        self._left: bytes | None = None
        self._done = False
        self._reading = self._value(0, most, most)
        self._go_on()

    @property
    def held(self) -> int:
        """Bytes held, at most."""
        return min(self.fed, self._most) + len(self._reader.data) - self._reader.at

    def feed(self, piece: bytes) -> None:
        """Take bytes."""
        self.fed += len(piece)
        if not self._done:
            self._reader.data = self._reader.data[self._reader.at :] + piece
            self._reader.at = 0
            self._go_on()

    def end(self) -> bytes:
        """The short text: empty when there was none."""
        self._reader.over = True
        if not self._done:
            self._go_on()
        return (self._left or b"").decode("utf-8", "replace").encode()

    def _go_on(self) -> None:
        try:
            next(self._reading)
        except StopIteration as stop:
            self._left, self._done, self._reader.data, self._reader.at = stop.value, True, b"", 0

    def _value(self, depth: int, room: int, share: int) -> Reading:
        """`room`: bytes that a scalar may take; `share`: that a container may."""
        begin = yield from self._reader.next()
        if begin == QUOTE:
            text = yield from self._reader.string(min(_STRING, room - 2), cut=True)
            return None if text is None else b'"' + text + b'"'
        if begin not in CLOSER:
            return (yield from self._reader.scalar(room))
        if depth < _DEPTH and share >= _ROOM:
            return (
                yield from self._container(_Box(begin, depth, share * 3 // 4 - 2, share // (4 * _LAST) - 1))
            )
        yield from self._reader.pass_container()
        return None

    def _container(self, box: _Box) -> Generator[None, None, bytes]:
        self._reader.at += 1
        while True:
            begin = yield from self._reader.next()
            if begin == COMMA:
                self._reader.at += 1
            elif begin == END:
                break
            elif begin == CLOSER[box.opener]:
                self._reader.at += 1
                break
            elif self._many(box):
                pass
            elif box.opener == OBJECT:
                if begin != QUOTE:
                    self._reader.stop()
                    break
                key = yield from self._key()
                yield from self._part(box, key)
            elif begin in SIGNS and box.numbers >= _NUMBERS:
                yield from self._reader.pass_numbers()
            else:
                box.numbers += begin in SIGNS
                yield from self._part(box, b"")
        return self._closed(box)

    def _key(self) -> Reading:
        """A name with its colon; None for one that is not kept."""
        name = yield from self._reader.string(_KEY, cut=False)
        if (yield from self._reader.next()) != COLON:
            self._reader.stop()
            return None
        self._reader.at += 1
        return None if name is None else b'"' + name + b'":'

    def _part(self, box: _Box, key: bytes | None) -> Generator[None, None, None]:
        if key is not None and box.early():
            room = box.left - len(key) - 1
            part = yield from self._value(box.depth + 1, room, room // 2)
            if part is not None:
                box.first.append(key + part)
                box.left -= len(key) + len(part) + 1
        elif whole := WHOLE.match(self._reader.data, self._reader.at, self._reader.at + _RAW):
            self._reader.at = whole.end()
            box.last.append((key, whole.group(), b""))
        else:
            room = box.share - len(key) if key is not None else 0
            part = yield from self._value(box.depth + 1, room, room)
            box.last.append((key, b"", part or b""))

    def _many(self, box: _Box) -> bool:
        """Put aside many parts at once. What they displace need not be looked at: they are more than the last few."""
        box.patience -= 1
        if not box.late or box.patience > 0:
            return False
        pattern = MEMBERS if box.opener == OBJECT else ELEMENTS
        many = pattern.match(self._reader.data, self._reader.at, self._reader.at + _MANY)
        if many is None:
            box.patience = MANY
            return False
        self._reader.at = many.end()
        box.last.clear()
        box.many = many.group()
        return True

    def _closed(self, box: _Box) -> bytes:
        parts = box.first
        if box.many and len(box.last) < _LAST:
            pattern = MEMBER if box.opener == OBJECT else ELEMENT
            pairs = [(_kept_key(key), raw, b"") for key, raw in pattern.findall(box.many)]
            box.last.extendleft(reversed(pairs[len(box.last) - _LAST :]))
        for key, raw, part in box.last:
            if key is None:
                continue
            found = self._again(raw, box.depth + 1, box.share - len(key)) if raw else part
            if found:
                parts.append(key + found)
        return bytes((box.opener,)) + b",".join(parts) + bytes((CLOSER[box.opener],))

    def _again(self, raw: bytes, depth: int, room: int) -> bytes | None:
        """What is left of a value that was put aside."""
        kept, self._reader = self._reader, Reader(raw + b" ", over=True)
        try:
            next(self._value(depth, room, room))
        except StopIteration as stop:
            found: bytes | None = stop.value
            return found
        finally:
            self._reader = kept
        return None


def _kept_key(name: bytes) -> bytes | None:
    """The beginning of a member; b"" for an element; None for a name that is not kept."""
    if not name:
        return name
    return name + b":" if len(name) <= _KEY + 2 and is_string(name[1:-1]) else None
