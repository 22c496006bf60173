"""HAR 1.2 as facts: what one entry says, with the times it says. http://www.softwareishard.com/blog/har-12-spec/

Read entry by entry, so that a large file costs its largest entry and not a multiple of itself.
Bodies in a HAR are decoded, so the header fields that speak of their encoding are left out. Fields
that begin with `_` are extensions; `_id`, `_conn`, `_chunks`, `_encoding`, `_trailers` and
`_complete` are understood, `_stream` in `har_stream`, the others ignored.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urlsplit

from hexr_autoinst.model.facts import Data, End, Fact, Head

_MILLI: Final = 1_000_000
# Of the encodings that the recorder has taken off, and of the hop (RFC 9110 §7.6.1).
_UNDONE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_STILL_ENCODED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # gzip, zstd
_VERSIONS: Final = {"h2": "HTTP/2", "http/2.0": "HTTP/2", "h3": "HTTP/3", "http/1.0": "HTTP/1.0"}
_SCHEMES: Final = frozenset({"http", "https", "ws", "wss"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry and where it stands."""

    number: int
    raw: dict[str, Any]

    @property
    def id(self) -> str:
        """Its own id, else its index."""
        said = self.raw.get("_id")
        return str(said) if isinstance(said, str | int) and not isinstance(said, bool) else str(self.number)

    @property
    def conn(self) -> str:
        """The connection that it says it used; else one of its own."""
        said = self.raw.get("_conn") or self.raw.get("connection")
        return f"har:{said}" if isinstance(said, str | int) and said else f"har#{self.number}"

    @property
    def began(self) -> int:
        """When its request began (ns, epoch); ValueError if it does not say."""
        return instant(self.raw.get("startedDateTime"))


