r"""Content removed, shape kept: what of an exchange is fit for a bug report. Knows no vendor and no protocol; what to keep is data.

A text is kept only where a dissector names its place, for no look at a text tells a one-word prompt from an id.
`kept` is a tuple of places:
  `choices.finish_reason`  a member of a JSON body or frame, through any list; `*` is any one name, `\\.` a dot within a name
  `stop!`                  the same where any text may stand; else a word: no white space, of a name's length
  `input#`                 a text whose length is told: as many marks stand for it
  `state^`                 any value that is told apart from others: a keyed digest stands for it
  `url@`                   a URL, of which the host is kept
  `usage.-`                an object of which no text is kept, but its names, numbers and truths are
  `arguments~`             an object of which the names are kept, and nothing else but what else is named
  `/`                      the request's path      `?name`  a query parameter      `name:`  a header's value
  `=[DONE]`                a whole frame that is no JSON      `@endpoint`  the data of an event of this name, if it is a word
  `<2.1`, `>3.3.1`, `>2.1#`  a field of the question's, of the answer's Protocol Buffers, by its numbers (see `veil_raw`)
  `name:3.2.1`             the same of a header's value that is one in base64
  `<Code>`                 the word in an element of XML; of XML without such a place nothing stays
An object of which some member is named is the vendor's: its names, numbers and truths stay. Any other object is
somebody's data, its names veiled and its numbers zero, also where it is JSON within a text. A veiled text says how long it was, to a power
of two, and in a body by a keyed digest whether it was the same as another: a conversation is known by what it has said before.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from hexr_autoinst.dissect import form, quoted, veil_raw
from hexr_autoinst.dissect.lenient import WORD, parse, parse_cut
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response
from hexr_autoinst.model.sample import SHORTEST

Kept = tuple[str, ...]
Tree = dict[str, "Tree"]  # a place named itself has the member "", or the sign behind it
_SIGNS: Final = "!#^~@"
_ENDS: Final = frozenset({"", *_SIGNS})
_DOT: Final = re.compile(r"(?<!\\)\.")
_NO_MEMBER: Final = "/?=@<>"
_ORIGIN: Final = re.compile(
    r"(?i:https?)://(?:[^/?#@\\\s]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:@\\\s\[\]]{1,253})(?![^/?#:\\\s])"
)
MARK: Final = "~"
_SHORTEST: Final = 16  # `yes` and `no` are of one length
_ANY_TEXT: Final = 1024
_KEY: Final = 64
_DEEP: Final = 64
_LONGEST: Final = 400_000  # a recording's fact holds two bodies
_URL: Final = 4096
_DIGEST: Final = 8
_BRIEF: Final = 3
# What HTTP itself says with these names is never content (RFC 9110, W3C Trace Context), nor gRPC's code and encoding.
_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date", "expect", "grpc-encoding", "grpc-status",
     "host", "retry-after", "server", "traceparent", "tracestate", "transfer-encoding", "upgrade", "user-agent", ":protocol"}
)  # fmt: skip


def veiled(exchange: Exchange, kept: Kept | None, seal: bytes = b"") -> Exchange:
    """The exchange without content; of one that nobody reads (None), neither path nor bodies. `seal`: the key of digests."""
    hand = _Hand(kept or (), seal, nobody=kept is None)
    answer = exchange.response and hand.response(exchange.response)
    return replace(exchange, request=hand.request(exchange.request), response=answer)


def veiled_frame(frame: Frame, kept: Kept, nested: tuple[str, ...] | None = None, seal: bytes = b"") -> Frame:
    """A frame without content. Its event's name is the framing's. Of a piece of another framing stay the texts that it made whole."""
    hand = _Hand(kept, seal)
    if frame.kind == "ws" and frame.event == "close":  # its code is the framing's
        code, _, reason = frame.data.partition(" ")
        return replace(frame, data=f"{code} {_mark(reason)}".strip())
    if frame.kind == "resp":
        said = parse(frame.data)
        veil = hand.command(said) if frame.side == "request" else _counts(said)
        return replace(frame, data=_mark(frame.data) if veil is None else _dumped(veil))
    if f"@{frame.event}" in kept and len(frame.data) <= _URL and not any(c.isspace() for c in frame.data):
        return replace(frame, raw=b"")
    said = hand.text(frame.data) if nested is None else "".join(f"{hand.text(n)}\n" for n in nested)
    raw = veil_raw.pruned(frame.raw, _numbered(kept, "<" if frame.side == "request" else ">"))
    return replace(frame, event=_word(frame.event), data=said[:_LONGEST], raw=raw)


@dataclass(frozen=True, slots=True)
class _Hand:
    """What veils one message. `nobody`: nobody reads it."""

    kept: Kept
    seal: bytes
    nobody: bool = False

    def request(self, request: Request) -> Request:
        path = request.path if "/" in self.kept else "/".join(MARK if p else "" for p in request.path.split("/"))  # fmt: skip
        query = frozenset(k[1:] for k in self.kept if k[0] == "?")
        return replace(
            request,
            path=path,
            query="&".join(_pairs(request.query, query)),
            headers=self.headers(request.headers),
            body=self.body(request.body, request.headers),
        )

    def response(self, response: Response) -> Response:
        return replace(
            response,
            headers=self.headers(response.headers),
            body=self.body(response.body, response.headers),
            trailers=self.headers(response.trailers),
        )

    def headers(self, headers: Headers) -> Headers:
        stay = {k[:-1].lower() for k in self.kept if k[-1] == ":"} | _HEADERS
        numbered = _headers_in_bytes(self.kept)
        fields = []
        for name, value in headers.fields:
            low = name.lower()
            within = numbered.get(low)
            veil = veil_raw.pruned_text(value, within) if within else _mark(value)
            fields.append((name, value if low in stay else veil))
        return Headers(tuple(fields))

    def body(self, data: bytes, headers: Headers) -> bytes:
        if self.nobody:
            return b""
        kind = headers.get("content-type")
        if form.is_form(kind):
            veil = self.value(form.fields(kind, data) or {}, _tree(self.kept), 0)
            return form.body(kind, veil)[:_LONGEST]
        if kind.lower().startswith("application/x-www-form-urlencoded"):
            return "&".join(_pairs(data.decode("utf-8", "replace"), frozenset(self.kept))).encode()[:_LONGEST]
        return self.text(data).encode()[:_LONGEST]

    def text(self, said: str | bytes) -> str:
        """JSON as veiled JSON, cut JSON as what is whole in it, cut again; anything else as its mark."""
        whole = said if isinstance(said, str) else said.decode("utf-8", "replace")
        if not whole or f"={whole.strip()}" in self.kept:
            return whole
        if whole.lstrip()[:1] == "<" and (
            names := [k[1:-1] for k in self.kept if k[0] == "<" and k[-1] == ">"]
        ):
            return "".join(_elements(whole, names)) or _mark(whole)
        tree = _tree(self.kept)
        if (value := parse(said)) is not None:
            return _dumped(self.value(value, tree, 0))
        if (value := parse_cut(whole.encode("utf-8", "replace"))) is not None:
            veil = self.value(value, tree, 0)
            cut = _dumped(veil)[:-1] + " "
            if parse(cut) is None and parse_cut(cut.encode()) == veil:
                return cut
        return _mark(whole)

    def value(self, value: Any, tree: Tree | None, depth: int, *, stays: bool = False) -> Any:
        """A JSON value at a place. `stays`: a number here is the vendor's."""
        if depth > _DEEP or value is None:
            return None
        if tree is not None and "^" in tree and value:
            return self.told_apart(value)
        if isinstance(value, dict):
            known = tree is not None and ("~" in tree or not tree.keys() <= _ENDS)
            return dict(self.members(value, tree if known else None, depth + 1))
        if isinstance(value, list):
            named = tree is not None and ("" in tree or "!" in tree)
            return [self.value(v, tree, depth + 1, stays=named) for v in value]
        if isinstance(value, str):
            return self.string(value, tree or {}, depth)
        return value if stays else type(value)(0)

    def members(self, value: dict[str, Any], tree: Tree | None, depth: int) -> Iterator[tuple[str, Any]]:
        """`~`: names stay to the length that they are told in; a number only where it is named itself."""
        names = tree is not None and "~" in tree
        for number, (name, inner) in enumerate(value.items()):
            if tree is None or (len(name) > _KEY and not names):
                yield f"{MARK}{number}", self.value(inner, None, depth)
            else:
                below = _below(tree, name) if name not in _ENDS else None
                yield name[: _KEY + 1], self.value(inner, below, depth, stays=not names or name in tree)

    def string(self, text: str, tree: Tree, depth: int) -> str:
        """A text at a place. JSON within one, as a call's arguments are, is veiled as such."""
        if "!" in tree:
            return text[: _ANY_TEXT + 1]  # an id that is too long to be one stays too long
        if "#" in tree:
            return MARK * len(text)
        if "@" in tree and (origin := _ORIGIN.match(text)):
            return f"http://{origin[1]}/"
        if "" in tree:
            word = _word(text)
            return word if word == text else self.mark(text)
        inner = parse(text) if text[:1] == "{" and depth <= _DEEP else None
        return _dumped(self.value(inner, None, depth + 1)) if isinstance(inner, dict) else self.mark(text)

    def mark(self, text: str) -> str:
        return mark(text, self.seal)

    def command(self, said: Any) -> list[Any] | None:
        """Of a command of RESP its name and its numbers, which are no values (see `wire.framing.commands`)."""
        if not isinstance(said, list):
            return None
        return [v if n == 0 or isinstance(v, int) else self.value(v, None, 0) for n, v in enumerate(said)]

    def told_apart(self, value: Any) -> str:
        said = json.dumps(value, sort_keys=True).encode()
        return blake2b(said, digest_size=16, key=self.seal).hexdigest()


