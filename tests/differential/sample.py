"""Values of an SDK's own types, as the JSON that its server would send: every member, only the needed ones, or null where that is allowed.

One round takes one variant of each union and of each enumeration, the next round the next one, so that as many rounds as the
largest of them has variants meet all. A list of a union has each of its variants.
"""

import datetime
import enum
import inspect
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from typing_extensions import TypeAliasType, is_typeddict

FULL, BARE, NULL = "full", "bare", "null"
DEEPEST = 9


@dataclass(slots=True)
class Sampler:
    """`way`: which members that need not be there are. `round`: which variant of each choice is taken."""

    way: str = FULL
    round: int = 0
    every: bool = True
    count: int = 0
    open: list[Any] = field(default_factory=list)
    widest: int = 1

    def model(self, kind: Any, **fixed: Any) -> dict[str, Any]:
        """A value of a model, some members given."""
        return {**self._model(kind), **fixed}

    def value(self, kind: Any, name: str = "") -> Any:
        """A value of any annotation."""
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if hasattr(kind, "__supertype__"):
            return self.value(kind.__supertype__, name)
        if origin is typing.Annotated or origin in (typing.Required, typing.NotRequired):
            return self.value(args[0], name)
        if isinstance(kind, TypeAliasType):
            return self.value(kind.__value__, name)
        if isinstance(origin, TypeAliasType):
            return self.value(origin.__value__[args], name)
        if origin is Literal:
            return self._pick(args)
        if origin in (Union, types.UnionType):
            return self._union(args, name)
        if origin in (list, set, frozenset, tuple) or getattr(origin, "__name__", "") in (
            "Sequence",
            "Iterable",
        ):
            return self._list(args[0] if args else str, name)
        if origin is dict or kind is dict or getattr(origin, "__name__", "") == "Mapping":
            return {"some": self.value(args[1], "value") if len(args) > 1 else "value"}
        if inspect.isclass(kind):
            return self._class(kind, name)
        return "any"

    def _class(self, kind: Any, name: str) -> Any:
        if hasattr(kind, "model_fields") or is_typeddict(kind):
            return self._model(kind)
        if issubclass(kind, enum.Enum):
            return self._pick([e.value for e in kind])
        if issubclass(kind, bool):
            return self.round % 2 == 0
        if issubclass(kind, int):
            self.count += 1
            return self.count
        if issubclass(kind, float):
            self.count += 1
            return 1 / (self.count + 1)  # many are shares
        if issubclass(kind, datetime.datetime):
            return "2026-01-02T03:04:05Z"
        if issubclass(kind, bytes):
            return "aGk="
        if issubclass(kind, str) or kind is object:
            self.count += 1
            return f"{name or 'text'}_{self.count}"
        if issubclass(kind, list | dict):
            return kind()
        return "any"

    def _pick(self, variants: Any) -> Any:
        self.widest = max(self.widest, len(variants))
        return variants[self.round % len(variants)]

    def _union(self, args: Any, name: str) -> Any:
        real = [a for a in args if a is not type(None) and not _open(a)] or list(args)
        if len(real) < len(args) and self.way == NULL:
            return None
        return self.value(self._pick(real), name)

    def _list(self, kind: Any, name: str) -> list[Any]:
        if self.way == BARE and not self.every:
            return []
        variants = self._variants(kind)
        if self.every and len(variants) > 1:
            return [self.value(v, name) for v in variants]
        return [self.value(kind, name)]

    def _variants(self, kind: Any) -> list[Any]:
        while True:
            if typing.get_origin(kind) is typing.Annotated:
                kind = typing.get_args(kind)[0]
            elif isinstance(kind, TypeAliasType):
                kind = kind.__value__
            else:
                break
        found = (
            [a for a in typing.get_args(kind) if not _open(a)]
            if typing.get_origin(kind) in (Union, types.UnionType)
            else (kind,)
        )
        return [v for one in found for v in ([one] if one is kind else self._variants(one))]

    def _model(self, kind: Any) -> dict[str, Any]:
        if self.open.count(kind) > 1 or len(self.open) > DEEPEST:
            return {}
        self.open.append(kind)
        try:
            return dict(self._members(kind))
        finally:
            self.open.pop()

    def _members(self, kind: Any) -> Any:
        if is_typeddict(kind):
            for name, hint in typing.get_type_hints(kind, include_extras=True).items():
                if name in kind.__required_keys__ or self.way != BARE:
                    yield name, self.value(hint, name)
            return
        for name, about in kind.model_fields.items():
            key = about.serialization_alias or about.alias or name
            if (
                about.is_required()
                or self.way == FULL
                or (self.way == NULL and _nullable(about.annotation))
                or _constant(about.annotation)
                or (key == "type" and self.way == BARE)
            ):
                yield key, self.value(about.annotation, name)


def _bare(kind: Any) -> Any:
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    return kind


def _nullable(kind: Any) -> bool:
    return type(None) in typing.get_args(kind)


def _open(kind: Any) -> bool:
    """What an SDK has in a union for variants that it does not know."""
    name = str(getattr(kind, "__name__", kind))
    return kind is Any or name == "Unset" or "Unknown" in name or "Unrecognized" in name


def _constant(kind: Any) -> bool:
    """A word that tells the variants of a union apart, whatever its default."""
    kind = _bare(kind)
    return typing.get_origin(kind) is Literal and len(typing.get_args(kind)) == 1
