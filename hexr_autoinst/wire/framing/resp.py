"""RESP 2 and 3 (https://redis.io/docs/latest/develop/reference/protocol-spec/) of one side, to frames of JSON without a value.

A command is what `commands` says of it. An answer is told by its kind: `null`, a whole number, `true` and `false`, a list,
{"map": [[k, v] …]}, {"status": "OK"}, {"error": "WRONGTYPE"}, and {"bytes": n} for every string, double and big number.
Values are passed over as they come and never held. Where bytes are missing a frame "lost" says so, for answers have no
other name than their order, and reading goes on where a read begins with a command or an answer.
"""

import json
import re
from collections.abc import Callable, Generator
from typing import Any, Final, TypeVar

from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.model.facts import Side
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.framing.commands import KEPT, Argument, command

_LINE: Final = 64 << 10  # an inline command or a status longer than this is none
_DEPTH: Final = 8
_NODES: Final = 256  # of one answer; and arguments of one command
_COUNT: Final = re.compile(rb"-?\d{1,18}")
_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9._\-]{0,31}")  # of an inline command
_CODE: Final = re.compile(rb"[A-Z][A-Z_]{0,31}")
_FIELD: Final = frozenset(
    (b"total_results", b"results", b"warning", b"attributes", b"error", b"proto", b"version", b"server")
)
COMMAND: Final = re.compile(rb"\*[1-9]\d{0,6}\r\n\$\d{1,9}\r\n")
_ANSWER: Final = re.compile(rb"[*$+\-:_,#!=%~>(|](?:-?\d{0,18}|[A-Za-z][ -~]{0,64}|[tf])\r\n")
_PASSED: Final = object()  # an attribute: it stands before what it is about

_T = TypeVar("_T")
_Reading = Generator[None, None, _T]  # yields when it needs more bytes


class _Astray(Exception):
    """These bytes are no RESP."""


