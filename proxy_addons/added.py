"""What the worker adds to an exchange: from the first byte of a head read from one socket to its first byte written to the other.

Taken where bytes enter and leave this process, so TLS, parsing, hooks and the wait for other
connections are in it; what waits in the kernel before it is read is not. Only where both stamps are sure:
HTTP/1, on a server connection that stood before. What is not sure is not counted.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from mitmproxy import http, tls

_HAPPY_EYEBALLS_S: Final = 0.25
_NAMES: Final = {side: (f"{side}_heads_timed", f"{side}_added_ns") for side in ("request", "response")}
_LIMIT: Final = 64 << 10  # of asyncio's own open_connection


class Passage:
    """The stamps of one client connection and of the server connections made for it; 0 is none."""

    def __init__(self, counts: Counter[str], clock: Callable[[], int] = time.perf_counter_ns) -> None:
        """`counts` gets `request_` and `response_heads_timed` and `_added_ns`."""
        self._counts, self._clock = counts, clock
        self._asked = self._onward = self._answered = 0
        self._answering = False

    def client_read(self) -> None:
        """Bytes came from the client: the first since its last exchange begin a request."""
        self._asked = self._asked or self._clock()

    def server_read(self) -> None:
        """Bytes came from the server: the first after a request went out begin its answer."""
        if self._answering:
            self._answered = self._answered or self._clock()

    def server_written(self) -> None:
        """Bytes went to the server."""
        if self._onward:
            self._count("request", self._onward)
            self._onward = 0

    def client_written(self) -> None:
        """Bytes went to the client."""
        if self._answered:
            self._count("response", self._answered)
            self._answered, self._answering = 0, False

    def settled(self) -> None:
        """Between exchanges: what was read so far was a handshake, or an exchange that is over."""
        self._asked = self._onward = self._answered = 0
        self._answering = False

    def asked(self) -> None:
        """A request's head was read whole, and will go onward."""
        self._onward, self._answered, self._answering = self._asked, 0, True

    def _count(self, side: str, since: int) -> None:
        heads, added = _NAMES[side]
        self._counts[heads] += 1
        self._counts[added] += self._clock() - since


# Set in the task that serves a connection: hooks and server connections of it have the same context.
PASSAGE: ContextVar[Passage | None] = ContextVar("PASSAGE", default=None)


class Added:
    """The addon that tells a passage where its exchanges begin and end."""

    def tls_established_client(self, _: tls.TlsData) -> None:
        """The handshake is over."""
        _settle()

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Streams of HTTP/2 share a connection, and a server that must be reached first is no delay of ours."""
        passage = PASSAGE.get()
        if passage and flow.request.is_http11 and flow.server_conn.connected:
            passage.asked()

    def response(self, _: http.HTTPFlow) -> None:
        """The exchange is over."""
        _settle()

    def error(self, _: http.HTTPFlow) -> None:
        """So it is."""
        _settle()


def _settle() -> None:
    if passage := PASSAGE.get():
        passage.settled()


class Reader(asyncio.StreamReader):
    """Says when bytes come in."""

    def __init__(self, heard: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
        """`heard` is called before the bytes are given on."""
        super().__init__(_LIMIT, loop)
        self._heard = heard

    def feed_data(self, data: Any) -> None:
        """Bytes from the socket."""
        self._heard()
        super().feed_data(data)


class Writer(asyncio.StreamWriter):
    """Says when bytes have gone out."""

    wrote: Callable[[], None]

    def write(self, data: Any) -> None:
        """Bytes to the socket."""
        super().write(data)
        self.wrote()


def writer(
    transport: asyncio.WriteTransport,
    protocol: asyncio.BaseProtocol,
    reader: Reader,
    wrote: Callable[[], None],
) -> Writer:
    """One that calls `wrote` after each write."""
    made = Writer(transport, protocol, reader, asyncio.get_running_loop())
    made.wrote = wrote
    return made


async def open_connection(
    host: str | None = None, port: Any = None, **more: Any
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """asyncio's, for mitmproxy: with Happy Eyeballs, and with stamps where there is a passage.

    mitmproxy connects without the first, and a broken IPv6 route hangs for minutes (mitmproxy issue 8088).
    """
    loop, passage = asyncio.get_running_loop(), PASSAGE.get() or Passage(Counter())
    reader = Reader(passage.server_read, loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    more.setdefault("happy_eyeballs_delay", _HAPPY_EYEBALLS_S)
    transport, _ = await loop.create_connection(lambda: protocol, host, port, **more)
    return reader, writer(transport, protocol, reader, passage.server_written)