def _pairs(text: str, stay: frozenset[str]) -> Iterator[str]:
    for pair in text.split("&") if text else ():
        name, equals, value = pair.partition("=")
        yield f"{name}{equals}{value if name in stay else _mark(value)}"


def _elements(text: str, names: list[str]) -> Iterator[str]:
    """Of XML the words of the elements that are named."""
    for found in re.finditer(r"<(\w{1,64})>([^<>\s]{1,256})</", text):
        if found[1] in names:
            yield f"<{found[1]}>{found[2]}</{found[1]}>"


def _counts(value: Any) -> Any:
    """Of an answer of RESP no number; of its texts there are but codes and lengths."""
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
        if place[0] in _NO_MEMBER or ":" in place:
            continue
        node = root
        for name in _DOT.split(place.rstrip(_SIGNS)):
            node = node.setdefault(name.replace("\\.", "."), {})
        node[place[-1] if place[-1] in _SIGNS else ""] = {}
    return root


@lru_cache(maxsize=256)
def _numbered(kept: Kept, sign: str) -> veil_raw.Numbers:
    return veil_raw.numbers(place[1:] for place in kept if place[0] == sign and place[-1] != ">")


@lru_cache(maxsize=256)
def _headers_in_bytes(kept: Kept) -> dict[str, veil_raw.Numbers]:
    pairs = [p.partition(":") for p in kept if ":" in p[:-1]]
    return {
        name.lower(): veil_raw.numbers(n for other, _, n in pairs if other == name) for name, _, _ in pairs
    }


