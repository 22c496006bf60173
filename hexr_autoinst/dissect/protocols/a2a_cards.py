"""Who an agent is stands in its card alone: fetched once, remembered under every address that it lists. The longest path wins.

https://a2a-protocol.org/latest/specification/#agent-discovery. A card that changed nothing (304) has no body: the old entry stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from hexr_autoinst.dissect.lenient import mapping, objects, text
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.exchange import Request

CARD_PATH: Final = re.compile(r"(?P<base>.*)/\.well-known/agent(?:-card)?\.json")
_BOOK: Final = "a2a.cards"
_MOST: Final = 64  # interfaces of a card, and paths under one authority
_URL: Final = 1024
_PORTS: Final = {"https": 443, "http": 80}
Authority = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says of the agent at one of its addresses. `binding`: how it is spoken to there."""

    name: str
    version: str | None = None
    protocol: str | None = None
    binding: str | None = None


def is_card(value: Any) -> bool:
    """Whether a JSON value is an agent's card."""
    said = mapping(value)
    listed = any(
        k in said for k in ("supportedInterfaces", "url", "additionalInterfaces", "skills", "capabilities")
    )
    return text(said.get("name")) is not None and listed


def remember(memory: Memory, request: Request, value: Any) -> None:
    """A card was fetched with this request: from now on its addresses have a name."""
    if not is_card(value):
        return
    card = mapping(value)
    name, version = text(card.get("name")) or "", text(card.get("version"))
    protocol = text(card.get("protocolVersion"), 64)
    found = CARD_PATH.fullmatch(request.path.rstrip("/"))
    if found:  # an agent's card stands at the root of what the agent serves
        _put(memory, authority_of(request), found["base"], Card(name, version, protocol))
    for address, path, interface in _addresses(card):
        said = text(interface.get("protocolVersion"), 64) or protocol
        binding = text(interface.get("protocolBinding"), 64) or text(interface.get("transport"), 64)
        _put(memory, address, path, Card(name, version, said, binding))


def _addresses(card: dict[str, Any]) -> Iterator[tuple[Authority, str, dict[str, Any]]]:
    interfaces = [
        *objects(card.get("supportedInterfaces"), _MOST),
        {"url": card.get("url"), "transport": card.get("preferredTransport")},
        *objects(card.get("additionalInterfaces"), _MOST),
    ]
    for one in interfaces:
        url = text(one.get("url"), _URL)
        if url is None:
            continue
        try:
            parts = urlsplit(url if "//" in url else f"//{url}")  # gRPC's are a host and a port
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            continue
        if parts.hostname:
            yield (parts.hostname.lower(), port), parts.path, one


def authority_of(request: Request) -> Authority:
    """Host and port of a request; the scheme's port where none is said."""
    return request.host.lower(), request.port or _PORTS.get(request.scheme, 0)


def _put(memory: Memory, address: Authority, path: str, card: Card) -> None:
    book = memory.book(_BOOK)
    paths: dict[str, Card] = dict(book.get(address) or {})
    paths[path.rstrip("/")] = card
    book.put(address, dict(list(paths.items())[-_MOST:]))


def lookup(memory: Memory, request: Request) -> Card | None:
    """The card of whom a request goes to."""
    paths: dict[str, Card] = memory.book(_BOOK).get(authority_of(request)) or {}
    fitting = [p for p in paths if request.path == p or request.path.startswith(p + "/") or not p]
    return paths[max(fitting, key=len)] if fitting else None


def served_at(memory: Memory, request: Request) -> bool:
    """Whether a card lists this very address as one that JSON-RPC is posted to."""
    paths: dict[str, Card] = memory.book(_BOOK).get(authority_of(request)) or {}
    card = paths.get(request.path.rstrip("/"))
    return card is not None and (card.binding or "JSONRPC").upper() == "JSONRPC"