def readable(entry: Entry) -> str:
    """Why an entry is no exchange that can be told ("" if it is one). ValueError: it is no entry at all."""
    if not isinstance(entry.raw, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one error class for all that an entry lacks
    request, _ = _member(entry, "request"), _member(entry, "response")
    instant(entry.raw.get("startedDateTime"))
    if entry.raw.get("_stream") is not None:
        return ""
    if request.get("method") == "STREAM":
        return "har_stream"
    scheme, colon, _ = str(request.get("url", "")).partition(":")
    # data:, blob:, chrome-extension: are a browser's own business.
    return "har_scheme" if colon and scheme.lower() not in _SCHEMES else ""


def instant(said: Any) -> int:
    """Nanoseconds since the epoch of an ISO 8601 time. Exact to the microsecond, free of floating point."""
    if not isinstance(said, str):
        raise ValueError("`startedDateTime` is missing")  # noqa: TRY004 - as above
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise ValueError("`startedDateTime` has no time zone")
    whole = int(moment.replace(microsecond=0).timestamp())
    return max(0, whole) * 1_000_000_000 + moment.microsecond * 1000


def facts(entry: Entry, ordinal: int) -> Iterator[Fact]:
    """The facts of one exchange, in order of time. ValueError says what the entry lacks."""
    request, answer = _member(entry, "request"), _member(entry, "response")
    began = entry.began
    asked, answered, ended = _times(entry, began)
    yield _request_head(entry, request, began, ordinal)
    post = request.get("postData")
    if isinstance(post, dict) and (body := _body(post.get("text"), post.get("_encoding"))):
        yield Data(began, "har", entry.id, "request", body)
    yield End(asked, "har", entry.id, "request")
    yield from _answer(entry, answer, (answered, ended))


def _member(entry: Entry, name: str) -> dict[str, Any]:
    found = entry.raw.get(name)
    if not isinstance(found, dict):
        raise ValueError(f"`{name}` is missing")  # noqa: TRY004 - one error class for all that an entry lacks
    return found


def _times(entry: Entry, began: int) -> tuple[int, int, int]:
    """When the request was sent, when the answer began, and when it ended."""
    timings = entry.raw.get("timings")
    spent = timings if isinstance(timings, dict) else {}
    ended = began + max(0, nanos(entry.raw.get("time")))
    # Of `connect` the time of TLS is a part already; -1 stands for what did not apply.
    before = sum(max(0, nanos(spent.get(k))) for k in ("blocked", "dns", "connect", "send"))
    asked = min(began + before, ended)
    answered = min(asked + max(0, nanos(spent.get("wait"))), ended)
    if chunks := _chunk_times(entry, began):
        answered = min(answered, max(asked, chunks[0][0]))
        ended = max(ended, chunks[-1][0])
    return asked, answered, ended


def nanos(milliseconds: Any) -> int:
    """A HAR's time, which may be anything, in nanoseconds."""
    number = milliseconds if isinstance(milliseconds, int | float) else 0
    return round(number * _MILLI) if -1e12 < number < 1e12 else 0


def _request_head(entry: Entry, request: dict[str, Any], at: int, ordinal: int) -> Head:
    url = urlsplit(str(request.get("url", "")))
    if not url.scheme or not url.netloc:
        raise ValueError("`request.url` is no absolute URL")
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return Head(
        at=at,
        source="har",
        flow=entry.id,
        side="request",
        conn=entry.conn,
        ordinal=ordinal,
        method=str(request.get("method", "")).upper(),
        scheme=url.scheme,
        authority=url.netloc.rpartition("@")[2],
        target=target,
        version=_version(request),
        headers=_headers(request, _first_bytes(request.get("postData"), "_encoding")),
    )


def _answer(entry: Entry, answer: dict[str, Any], times: tuple[int, int]) -> Iterator[Fact]:
    answered, ended = times
    status = answer.get("status")
    whole = entry.raw.get("_complete") is not False
    if not isinstance(status, int) or status <= 0:  # browsers write 0 where no answer came
        yield End(ended, "har", entry.id, "response", error="closed_by_server")
        return
    content = answer.get("content")
    said = content if isinstance(content, dict) else {}
    yield Head(
        at=answered,
        source="har",
        flow=entry.id,
        side="response",
        conn=entry.conn,
        status=status,
        version=_version(answer),
        headers=_headers(answer, _first_bytes(said, "encoding")),
    )
    body = _body(said.get("text"), said.get("encoding"))
    yield from _pieces(entry, body, answered, ended)
    yield End(
        ended, "har", entry.id, "response", "" if whole else "truncated", _pairs(entry.raw.get("_trailers"))
    )


def _pieces(entry: Entry, body: bytes, answered: int, ended: int) -> Iterator[Data]:
    """The body as it arrived, where the entry says so; else whole, at the end."""
    at, place = ended, 0
    for when, size in _chunk_times(entry, entry.began):
        at = max(answered, when)
        if piece := body[place : place + size]:
            yield Data(at, "har", entry.id, "response", piece)
        place += size
    if rest := body[place:]:
        yield Data(max(at, ended), "har", entry.id, "response", rest)


def _chunk_times(entry: Entry, began: int) -> list[tuple[int, int]]:
    chunks = entry.raw.get("_chunks")
    found = [c for c in chunks if isinstance(c, dict)] if isinstance(chunks, list) else []
    sized = [(began + max(0, nanos(c.get("t_ms"))), c.get("size")) for c in found]
    whole = [(at, size) for at, size in sized if isinstance(size, int) and size > 0]
    return list(zip(accumulate((at for at, _ in whole), max), (size for _, size in whole), strict=True))


def _body(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str):
        return b""
    if encoding != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a body is not base64: {error}") from None


def _first_bytes(said: Any, key: str) -> bytes:
    if not isinstance(said, dict) or said.get(key) != "base64" or not isinstance(said.get("text"), str):
        return b""
    return _body(said["text"][:8], "base64")


def _headers(message: dict[str, Any], first: bytes) -> tuple[tuple[str, str], ...]:
    """The fields in order, less HTTP/2's pseudo-fields and, unless the body is still encoded, those of its encoding."""
    kept = _pairs(message.get("headers"))
    undone = _UNDONE - {"content-encoding"} if first.startswith(_STILL_ENCODED) else _UNDONE
    return tuple((k, v) for k, v in kept if k.lower() not in undone and not k.startswith(":"))


def _pairs(fields: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(fields, dict):
        return tuple((str(k), str(v)) for k, v in fields.items())
    found = [f for f in fields if isinstance(f, dict)] if isinstance(fields, list) else []
    return tuple((str(f.get("name", "")), str(f.get("value", ""))) for f in found if f.get("name"))


def _version(message: dict[str, Any]) -> str:
    said = str(message.get("httpVersion") or "HTTP/1.1")
    return _VERSIONS.get(said.lower(), said.upper() if said.lower().startswith("http/") else "HTTP/1.1")
