"""What a body is, by its content type and by how it begins: servers send JSON errors under a stream's type, and streams under any.

What is said of length counts too: a body of a declared length was whole before it was sent, so its JSON is no stream.
"""

import json
import re
from typing import Final, Literal

from hexr_autoinst.wire import awsevents
from hexr_autoinst.wire.hold import BOM

# The last two ask for more: for a word that is no space, for the end of the first line.
Shape = Literal["sse", "lines", "array", "aws", "whole", "nothing", "word", "line"]

_EVENTS: Final = "text/event-stream"
_AWS: Final = "application/vnd.amazon.eventstream"
_LINES: Final = frozenset(
    {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonl",
        "application/jsonlines",
        "application/x-jsonlines",
        "application/json-seq",
        "application/stream+json",
        "application/x-json-stream",
    }
)
_MEDIA: Final = (
    "image/", "audio/", "video/", "font/", "application/octet-stream", "binary/octet-stream", "application/zip",
    "application/gzip", "application/x-tar", "application/pdf",
)  # fmt: skip
_DOCUMENTS: Final = (
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "text/csv",
    "text/markdown",
)
FIRST_LINE: Final = 256 << 10  # a first line of JSON lines is not longer, or not worth the wait
_EVENT_START: Final = re.compile(rb"(?:data|event|id|retry) ?:")
_COMMENTS: Final = re.compile(rb"(?::[^\r\n]*+[\r\n]++)++")
_ELEMENTS: Final = re.compile(rb"\[[ \t\r\n]*+(\{|\Z)?")  # an array of objects, or perhaps one
_NEXT: Final[dict[bytes | None, Shape]] = {b"{": "array", b"": "word"}
_NEEDED: Final = 12  # bytes of an Amazon message's prelude
_NAMES: Final = 6  # of the longest field's name and its colon


def shape(kind: str, words: bytes, *, sized: bool, over: bool = False, streams: bool = True) -> Shape:
    """Of a body whose first bytes, spaces left out, are `words`. `sized`: its length was declared. `over`: this is all.

    `streams` false: whatever it is, it is no stream, and nothing more need be waited for to know that.
    """
    if not over and _may_be_anything(words):
        return "word"
    over = over or not streams
    if words[:1] == b"\0":
        return "aws" if kind == _AWS or awsevents.begins(words) else _other(kind)
    if words[:1] == BOM[:1]:
        words = words.removeprefix(BOM).lstrip()
    if kind.startswith(_DOCUMENTS):
        return "whole"
    if words[:1] in (b"{", b"["):
        return _json(kind, words, sized=sized, over=over)
    return _other(kind) if kind.startswith(_MEDIA) else _text(kind, words, over=over)


def _may_be_anything(words: bytes) -> bool:
    """Whether so few bytes say nothing: the beginning of Amazon's prelude, or a mark before the text."""
    return len(words) < _NEEDED if words[:1] == b"\0" else words[:1] == BOM[:1] and len(words) <= len(BOM)


def _other(kind: str) -> Shape:
    return "nothing" if kind.startswith(_MEDIA) else "whole"


def _text(kind: str, words: bytes, *, over: bool) -> Shape:
    if kind == _EVENTS and words[:1] not in (b"<", b""):
        return "sse"
    if comments := _COMMENTS.match(words):
        words = words[comments.end() :]
    if words[:1] == b"\x1e":
        return "lines"  # RFC 7464
    if _EVENT_START.match(words):
        return "sse"
    unfinished = words[:1] == b":" or (len(words) < _NAMES and words[:1] in b"deir")
    return "word" if unfinished and not over else "whole"


def _json(kind: str, words: bytes, *, sized: bool, over: bool) -> Shape:
    if kind in _LINES:
        return _lines(words, over=over, sure=True)
    if sized:
        return "whole"
    if found := _ELEMENTS.match(words):
        return _NEXT.get(found[1], "whole") if not over or found[1] else "whole"
    return _lines(words, over=over, sure=False)


def _lines(words: bytes, *, over: bool, sure: bool) -> Shape:
    """Lines are told by the first, which is JSON by itself, and (not `sure`) by the brace that begins another."""
    line, feed, rest = words.partition(b"\n")
    more = not over and len(words) <= FIRST_LINE
    if not feed and not over:
        return "line" if more else "lines" if sure else "whole"
    if not _is_json(line):
        return "whole"
    rest = rest.lstrip()
    if sure or rest[:1] == b"{":
        return "lines"
    return "word" if more and not rest else "whole"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
