"""Secrets that a text assigns: shell variables, flags, header lines, lists of a name and its value. Patterns alone.

As in `tokens`, the first group is kept before the mark, and no pattern takes a bare quote or half of an escape, so
JSON stays JSON. What is assigned from a variable (`$X`) holds no secret, and what is marked is marked once.
"""

import re
from typing import Final

from hexr_autoinst.wire.tokens import ESCAPED, MEMBER, NAME, NAMED, NAMES, STRING

_SCHEME: Final = rb"(?:(?i:basic|bearer|token|apikey|negotiate)(?: |%20)+)?"
# A quote that opens, escaped or not: behind one that closes a JSON text stands punctuation, white space or nothing.
# (No `?+` around a group here: where the group fails half-way, CPython 3.11 goes on from there; gh-106052.)
_OPEN: Final = rb"(?:\\*+[\"'](?=[^\s,:}\]\"'\\]))?"
_TEXT: Final = (
    rb"(?!" + _SCHEME + rb"\[redacted\]|=|(?<!')\$[A-Za-z_{(])"
    rb"(?:(?<=\")[^\"\\]++|(?<=')[^'\"\\]++|(?<![\"'])[^\s\"'\\&;|<>()]++)"
)

# With the look of each (see `looks`).
ASSIGNMENTS: Final = (
    (
        rb"(?i:cookie)'?: ?'?[\w.\-]+=",
        re.compile(rb"((?i:(?<!\w)(?:set-)?cookie)'?: ?'?(?=[\w.\-]{1,80}+=))[^\"'\\\r\n]++"),
    ),
    (
        NAME + rb"'? ?[=:]",
        re.compile(rb"(" + NAME + rb"'?(?: ?[=:] ?)" + _OPEN + _SCHEME + rb")" + _TEXT),
    ),
)
# After a flag a value follows an equals sign, a blank or, in a list of arguments, a quote, a comma and a quote;
# a colon behind it would make it the next member's name.
FLAG: Final = (
    rb"(?i:--[a-z0-9\-]*(?:" + NAMES + rb"|key|token|pass|auth))(?:[= ]|\\*\"[\s\x0b]*,)",
    re.compile(
    rb"(?<![\w\-])(--(?i:[a-z0-9\-]{0,40}?(?:" + NAMES + rb"|(?<=-)(?:key|token|pass|auth)))"
    rb"(?:=| ++|(?P<q>\\*+)\"\s*+,\s*+(?P=q)\")" + _OPEN + rb")(?!-)" + _TEXT + rb"(?!\\*+\"\s*+:)"
    ),
)  # fmt: skip


def _pairs(quote: bytes, value: bytes) -> tuple[bytes, bytes]:
    """`"name": N, "value": V` and `"value": V, "name": N`, at most three short members between them."""
    opening = rb'(?P<q>\\++)"' if quote != rb'"' else quote
    named = rb"(?i:name|key|header|field|variable|env)" + quote + rb"\s*+:\s*+" + quote + MEMBER + quote
    held = rb"(?i:value)" + quote + rb"\s*+:\s*+" + quote
    other = (
        quote
        + rb"\w{1,40}+"
        + quote
        + rb"\s*+:\s*+(?:"
        + quote
        + rb"[^\"\\]{0,200}+"
        + quote
        + rb"|\w{1,40}+)"
    )
    then = rb"(?:\s*+,\s*+" + other + rb"){0,3}?\s*+,\s*+" + quote
    return (
        rb"(" + opening + named + then + held + rb")" + value,
        rb"(" + opening + held + rb")" + value + rb"(?=" + quote + then + named + rb")",
    )


# A name and the word "value", in any order.
_PAIRED: Final = rb"(?s:" + NAMED + rb".*(?i:value)|(?i:value).*" + NAMED + rb")"
PAIRS: Final = tuple(
    (_PAIRED, re.compile(p, re.DOTALL)) for p in (*_pairs(rb'"', STRING), *_pairs(rb'(?P=q)"', ESCAPED))
)
