"""permessage-deflate (RFC 7692) as an observer undoes it: bounded, and honest about a window that is no longer known."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hexr_autoinst.model.facts import Side

_TAIL: Final = b"\x00\x00\xff\xff"  # RFC 7692 section 7.2.2: what the sender took off
_PIECE: Final = 1 << 20
_BOMB: Final = 200  # text does not shrink more than this


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the answer to the handshake says: whether messages may be compressed, and whose windows end with each."""

    deflate: bool = False
    fresh: tuple[Side, ...] = ()

    @classmethod
    def read(cls, extensions: str) -> "Agreed":
        """From the field Sec-WebSocket-Extensions of the response."""
        for said in extensions.lower().split(","):
            name, *parameters = (word.strip() for word in said.split(";"))
            if name == "permessage-deflate":
                sides: tuple[tuple[str, Side], ...] = (("client", "request"), ("server", "response"))
                fresh = tuple(side for word, side in sides if f"{word}_no_context_takeover" in parameters)
                return cls(deflate=True, fresh=fresh)
        return cls()


class Inflate:
    """One side's window. `lost`: what it holds is not known, so nothing more can be decoded."""

    def __init__(self, cap: int, *, fresh: bool) -> None:
        """`cap`: bytes that a few kilobytes may decode to. `fresh`: each message has a window of its own."""
        self.lost = False
        self._cap = cap
        self._taken = self._made = 0
        self._fresh = fresh
        self._window = zlib.decompressobj(-15)

    def begin(self) -> None:
        """A message begins."""
        self._taken = self._made = 0
        if self._fresh:
            self._window, self.lost = zlib.decompressobj(-15), False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes of a message decode to, in pieces of bounded size."""
        plain = b""
        self._taken += len(data)
        try:
            while (data or len(plain) == _PIECE) and not self.lost:
                plain = self._window.decompress(data, _PIECE)
                data = self._window.unconsumed_tail
                self._made += len(plain)
                self.lost = self._made > self._cap + _BOMB * self._taken
                if plain:
                    yield plain
                if self._window.eof:  # a last block: legal, if unusual; the next bytes begin anew
                    data, self._window = self._window.unused_data, zlib.decompressobj(-15)
        except zlib.error:
            self.lost = True

    def end(self) -> Iterator[bytes]:
        """The message is over."""
        yield from self.feed(_TAIL)
