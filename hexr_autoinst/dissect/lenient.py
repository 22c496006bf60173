"""Reading JSON whose shape nobody promised: each reader answers a plain bounded value or nothing, and never raises.

Text may come with lone surrogates (RFC 8259 §8.2) that no exporter can encode, numbers may not
fit the 64 bits of an OTLP integer, and a body that was cut is still worth its beginning.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

WORD: Final = 256  # characters of a name or an id; the longest seen in the wild are ARNs of about 150
_INT64: Final = 1 << 63
_EXACT: Final = 1 << 53
_REPAIRABLE: Final = 4 << 20  # characters of a cut body that are worth a scan in Python
# The second kind is a text that the cut left open: brackets in it are no brackets.
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<cut>".*)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_CLOSER: Final = {"{": "}", "[": "]"}


def parse(text: str | bytes) -> Any:
    """The JSON value of a text; None if it is none."""
    try:
        return orjson.loads(text)
    except (
        ValueError
    ):  # orjson is strict (no NaN, no lone surrogates): what it refuses may still be what Python reads
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # bad UTF-8 is a ValueError too
        return None


def parse_cut(text: bytes) -> Any:
    """The JSON value of a text that may have been cut: what is whole in it. None if that is nothing."""
    value = parse(text)
    if value is None and text.lstrip()[:1] in (b"{", b"["):
        value = parse(_closed(text[:_REPAIRABLE].decode("utf-8", "replace")))
    return value


def _closed(text: str) -> str:
    """`text` up to its last whole member or element, with the brackets that are open there closed."""
    stack: list[str] = []  # every change of it moves `end` too, so at last it is the stack at `end`
    end = 0
    after_key = False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if token.lastgroup == "cut":
            break
        if word in _CLOSER:
            stack.append(_CLOSER[word])
            end = token.end()
        elif word in "}]":
            if not stack or stack[-1] != word:
                break
            stack.pop()
            end = token.end()
        elif word == ":":
            after_key = True
            continue
        elif word != "," and (after_key or (stack and stack[-1] == "]")) and _whole(word, token.end(), text):
            end = token.end()
        after_key = False
    return text[:end] + "".join(reversed(stack))


def _whole(word: str, end: int, text: str) -> bool:
    """Whether a value is not itself the cut: a text has its quote, a number has something behind it."""
    return (
        word[0] == '"' or (end < len(text) and parse(word) is not None) or word in ("true", "false", "null")
    )


def mapping(value: Any, *keys: str) -> dict[str, Any]:
    """The object at `keys` inside `value`; empty if there is none."""
    for key in keys:
        if not isinstance(value, dict):
            return {}
        value = value.get(key)
    return value if isinstance(value, dict) else {}


def elements(value: Any, most: int = 10_000) -> list[Any]:
    """The first `most` elements of a list; empty if it is none."""
    return value[:most] if isinstance(value, list) else []


def objects(value: Any, most: int = 10_000) -> Iterator[dict[str, Any]]:
    """The objects among the first `most` elements of a list."""
    return iter([v for v in value[:most] if isinstance(v, dict)] if isinstance(value, list) else ())


def clean(text: str, most: int) -> str:
    """At most `most` characters, each of which can be encoded."""
    if len(text) <= most and text.isascii():  # which is known without a look at each
        return text
    return text[:most].encode("utf-8", "replace").decode()


def text(value: Any, most: int = WORD) -> str | None:
    """A text that is not empty, cut at `most` characters."""
    if not isinstance(value, str) or not value:
        return None
    return value if len(value) <= most and value.isascii() else clean(value, most)


def word(value: Any) -> str | None:
    """A text, or a number as text: enumerations and error codes come as either."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _INT64:
        return str(value)
    return text(value)


def integer(value: Any) -> int | None:
    """A count: a whole number from 0 that fits in 64 bits."""
    if value is None:  # most members that are asked for are not there
        return None
    if type(value) is int and value >= 0:  # and most that are there are that
        return value if value < _INT64 else None
    number = signed(value)
    return number if number is not None and number >= 0 else None


def signed(value: Any) -> int | None:
    """A whole number that fits in 64 bits. A float beyond 2^53 may be a larger integer, rounded: it is none."""
    if isinstance(value, float) and abs(value) <= _EXACT and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        return None
    return value


def number(value: Any) -> float | None:
    """A finite number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def words(value: Any, most: int) -> tuple[str, ...]:
    """A text or a list of texts, as a tuple."""
    if value is None:
        return ()
    found = (text(v) for v in ([value] if isinstance(value, str) else elements(value, most)))
    return tuple(v for v in found if v is not None)
