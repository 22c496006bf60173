"""All vendors together: who owns a host, and what a gateway's word for a vendor means."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hexr_autoinst.dissect.vendor import Vendor
    from hexr_autoinst.dissect.who import Tells

_REMEMBERED: Final = 4096
_WORDS: Final = re.compile(r"[^a-z0-9]+")


class Vendors:
    """The vendors, by name, host and alias."""

    def __init__(self, vendors: Iterable["Vendor"]) -> None:
        """Two vendors that claim one host or one alias are a mistake: ValueError."""
        self._by_name = {v.name: v for v in vendors}
        self._exact: dict[str, str] = {}
        self._below: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        self._aliases: dict[str, str] = {}
        for vendor in self._by_name.values():
            self._add(vendor)
        self.tellers: tuple[Tells, ...] = tuple(v.tells for v in self._by_name.values() if v.tells)
        self.kept: tuple[str, ...] = tuple(k for v in self._by_name.values() for k in v.kept)
        self.owner = lru_cache(maxsize=_REMEMBERED)(self._owner)

    def __iter__(self) -> Iterator["Vendor"]:
        """The vendors in the order of their names."""
        return iter(self._by_name.values())

    def named(self, name: str) -> "Vendor":
        """The vendor of that name; KeyError if there is none."""
        return self._by_name[name]

    def alias(self, word: str) -> str | None:
        """The provider that a gateway's word means (`vertex_ai`, `azure-openai`, `Google AI Studio`); None if unknown."""
        return self._aliases.get(_plain(word))

    def _owner(self, host: str) -> str | None:
        name = host.lower().rstrip(".")
        if name in self._exact:
            return self._exact[name]
        labels = name.split(".")
        for start in range(1, len(labels)):
            if owner := self._below.get(".".join(labels[start:])):
                return owner
        return next((owner for pattern, owner in self._patterns if pattern.fullmatch(name)), None)

    def _add(self, vendor: "Vendor") -> None:
        for host in vendor.hosts:
            if host.startswith("~"):
                self._patterns.append((re.compile(host[1:]), vendor.name))
            elif host.startswith("."):
                _once(self._below, host[1:], vendor.name)
            else:
                _once(self._exact, host, vendor.name)
        if vendor.provider:
            for word in {vendor.name, vendor.provider, *vendor.aliases}:
                _once(self._aliases, _plain(word), vendor.provider)


def _once(table: dict[str, str], key: str, value: str) -> None:
    if table.setdefault(key, value) != value:
        raise ValueError(f"{key} belongs to {table[key]} and to {value}")


def _plain(word: str) -> str:
    return _WORDS.sub("", word.lower())
