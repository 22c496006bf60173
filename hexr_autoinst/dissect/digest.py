"""What stands for a value, so that the same is recognized elsewhere and nobody can read it: eight bytes, as for a text (`model.sample`). Bounded work for any size."""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

import orjson

from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.model.sample import SIZE, of_text
from hexr_autoinst.model.sample import of_words as _of_words

WORDS: Final = 8  # texts of one message or of one call's arguments that can be recognized
_SCALARS: Final = 4096  # of one message
_DEEP: Final = 32
LONGEST: Final = 64 << 10  # characters of arguments that are read as JSON

Texts = Iterable[str]


def of_words(texts: Texts) -> tuple[bytes, ...]:
    """Of the first few texts that are long enough."""
    return _of_words(texts, WORDS)


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
