"""Facts as plain lists and back: the one spelling used on sockets and in recordings. No IO, no msgpack here.

A fact is `[tag, *fields]` in field order; nested tuples become lists. `decode` trusts nothing: a
list that is no fact raises ValueError, never another error.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType, UnionType
from typing import Any, Final, Literal, get_args, get_origin

from hexr_autoinst.model import facts as f

VERSION: Final = 1
_TYPES: Final = (
    f.Process, f.Exited, f.Opened, f.Closed, f.Handshake, f.Health, f.Chunk,
    f.Head, f.Data, f.End, f.Lost, f.Tick,
)  # fmt: skip
_TAGS: Final[dict[type, int]] = {kind: tag for tag, kind in enumerate(_TYPES)}
_NAMES: Final[dict[type, tuple[str, ...]]] = {kind: tuple(x.name for x in fields(kind)) for kind in _TYPES}
# Fields with a default may be left out at the end: older recordings know fewer.
_LEAST: Final = {
    kind: sum(x.default is MISSING and x.default_factory is MISSING for x in fields(kind)) for kind in _TYPES
}


def _key(value: Any) -> f.Key | None:
    return None if value is None else f.Key(int(value[0]), int(value[1]))


def _address(value: Any) -> f.Address | None:
    return None if value is None else f.Address(str(value[0]), int(value[1]))


def _conn(value: Any) -> Any:
    if isinstance(value, str):
        return value
    key = _key(value[0])
    if key is None:
        raise ValueError("a connection without a process")
    return f.Conn(key, int(value[1]), int(value[2]))


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(k), str(v)) for k, v in value)


_REBUILD: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "key": _key,
        "parent": _key,
        "local": _address,
        "peer": _address,
        "conn": _conn,
        "headers": _pairs,
        "trailers": _pairs,
        "args": lambda v: tuple(str(x) for x in v),
        "hints": lambda v: tuple(str(x) for x in v),
        "env": lambda v: {str(k): str(x) for k, x in v.items()},
        "data": bytes,
    }
)


def _expected(annotation: Any) -> tuple[type, ...]:
    """The plain types that a field may hold: those of its annotation, text for a Literal."""
    if get_origin(annotation) is Literal:
        return (str,)
    if get_origin(annotation) is UnionType:
        return tuple(t for part in get_args(annotation) for t in _expected(part))
    return (annotation,) if isinstance(annotation, type) else ()


_PLAIN: Final[dict[tuple[type, str], tuple[type, ...]]] = {
    (kind, x.name): _expected(x.type) for kind in _TYPES for x in fields(kind) if x.name not in _REBUILD
}


def encode(fact: f.Fact) -> list[Any]:
    """The plain list of a fact. Exchanged has none: veiled recordings have a format of their own."""
    kind = type(fact)
    if kind not in _TAGS:
        raise ValueError(f"{kind.__name__} has no wire form")
    return [_TAGS[kind], *(getattr(fact, name) for name in _NAMES[kind])]


def decode(plain: Any) -> f.Fact:
    """The fact of a plain list; ValueError if it is none."""
    try:
        kind = _TYPES[plain[0]]
        names = _NAMES[kind]
        if not _LEAST[kind] < len(plain) <= len(names) + 1:
            raise ValueError(f"{kind.__name__} has {len(names)} fields, not {len(plain) - 1}")
        values = {
            name: _REBUILD[name](value) if name in _REBUILD else _plain(kind, name, value)
            for name, value in zip(names, plain[1:], strict=False)
        }
        fact: f.Fact = kind(**values)
        return fact
    except (TypeError, IndexError, KeyError, AttributeError) as error:
        raise ValueError(f"not a fact: {error}") from error


def _plain(kind: type, name: str, value: Any) -> Any:
    if type(value) not in _PLAIN[kind, name]:
        raise ValueError(f"{kind.__name__}.{name} cannot be {type(value).__name__}")
    return value
