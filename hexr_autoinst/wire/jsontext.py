"""JSON as text: where strings and values end, and how a string is cut without leaving half of an escape or of a secret.

Every pattern is possessive: a match costs its length once, whatever the bytes (RFC 8259 is the grammar).
"""

import re
from typing import Final

# Written as ranges, three or more: such a class becomes a bitmap, four times as fast as a negated pair.
_PLAIN: Final = rb"[\x00-!#-\[\]-\xff]"
_IN: Final = _PLAIN + rb"*+(?:\\." + _PLAIN + rb"*+)*+"
_STRING: Final = rb'"' + _IN + rb'"'
_FLAT: Final = rb"[\x00-!#-Z\\^-z|~-\xff]++|" + _STRING
_DEEP: Final = 6

# From within a string to its quote, or as far as the bytes go (a lone backslash at their end is left).
INSIDE: Final = re.compile(_IN, re.DOTALL)
SPACE: Final = re.compile(rb"[ \t\r\n]*+")
# What may stand in a string; the escapes of RFC 8259 section 7.
_TEXT: Final = re.compile(rb'(?:[ !#-\[\]-\xff]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+')
# A word that a cut may have halved. No token, password or address goes on over a space or a letter beyond ASCII.
_LONGEST: Final = 16 << 10  # bytes of a token: servers refuse longer header fields
_WORD: Final = re.compile(rb"[!#-\[\]-~]*+")
_HALF_ESCAPE: Final = re.compile(rb"(?<!\\)(?:\\\\)*+(\\)\Z")
_HALF_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9A-Fa-f]{2}\Z")  # of a surrogate pair


def _nested(depth: int) -> bytes:
    inner = _FLAT if depth == 0 else _FLAT + rb"|" + _nested(depth - 1)
    return rb"[\[{](?:" + inner + rb")*+[\]}]"


# An object, an array or a string as a whole, its brackets balanced, nested as deep as people nest.
_WHOLE: Final = _STRING + rb"|" + _nested(_DEEP)
WHOLE: Final = re.compile(_WHOLE, re.DOTALL)

# A member with its comma, an element (no number) with its comma; and MANY of them.
MANY: Final = 64
_S: Final = rb"[ \t\r\n]*+"
_MEMBER: Final = (
    _S + b"(" + _STRING + b")" + _S + b":" + _S + b"(" + _WHOLE + rb"|[-+.0-9A-Za-z]++)" + _S + b","
)
_ELEMENT: Final = _S + b"()(" + _WHOLE + rb"|[A-Za-z]++)" + _S + b","
MEMBER, ELEMENT = re.compile(_MEMBER, re.DOTALL), re.compile(_ELEMENT, re.DOTALL)
MEMBERS, ELEMENTS = (
    re.compile(b"(?:%s){%d}+" % (one.replace(b'("', b'(?:"').replace(b"()", b""), MANY), re.DOTALL)
    for one in (_MEMBER, _ELEMENT)
)


def snip(text: bytes) -> bytes:
    """A text that goes on where it was cut, without the word that the cut is in: it may be half a secret."""
    half = _WORD.match(text[: -_LONGEST - 1 : -1])
    cut = text[: len(text) - half.end()] if half else text
    return cut.decode("utf-8", "ignore").encode()


def snip_string(text: bytes) -> bytes:
    """The same for the inside of a JSON string."""
    cut = snip(text)
    if half := _HALF_ESCAPE.search(cut):
        cut = cut[: half.start(1)]
    return _HALF_PAIR.sub(b"", cut)


def is_string(text: bytes) -> bool:
    """Whether this may stand between two quotes."""
    return _TEXT.fullmatch(text) is not None
