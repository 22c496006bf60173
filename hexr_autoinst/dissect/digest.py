"""What stands for a text, so that the same text is recognized elsewhere and nobody can read it: eight bytes. Bounded work for any length."""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

import orjson

from hexr_autoinst.dissect.lenient import parse

SIZE: Final = 8
LOOKED_AT: Final = 512  # characters of one text, half from each end; its length stands for the rest
WORDS: Final = 8  # texts of one message or of one call's arguments that can be recognized
_SHORTEST: Final = 12  # characters; `Oslo` may be said by anybody
_SCALARS: Final = 4096  # of one message
_DEEP: Final = 32
LONGEST: Final = 64 << 10  # characters of arguments that are read as JSON

Texts = Iterable[str]


def sample(text: str) -> bytes:
    """The text, or both its ends and its length."""
    if len(text) > LOOKED_AT:
        half = LOOKED_AT // 2
        text = f"{text[:half]}\0{len(text)}\0{text[-half:]}"
    return text.encode("utf-8", "surrogatepass")


def of_text(text: str) -> bytes:
    """Of one text, without the space around it."""
    return blake2b(sample(text.strip()), digest_size=SIZE).digest()


def of_words(texts: Texts) -> tuple[bytes, ...]:
    """Of each text that is long enough to be nobody else's, the first few."""
    found: dict[bytes, None] = {}
    for text in texts:
        if len(text) >= _SHORTEST and len(found) < WORDS:
            found[of_text(text)] = None
    return tuple(found)


def of_arguments(said: str) -> tuple[bytes, tuple[bytes, ...]]:
    """Of a call's arguments, however their JSON is written; and of the texts among them."""
    value = parse(said or "{}") if len(said) <= LONGEST else None
    if value is None:
        return of_text(said), ()
    return of_value(value), of_words(texts(value))


def of_value(value: Any) -> bytes:
    """Of a JSON value: the order of members makes no difference."""
    try:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (
        TypeError,
        ValueError,
    ):  # what only Python's own reader takes: NaN, lone surrogates, numbers of any length
        written = _written(value)
    return blake2b(written[:LONGEST], digest_size=SIZE).digest()


def _written(value: Any) -> bytes:
    try:
        return json.dumps(value, sort_keys=True).encode()
    except RecursionError:
        return b""


def texts(value: Any, aside: frozenset[str] = frozenset()) -> list[str]:
    """The texts and numbers in a value, in order. `aside`: members that are passed over."""
    found: list[str] = []
    _gather(value, aside, found, _DEEP)
    return found


def _gather(value: Any, aside: frozenset[str], found: list[str], depth: int) -> None:
    """Once for every node of every message of every request: as plain as it can be."""
    if depth <= 0 or len(found) >= _SCALARS:
        return
    if type(value) is dict:
        for name, one in value.items():
            if name in aside:
                continue
            if type(one) is str:
                found.append(one)
            elif one is not None:
                _gather(one, aside, found, depth - 1)
    elif type(value) is list:
        for one in value:
            _gather(one, aside, found, depth - 1)
    elif value is not None and type(value) is not bool:
        found.append(str(value))
