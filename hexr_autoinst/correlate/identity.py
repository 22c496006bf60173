"""Ids: each made from facts by BLAKE2b, so that a recorded run is told again byte for byte. Never random."""

import re
from hashlib import blake2b
from typing import Final, NamedTuple

from hexr_autoinst.model.exchange import Exchange, Headers
from hexr_autoinst.model.facts import Key

_TRACE: Final = 16
_SPAN: Final = 8
_KEY_MAX: Final = 64  # BLAKE2b takes no longer key (RFC 7693 section 2.1)
# W3C Trace Context section 3.2: later versions may append fields after one more dash.
_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


class Parent(NamedTuple):
    """A caller that named itself on the wire."""

    trace_id: str
    span_id: str


def _digest(size: int, key: bytes, *parts: bytes | str | int) -> str:
    """Length-prefixed parts, so that no two lists of parts are one text."""
    h = blake2b(digest_size=size, key=key[:_KEY_MAX])
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        h.update(len(raw).to_bytes(4, "big") + raw)
    return h.hexdigest()


def call_id(exchange: Exchange) -> str:
    """One call's own id: its exchange's, and which call of that it is where there are several."""
    return f"{exchange.id}\0{exchange.part}" if exchange.part else exchange.id


def span_id(exchange: Exchange) -> str:
    """The span of one end of a call: BLAKE2b-64 of its id and the exchange's role."""
    return _digest(_SPAN, b"", call_id(exchange), "server" if exchange.role == "server" else "client")


def window_id(asker: str, call: str, place: int) -> str:
    """The span of a tool call: that of the model's call which asked for it, the call's own id, its place among those asked for."""
    return _digest(_SPAN, b"", "tool", asker, call, place)


def run_id(salt: bytes, process: Key) -> str:
    """The span of a process that was started to run code."""
    return _digest(_SPAN, b"", salt, "run", process.pid, process.start)


def run_trace(salt: bytes, process: Key) -> str:
    """The trace of a process that is a part of one of several turns, nobody knows which."""
    return _digest(_TRACE, b"", salt, "run", process.pid, process.start)


def within_id(exchange: Exchange, what: str) -> str:
    """The span of something that one call was besides: its child, and always the same."""
    return _digest(_SPAN, b"", call_id(exchange), "within", what)


def join_key(protocol: str, join: tuple[str, ...]) -> str:
    """What both ends of a call make of what only they have seen, on whatever host: no salt. It is a trace id as well."""
    return _digest(_TRACE, b"", "join", protocol, *join) if join else ""


def join_span(key: str) -> str:
    """The span of the receiving end: the sender knows it before, and without, having been told."""
    return _digest(_SPAN, b"", key, "server")


class Root(NamedTuple):
    """What tells one turn from every other: whose, the how-manieth, and what opened it."""

    owner: Key | str
    ordinal: int
    exchange: str
    began: int


def root_ids(salt: bytes, key: bytes, root: Root) -> tuple[str, str]:
    """Trace id and span id of the root of a turn."""
    parts = (salt, *root.owner) if isinstance(root.owner, tuple) else (salt, root.owner)
    rest = (root.ordinal, root.exchange, root.began)
    return (
        _digest(_TRACE, key, "trace", *parts, *rest),
        _digest(_SPAN, key, "invoke", *parts, *rest),
    )


def instance_id(salt: bytes, owner: Key) -> str:
    """`service.instance.id`: the same for one process however often the daemon restarts."""
    return _digest(_TRACE, b"", salt, "instance", owner.pid, owner.start)


def keyed(key: bytes, what: str, text: str) -> str:
    """What stands for a text that is not told: 64 bits, of no use to whoever has not the key."""
    return _digest(_SPAN, key, "sealed", what, text)


def body_hash(body: bytes) -> bytes:
    """For comparing two views of one request."""
    return blake2b(body, digest_size=_TRACE).digest()


def traceparent(headers: Headers) -> Parent | None:
    """The caller named by the request, if exactly one valid `traceparent` stands there (W3C section 3.2.2)."""
    found = headers.all("traceparent")
    return parent(found[0]) if len(found) == 1 else None


def parent(text: str) -> Parent | None:
    """The caller that a `traceparent` names, if it is valid."""
    match = _TRACEPARENT.fullmatch(text.strip())
    if match is None:
        return None
    version, trace, span, _, more = match.groups()
    if version == "ff" or (version == "00" and more) or not trace.strip("0") or not span.strip("0"):
        return None
    return Parent(trace, span)
