"""Content removed, shape kept: what of an exchange is fit for a bug report. Knows no vendor; what to keep is data.

A text is kept only where a dissector names its place, for no look at a text tells a one-word prompt from an id.
`kept` is a tuple of places:
  `choices.finish_reason`  a member of a JSON body or frame, through any list; `*` is any one name
  `stop!`                  the same where any text may stand; else a word: no white space, of a name's length
  `input#`                 a text whose length is told: as many marks stand for it
  `usage.-`                an object of which no text is kept, but its names, numbers and truths are
  `/`                      the request's path      `?name`  a query parameter      `name:`  a header's value
  `=[DONE]`                a whole frame that is no JSON
  `<Code>`                 the word in an element of XML; of XML without such a place nothing stays
An object of which some member is named is the vendor's: its names, numbers and truths stay. Any other object is
somebody's data, its names veiled and its numbers zero. A veiled text says how long it was, to a power of two.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from hexr_autoinst.dissect import form
from hexr_autoinst.dissect.lenient import WORD, parse, parse_cut
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response

Kept = tuple[str, ...]
Tree = dict[str, "Tree"]  # a place named itself has the member "", "!" or "#"
_ENDS: Final = frozenset({"", "!", "#"})
MARK: Final = "~"
_SHORTEST: Final = 16  # `yes` and `no` are of one length
_ANY_TEXT: Final = 1024
_KEY: Final = 64
_DEEP: Final = 64
_LONGEST: Final = 400_000  # a recording's fact holds two bodies
# What HTTP itself says with these names is never content (RFC 9110, W3C Trace Context), nor gRPC's code and encoding.
_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date", "expect", "grpc-encoding", "grpc-status",
     "host", "retry-after", "server", "traceparent", "tracestate", "transfer-encoding", "user-agent"}
)  # fmt: skip


def veiled(exchange: Exchange, kept: Kept | None) -> Exchange:
    """The exchange without content; of one that nobody reads (None), neither path nor bodies."""
    answer = exchange.response and _response(exchange.response, kept)
    return replace(exchange, request=_request(exchange.request, kept), response=answer)


def veiled_frame(frame: Frame, kept: Kept, nested: tuple[str, ...] | None = None) -> Frame:
    """A frame without content. Its event's name is the framing's. Of a piece of another framing stay the texts that it made whole."""
    if frame.kind == "resp":
        return replace(frame, data=_command(frame) if frame.side == "request" else _answered(frame))
    said = _text(frame.data, kept) if nested is None else "".join(f"{_text(n, kept)}\n" for n in nested)
    return replace(
        frame, event=_word(frame.event), data=said[:_LONGEST], raw=b""
    )  # no place in bytes has a name


def _request(request: Request, kept: Kept | None) -> Request:
    return replace(
        request,
        path=request.path if kept and "/" in kept else "/".join(MARK if p else "" for p in request.path.split("/")),
        query="&".join(_pairs(request.query, frozenset(k[1:] for k in kept or () if k[0] == "?"))),
        headers=_headers(request.headers, kept),
        body=b"" if kept is None else _body(request.body, request.headers, kept),
    )  # fmt: skip


def _response(response: Response, kept: Kept | None) -> Response:
    body = b"" if kept is None else _body(response.body, response.headers, kept)
    trailers = _headers(response.trailers, kept)
    return replace(response, headers=_headers(response.headers, kept), body=body, trailers=trailers)


def _headers(headers: Headers, kept: Kept | None) -> Headers:
    stay = {k[:-1].lower() for k in kept or () if k[-1] == ":"}
    return Headers(
        tuple((n, v if (name := n.lower()) in _HEADERS or name in stay else _mark(v)) for n, v in headers.fields)
    )  # fmt: skip


def _body(data: bytes, headers: Headers, kept: Kept) -> bytes:
    kind = headers.get("content-type")
    if form.is_form(kind):
        veil = _value(form.fields(kind, data) or {}, _tree(kept), 0)
        return form.body(kind, veil)[:_LONGEST]
    if kind.lower().startswith("application/x-www-form-urlencoded"):
        return "&".join(_pairs(data.decode("utf-8", "replace"), frozenset(kept))).encode()[:_LONGEST]
    return _text(data, kept).encode()[:_LONGEST]


def _pairs(text: str, stay: frozenset[str]) -> Iterator[str]:
    for pair in text.split("&") if text else ():
        name, equals, value = pair.partition("=")
        yield f"{name}{equals}{value if name in stay else _mark(value)}"


def _text(said: str | bytes, kept: Kept) -> str:
    """JSON as veiled JSON, cut JSON as what is whole in it, cut again; anything else as its mark."""
    whole = said if isinstance(said, str) else said.decode("utf-8", "replace")
    if not whole or f"={whole.strip()}" in kept:
        return whole
    if whole.lstrip()[:1] == "<" and (elements := [k[1:-1] for k in kept if k[0] == "<"]):
        return "".join(_elements(whole, elements)) or _mark(whole)
    tree = _tree(kept)
    if (value := parse(said)) is not None:
        return _dumped(_value(value, tree, 0))
    if (value := parse_cut(whole.encode("utf-8", "replace"))) is not None:
        veil = _value(value, tree, 0)
        cut = _dumped(veil)[:-1] + " "
        if parse(cut) is None and parse_cut(cut.encode()) == veil:
            return cut
    return _mark(whole)


def _elements(text: str, names: list[str]) -> Iterator[str]:
    for found in re.finditer(r"<(\w{1,64})>([^<>\s]{1,256})</", text):
        if found[1] in names:
            yield f"<{found[1]}>{found[2]}</{found[1]}>"


def _command(frame: Frame) -> str:
    """Of a command of RESP its name and its numbers, which are no values (see `wire.framing.commands`)."""
    said = parse(frame.data)
    if not isinstance(said, list):
        return _mark(frame.data)
    return _dumped([v if n == 0 or isinstance(v, int) else _value(v, None, 0) for n, v in enumerate(said)])


def _answered(frame: Frame) -> str:
    """Of an answer of RESP no number; of its texts there are but codes and lengths."""
    return _dumped(_counts(parse(frame.data)))


def _counts(value: Any) -> Any:
    if isinstance(value, list):
        return [_counts(v) for v in value]
    if isinstance(value, dict):
        return {k: v if k == "bytes" else _counts(v) for k, v in value.items()}
    return value if value is None or isinstance(value, bool | str) else 0


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@lru_cache(maxsize=256)
def _tree(kept: Kept) -> Tree:
    root: Tree = {}
    for place in kept:
        if place[0] in "/?=<" or place[-1] == ":":
            continue
        node = root
        for name in place.rstrip("!#").split("."):
            node = node.setdefault(name, {})
        node[place[-1] if place[-1] in "!#" else ""] = {}
    return root


def _value(value: Any, tree: Tree | None, depth: int, *, stays: bool = False) -> Any:
    """A JSON value at a place. `stays`: a number here is the vendor's."""
    if depth > _DEEP or value is None:
        return None
    if isinstance(value, dict):
        known = tree is not None and not tree.keys() <= _ENDS
        return dict(_members(value, tree if known else None, depth + 1))
    if isinstance(value, list):
        named = tree is not None and ("" in tree or "!" in tree)
        return [_value(v, tree, depth + 1, stays=named) for v in value]
    if isinstance(value, str):
        return _string(value, tree or {})
    return value if stays else type(value)(0)


def _members(value: dict[str, Any], tree: Tree | None, depth: int) -> Iterator[tuple[str, Any]]:
    for number, (name, inner) in enumerate(value.items()):
        if tree is None or len(name) > _KEY:
            yield f"{MARK}{number}", _value(inner, None, depth)
        else:
            below = tree.get(name, tree.get("*")) if name not in _ENDS else None
            yield name, _value(inner, below, depth, stays=True)


def _string(text: str, tree: Tree) -> str:
    if "!" in tree:
        return text[:_ANY_TEXT]
    if "#" in tree:
        return MARK * len(text)
    return _word(text) if "" in tree else _mark(text)


def _word(text: str) -> str:
    return text if len(text) <= WORD and not any(c.isspace() for c in text) else _mark(text)


def is_veiled(text: str) -> bool:
    """Whether a text was taken out: what it was is not known any more."""
    return text.startswith(f"{MARK} ") and text[2:].isdecimal()


def _mark(text: str) -> str:
    """The white space in it makes it no word, as the text it stands for most often is none."""
    return f"{MARK} {max(_SHORTEST, 1 << (len(text) - 1).bit_length())}" if text else ""
