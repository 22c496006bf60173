"""What was heard as plain lists and back, by the types' own annotations: a veiled recording's spelling. No IO.

A value is the list of its fields in order, a `Heard` its name before them. `heard_of` trusts nothing: what is
none raises ValueError.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin

from hexr_autoinst.model.exchange import Asked, Ended, Heard, Said, Skipped

_HEARD: Final = {kind.__name__: kind for kind in (Asked, Said, Ended, Skipped)}


def plain(heard: object) -> list[Any]:
    """The plain list of a `Heard`."""
    if type(heard).__name__ not in _HEARD:
        raise ValueError(f"{type(heard).__name__} was not heard")
    return [type(heard).__name__, *_plain(heard)]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return [_plain(getattr(value, f.name)) for f in fields(value) if f.init]
    return [_plain(v) for v in value] if isinstance(value, tuple) else value


def heard_of(value: Any) -> Heard:
    """The `Heard` of a plain list; ValueError if it is none."""
    if not isinstance(value, list) or not value or value[0] not in _HEARD:
        raise ValueError("nothing that was heard")
    heard: Heard = _rebuilt(_HEARD[value[0]], value[1:])
    return heard


def _rebuilt(kind: Any, value: Any) -> Any:
    """The value of that type; ValueError where the plain value cannot be one."""
    origin = get_origin(kind)
    for fits, made in _MAKERS:
        if fits(kind, origin):
            return made(kind, value)
    if type(value) is not kind:
        raise ValueError(f"{kind} cannot be {type(value).__name__}")
    return value


def _union(kind: Any, value: Any) -> Any:
    for one in get_args(kind):
        try:
            return _rebuilt(one, value)
        except ValueError:
            continue
    raise ValueError(f"{kind} cannot be {type(value).__name__}")


def _fields(kind: Any, value: Any) -> Any:
    types = (
        [f.type for f in fields(kind) if f.init]
        if is_dataclass(kind)
        else list(kind.__annotations__.values())
    )
    if not isinstance(value, list) or len(value) != len(types):
        raise ValueError(f"{kind.__name__} has {len(types)} fields")
    return kind(*(_rebuilt(t, v) for t, v in zip(types, value, strict=True)))


def _tuple(kind: Any, value: Any) -> Any:
    of = get_args(kind)
    if not isinstance(value, list) or (of[-1] is not ... and len(of) != len(value)):
        raise ValueError(f"{kind} is a list")
    return tuple(_rebuilt(of[0] if of[-1] is ... else of[n], v) for n, v in enumerate(value))


def _literal(kind: Any, value: Any) -> Any:
    if value not in get_args(kind):
        raise ValueError(f"{kind} cannot be {value!r:.40}")
    return value


def _nothing(kind: Any, value: Any) -> None:
    if value is not None:
        raise ValueError(f"{kind} cannot be {type(value).__name__}")


_MAKERS: Final[tuple[tuple[Callable[[Any, Any], bool], Callable[[Any, Any], Any]], ...]] = (
    (lambda _, origin: origin is UnionType, _union),
    (lambda _, origin: origin is tuple, _tuple),
    (lambda _, origin: origin is Literal, _literal),
    (lambda kind, _: kind is NoneType or kind is None, _nothing),
    (lambda kind, _: is_dataclass(kind) or hasattr(kind, "_fields"), _fields),
)
