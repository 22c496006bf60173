"""What is remembered of WebDriver sessions between their exchanges: each is many, on any number of connections. Bounded by the memory.

A memory is one plane's view of one process, so that two views of a session are two halves of one call, and none counts twice.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from hexr_autoinst.dissect.effects.browsing import Browsing
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.exchange import Exchange

_OPEN: Final = "effects.browser.sessions"
_DRIVERS: Final = "effects.browser.drivers"
_ID: Final = re.compile(r"(?P<prefix>.*)/session/(?P<id>[^/]{1,256})(?P<command>(?:/.*)?)")
_LOOKED_AT: Final = 1024  # characters of a path, from its end
_Key = tuple[Any, ...]


@dataclass(slots=True)
class Session:
    """One session. `exchange`: the one that has opened it. `over`: what comes for it now comes too late."""

    exchange: Exchange
    browsing: Browsing
    over: bool = False


def parts(path: str) -> re.Match[str] | None:
    """A path within a session: `prefix`, `id` and `command`, which begins with a slash or is empty."""
    return _ID.fullmatch(path[-_LOOKED_AT:])


def key(exchange: Exchange, id_: str) -> _Key:
    """What a session is known by: its id, whatever name of the driver's host a connection was made by."""
    return (exchange.source, exchange.role, exchange.key, id_)


def put(memory: Memory, id_: str, session: Session) -> None:
    """A session is open."""
    memory.book(_OPEN).put(key(session.exchange, id_), session)


def get(memory: Memory, exchange: Exchange, id_: str) -> Session | None:
    """The session that is asked."""
    found: Session | None = memory.book(_OPEN).get(key(exchange, id_))
    return found


def find(memory: Memory, exchange: Exchange, path: str) -> Browsing | None:
    """The session whose second door, a WebSocket, this is; None where it was not seen to open."""
    match = parts(path)
    found = get(memory, exchange, match["id"]) if match else None
    return found.browsing if found is not None else None


def serves(memory: Memory, exchange: Exchange) -> None:
    """Whoever is asked for a browser is a driver, and connects to it."""
    if exchange.role == "server" and exchange.key:
        memory.book(_DRIVERS).put(exchange.key, True)


def is_drivers(memory: Memory, exchange: Exchange) -> bool:
    """Whether a browser's socket is opened by a driver, for a session that is told already."""
    return exchange.key is not None and bool(memory.book(_DRIVERS).get(exchange.key))
