"""Raw connections in a HAR: the bytes of both directions, as the kernel's plane would have told them.

`_stream` holds `kind` (stdio, redis, websocket, http2) and `chunks`, each with `t_ms`, `from` (client or server) and `data_b64`. Which
protocol it is the bytes say, as they do on a real connection. Of a WebSocket the heads are those of the entry's request and answer.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from hexr_autoinst.capture.har import Entry, nanos
from hexr_autoinst.model.facts import Address, Chunk, Closed, Conn, Direction, Fact, Key, Medium, Opened

_NOBODY: Final = Key(0, 0)
_DIRECTIONS: Final[dict[Any, Direction]] = {"client": "out", "server": "in"}
_MEDIA: Final[dict[Any, Medium]] = {"stdio": "pipe"}
_PORTS: Final = {"https": 443, "wss": 443, "http": 80, "ws": 80, "redis": 6379, "rediss": 6379}
_TLS: Final = frozenset({"https", "wss", "rediss"})


def is_stream(entry: Entry) -> bool:
    """Whether an entry is a connection and not an exchange."""
    return entry.raw.get("_stream") is not None


def stream_facts(entry: Entry) -> Iterator[Fact]:
    """The facts of one connection, in order of time. ValueError says what the entry lacks."""
    stream = entry.raw["_stream"]
    if not isinstance(stream, dict) or not isinstance(stream.get("chunks"), list):
        raise ValueError("`_stream.chunks` is missing")  # noqa: TRY004 - one error class for all that an entry lacks
    conn, began = Conn(_NOBODY, entry.number + 1, 0), entry.began
    url = urlsplit(str(entry.raw["request"].get("url", "")))
    if url.hostname:
        yield Opened(began, "har", conn, _NOBODY, Address("", 0), _peer(url), "client")
    medium = _MEDIA.get(stream.get("kind")) or ("tls" if url.scheme in _TLS else "socket")
    last, seqs = began, {"out": 0, "in": 0}
    for at, direction, data in _said(entry, stream, url):
        last = max(last, began + at)
        yield Chunk(last, "har", conn, direction, seqs[direction], data, medium=medium, entry=entry.id)
        seqs[direction] += 1
    yield Closed(max(last, began + max(0, nanos(entry.raw.get("time")))), "har", conn, _NOBODY)


def _peer(url: SplitResult) -> Address:
    return Address(url.hostname or "", url.port or _PORTS.get(url.scheme, 0))


def _said(entry: Entry, stream: dict[str, Any], url: SplitResult) -> Iterator[tuple[int, Direction, bytes]]:
    chunks = [_chunk(c) for c in stream["chunks"]]
    if stream.get("kind") == "websocket":
        first = chunks[0][0] if chunks else 0
        asked, answer = entry.raw["request"], entry.raw["response"]
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        yield 0, "out", _head(f"GET {target} HTTP/1.1", asked)
        yield first, "in", _head(f"HTTP/1.1 {answer.get('status')} {answer.get('statusText', '')}", answer)
    yield from chunks


def _chunk(said: Any) -> tuple[int, Direction, bytes]:
    direction = _DIRECTIONS.get(said.get("from")) if isinstance(said, dict) else None
    if direction is None:
        raise ValueError("a chunk of `_stream` is neither the client's nor the server's")
    try:
        data = base64.b64decode(str(said.get("data_b64", "")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a chunk of `_stream` is not base64: {error}") from None
    return max(0, nanos(said.get("t_ms"))), direction, data


def _head(line: str, message: dict[str, Any]) -> bytes:
    """The head of the upgrade, as it was on the wire but for what a HAR does not keep."""
    found = message.get("headers")
    fields = [x for x in found if isinstance(x, dict)] if isinstance(found, list) else []
    lines = [line.rstrip(), *(f"{x.get('name', '')}: {x.get('value', '')}" for x in fields)]
    return "".join(f"{' '.join(text.splitlines())}\r\n" for text in [*lines, ""]).encode()