class Resp:
    """Bytes of one side in, frames out."""

    def __init__(self, side: Side) -> None:
        """A client sends commands, a server answers."""
        self.cut = self.broken = self.over = False
        self.noise = 0
        self.trailers: tuple[tuple[str, str], ...] = ()
        self._side: Side = side
        self._bytes = bytearray()
        self._skip = 0
        self._nodes = 0
        self._short = False
        self._astray = self._lost = False
        self._reading = self._messages()
        self._told: list[Frame] = []
        self._at = 0

    @property
    def buffered(self) -> int:
        """Bytes held."""
        return len(self._bytes)

    def drop(self) -> None:
        """What is held is a line at most."""

    def hole(self, n: int) -> None:
        """`n` bytes are missing (-1: nobody knows how many)."""
        if 0 < n <= self._skip:
            self._skip -= n  # of a value that is not told anyway
        else:
            self._lost = self._astray = True

    def feed(self, piece: bytes, at: int) -> list[Frame]:
        """The commands or answers that are whole with these bytes."""
        self._at = at
        if self._lost:
            self._miss()
        if self._astray and not self._found(piece):
            return self._taken()
        if self._skip >= len(piece):
            self._skip -= len(piece)
            if self._skip:
                return self._taken()
            piece = b""
        elif self._skip:
            piece, self._skip = piece[self._skip :], 0
        self._bytes += piece
        try:
            next(self._reading)
        except _Astray:
            self._astray = self.broken = True
            self._bytes.clear()
            self._miss()
        return self._taken()

    def end(self, at: int, *, clean: bool = True) -> list[Frame]:  # noqa: ARG002 - as the others
        """What did not end is no frame."""
        self._bytes.clear()
        return []

    def message(self, kind: str, data: bytes, at: int, *, more: bool) -> list[Frame]:  # noqa: ARG002 - as the others
        """No plane parses these."""
        return []

    def _miss(self) -> None:
        self._lost = False
        self._told.append(Frame(self._at, "resp", "lost", "", cut=True, side=self._side))

    def _taken(self) -> list[Frame]:
        told, self._told = self._told, []
        return told

    def _found(self, piece: bytes) -> bool:
        pattern = COMMAND if self._side == "request" else _ANSWER
        if pattern.match(piece) is None:
            return False
        self._bytes.clear()
        self._skip, self._astray, self._reading = 0, False, self._messages()
        return True

    # -- reading --

    def _messages(self) -> _Reading[None]:
        one = self._command if self._side == "request" else self._answer
        while True:
            self._nodes, self._short = _NODES, False
            yield from one()

    def _command(self) -> _Reading[None]:
        line = yield from self._line()
        words: list[Argument] = []
        if line.startswith(b"*"):
            count = _count(line[1:])
            for _ in range(count):
                argument = yield from self._argument()
                if len(words) < _NODES:
                    words.append(argument)
            self._short = count > _NODES
        else:
            words = [(len(word), word) for word in line.split()[:_NODES]]
            if words and _NAME.fullmatch(words[0][1] or b"") is None:
                raise _Astray
        if words:
            self._tell("", command(words))

    def _argument(self) -> _Reading[Argument]:
        size = _count((yield from self._line(b"$")))
        if size < 0:
            raise _Astray
        said = None
        if size <= KEPT:
            said = yield from self._take(size)
        else:
            yield from self._pass(size)
        yield from self._take(2)
        return size, said

    def _answer(self) -> _Reading[None]:
        while not self._bytes:
            yield
        push = self._bytes[:1] == b">"
        told = yield from self._value(0)
        if told is not _PASSED:
            self._tell("push" if push else "", told)

    def _tell(self, event: str, told: Any) -> None:
        self.cut = self.cut or self._short
        text = redact.text(
            json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        )
        self._told.append(
            Frame(self._at, "resp", event, text.decode("utf-8", "replace"), self._short, self._side)
        )

    def _value(self, depth: int, *, named: bool = False) -> _Reading[Any]:
        """One answer; `named`: it may be a field of a map, whose name is told if it is one of a few."""
        line = yield from self._line()
        kind, rest = line[:1], line[1:]
        if kind in _SIMPLE:
            return rest.decode() if named and rest in _FIELD else _SIMPLE[kind](rest)
        size = _count(rest)
        if size < 0:
            return None
        if kind in (b"$", b"!", b"="):
            return (yield from self._string(kind, size, named=named))
        if kind in (b"*", b"~", b">"):
            return (yield from self._list(size, depth))
        if kind in (b"%", b"|"):
            pairs = yield from self._pairs(size, depth)
            return (
                {"map": pairs}
                if kind == b"%"
                else (_PASSED if depth == 0 else (yield from self._value(depth)))
            )
        raise _Astray

    def _string(self, kind: bytes, size: int, *, named: bool) -> _Reading[Any]:
        if kind == b"!" or (named and size <= 16):
            said = yield from self._take(min(size, KEPT))
            yield from self._pass(size - len(said) + 2)
            if kind == b"!":
                return _error(said)
            return said.decode() if said in _FIELD else {"bytes": size}
        yield from self._pass(size + 2)
        return {"bytes": size}

    def _list(self, size: int, depth: int) -> _Reading[Any]:
        self._deep(depth)
        told = []
        for _ in range(size):
            one = yield from self._value(depth + 1)
            if self._room():
                told.append(one)
        return told

    def _pairs(self, size: int, depth: int) -> _Reading[Any]:
        self._deep(depth)
        told = []
        for _ in range(size):
            key = yield from self._value(depth + 1, named=True)
            value = yield from self._value(depth + 1)
            if self._room():
                told.append([key, value])
        return told

    def _deep(self, depth: int) -> None:
        if depth >= _DEPTH:
            raise _Astray

    def _room(self) -> bool:
        self._nodes -= 1
        self._short = self._short or self._nodes < 0
        return self._nodes >= 0

    def _line(self, kind: bytes = b"") -> _Reading[bytes]:
        start = 0
        while (end := self._bytes.find(b"\r\n", start)) < 0:
            if len(self._bytes) > _LINE:
                raise _Astray
            start = max(0, len(self._bytes) - 1)
            yield
        line = bytes(self._bytes[len(kind) : end])
        if self._bytes[: len(kind)] != kind:
            raise _Astray
        del self._bytes[: end + 2]
        return line

    def _take(self, size: int) -> _Reading[bytes]:
        while len(self._bytes) < size:
            yield
        taken = bytes(self._bytes[:size])
        del self._bytes[:size]
        return taken

    def _pass(self, size: int) -> _Reading[None]:
        there = min(size, len(self._bytes))
        del self._bytes[:there]
        self._skip = size - there
        if self._skip:
            yield


def _count(digits: bytes) -> int:
    if _COUNT.fullmatch(digits) is None:
        raise _Astray
    return int(digits)


def _error(said: bytes) -> dict[str, str]:
    code = _CODE.match(said)
    return {"error": code[0].decode() if code else "ERR"}


def _status(said: bytes) -> dict[str, Any]:
    return {"status": said.decode()} if _CODE.fullmatch(said) else {"bytes": len(said)}


def _integer(said: bytes) -> Any:
    return int(said) if _COUNT.fullmatch(said) else {"bytes": len(said)}


def _size(said: bytes) -> dict[str, int]:
    return {"bytes": len(said)}


_SIMPLE: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b"+": _status, b"-": _error, b":": _integer, b"#": lambda said: said == b"t", b",": _size, b"(": _size, b"_": lambda _: None,
}  # fmt: skip