def _below(tree: Tree, name: str) -> Tree | None:
    """What is named of this member: by its own name and by `*`."""
    own, other = tree.get(name), tree.get("*")
    return own if other is None else other if own is None else _both(own, other)


def _both(one: Tree, other: Tree) -> Tree:
    return {
        k: _both(one[k], other[k]) if k in one and k in other else one.get(k) or other.get(k, {})
        for k in {**one, **other}
    }


def _word(text: str) -> str:
    return text if len(text) <= WORD and not any(c.isspace() for c in text) else _mark(text)


def mark(text: str, seal: bytes) -> str:
    """What stands for a text. Of one that is too short to be recognized elsewhere the mark is so as well (`model.sample`)."""
    if not text or not seal:
        return _mark(text)
    size = _DIGEST if len(text) >= SHORTEST else _BRIEF
    text = text.strip() or text
    said = text.encode("utf-8", "surrogatepass")
    told = "".join(f" 'id': '{id_}'" for id_ in quoted.ids(text))
    return f"{_mark(text)} {blake2b(said, digest_size=size, key=seal).hexdigest()}{told}"


def is_veiled(text: str) -> bool:
    """Whether a text was taken out: what it was is not known any more."""
    sign, _, rest = text.partition(" ")
    return sign == MARK and rest.partition(" ")[0].isdecimal()


def _mark(text: str) -> str:
    """The white space in it makes it no word, as the text it stands for most often is none."""
    return f"{MARK} {max(_SHORTEST, 1 << (len(text) - 1).bit_length())}" if text else ""
