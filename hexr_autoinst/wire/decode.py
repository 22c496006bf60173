"""Content-encodings off, piece by piece, with a cap on what may come out (RFC 9110 section 8.4).

A bomb stops at the cap: `full` is set and nothing more is produced. What cannot be decoded sets `broken`.
"""

import zlib
from collections.abc import Iterator
from typing import Any, Final, Protocol

import brotli
import zstandard

# zstd has no bound on what one call gives: a block of three bytes may stand for 128 KiB (RFC 8878
# section 3.1.1.2), so a slice of this length gives at most some 8 MiB before the cap is looked at.
_ZSTD_SLICE: Final = 256
_ZSTD_WINDOW: Final = 8 << 20  # RFC 9659 section 3: a content coding needs no larger one
_SLICE: Final = 16 << 10
_PIECE: Final = 1 << 20
_BOMB: Final = 200  # text does not shrink more than this


class _Step(Protocol):
    def __call__(self, data: bytes) -> Iterator[bytes]: ...


def _zlib(wbits: int) -> _Step:
    state: dict[str, Any] = {"z": zlib.decompressobj(wbits), "between": False}

    def step(data: bytes) -> Iterator[bytes]:
        if state["between"]:
            data = data.lstrip(b"\0")  # padding between members, as gzip(1) allows
        made = b""
        while data or len(made) == _PIECE:
            state["between"] = False
            made = state["z"].decompress(data, _PIECE)
            if made:
                yield made
            data = state["z"].unconsumed_tail
            if state["z"].eof:  # members may follow each other (RFC 1952 section 2.2)
                data = state["z"].unused_data.lstrip(b"\0")
                state.update(z=zlib.decompressobj(wbits), between=True)

    return step


def _deflate() -> _Step:
    """Zlib as the standard says, or raw as some servers send it: the first byte tells."""
    chosen: list[_Step] = []

    def step(data: bytes) -> Iterator[bytes]:
        if not chosen and data:
            chosen.append(_zlib(15 if data[0] & 0x0F == 8 else -15))
        if chosen:
            yield from chosen[0](data)

    return step


def _brotli() -> _Step:
    machine = brotli.Decompressor()

    def step(data: bytes) -> Iterator[bytes]:
        made = machine.process(data, output_buffer_limit=_PIECE)
        while made:
            yield made
            if machine.can_accept_more_data():
                return
            made = machine.process(b"", output_buffer_limit=_PIECE)

    return step


def _zstd() -> _Step:
    machine = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(read_across_frames=True)

    def step(data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            yield machine.decompress(data[start : start + _ZSTD_SLICE])

    return step


_STEPS: Final = {
    "gzip": lambda: _zlib(31),
    "x-gzip": lambda: _zlib(31),
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


class Decoder:
    """The decoders of one body, last encoding first. `cap`: bytes that may come out in all."""

    def __init__(self, encodings: str, cap: int) -> None:
        """`encodings`: the Content-Encoding field; an unknown one makes the body `broken`."""
        names = [n for n in (e.strip().lower() for e in encodings.split(",")) if n and n != "identity"]
        self.broken = any(n not in _STEPS for n in names) or len(names) > 4
        self.full = False
        self.plain = not names
        self._cap = self._left = cap
        self._taken = self._made = 0
        self._steps = [] if self.broken else [_STEPS[n]() for n in reversed(names)]

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What these bytes decode to, a slice after the other, each with the whole cap: who takes them holds little."""
        if self.plain:
            yield data
            return
        for start in range(0, len(data), _SLICE):
            yield self.feed(data[start : start + _SLICE])
            self.renew()

    def feed(self, data: bytes) -> bytes:
        """What these bytes decode to."""
        if self.plain:
            return data
        if self.broken or self.full:
            return b""
        out = []
        self._taken += len(data)
        try:
            for piece in self._through(0, data):
                self._left -= len(piece)
                self._made += len(piece)
                out.append(piece)
                if self._left < 0:
                    self.full = True
                    break
        except (zlib.error, brotli.error, zstandard.ZstdError, EOFError):
            self.broken = True
        return b"".join(out)

    def renew(self) -> None:
        """Allow the whole cap again: what came is consumed, so each arrival is bounded by itself."""
        if self._made <= self._cap + _BOMB * self._taken:
            self._left = self._cap

    def _through(self, depth: int, data: bytes) -> Iterator[bytes]:
        if depth == len(self._steps):
            yield data
            return
        for piece in self._steps[depth](data):
            yield from self._through(depth + 1, piece)


PLAIN: Final = Decoder("", 0)  # of a body without an encoding, as most are: it has no state
