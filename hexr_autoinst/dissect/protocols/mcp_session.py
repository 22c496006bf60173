"""What two exchanges of one MCP session have in common: its revision, its open calls in either direction, and who waits for what.

Both ends count ids from 0 or 1 at once, so direction is part of a call's key; a client and a server on one host are two
sessions of one id, and so are two planes that see one call. An answer is paired where exactly one open call can be meant.
"""

from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.jsonrpc import Id, Message
from hexr_autoinst.dissect.protocols.mcp_call import Call
from hexr_autoinst.model.exchange import Exchange, Request

_MOST: Final = 1024  # calls that are open at once
_STATE: Final = 2048  # characters of a state that is remembered
_SESSIONS: Final = "mcp.sessions"
_CHAINS: Final = "mcp.chains"
Scope = tuple[object, ...]
_Key = tuple[bool, type, Id]


@dataclass(slots=True, eq=False)
class Session:
    """One session. `legacy`: answers come on the stream that the client fetched (HTTP+SSE of 2024-11-05); `streaming`: it is open."""

    version: str | None = None
    client: tuple[str | None, str | None] = (None, None)
    server: tuple[str | None, str | None] = (None, None)
    legacy: bool = False
    streaming: bool = False
    calls: dict[_Key, list[Call]] = field(default_factory=dict)
    count: int = 0

    def add(self, call: Call) -> Call | None:
        """A call is open. Where there are too many, the oldest is given up and returned."""
        self.calls.setdefault(_key(call.id, call.backwards), []).append(call)
        self.count += 1
        if self.count <= _MOST:
            return None
        oldest = next(iter(self.calls.values()))[0]
        self.drop(oldest)
        return oldest

    def drop(self, call: Call) -> None:
        """It is open no more."""
        key = _key(call.id, call.backwards)
        found = self.calls.get(key, [])
        if call in found:
            found.remove(call)
            self.count -= 1
            if not found:
                del self.calls[key]

    def answered(self, message: Message, *, backwards: bool, own: list[Call] | None = None) -> Call | None:
        """The call that this answers; None if it is none's, or if it may be another's. `own`: calls of the same exchange, asked first."""
        if message.id is None:
            return None
        key = _key(message.id, backwards)
        mine = [c for c in own or () if not c.over and _key(c.id, c.backwards) == key]
        found = mine or self.calls.get(key, [])
        if len(found) == 1:
            return found[0]
        for call in found:
            call.doubted += 1
        return None

    def doubtful(self) -> list[Call]:
        """Calls of one id that have had as many answers as there are of them: over, and nobody knows whose was whose."""
        return [c for same in self.calls.values() for c in same if len(same) > 1 and c.doubted >= len(same)]

    def all(self) -> list[Call]:
        """The open calls, oldest first."""
        return [c for same in self.calls.values() for c in same]

    def of_token(self, token: object, *, backwards: bool) -> Call | None:
        """The open call whose progress is told under this token; None if there is not exactly one."""
        found = [
            c
            for c in self.all()
            if c.token == token and type(c.token) is type(token) and c.backwards == backwards
        ]
        return found[0] if len(found) == 1 and token is not None else None


def _key(id_: Id, backwards: bool) -> _Key:
    return backwards, type(id_), id_


def base(exchange: Exchange) -> Scope:
    """Whose memory it is: one plane's view of one process in one role."""
    return exchange.source, exchange.role, exchange.key


def scope(exchange: Exchange, session: str | None) -> Scope:
    """Which session an exchange over HTTP belongs to: the one that is named, else that of its address."""
    request = exchange.request
    if session:
        return (*base(exchange), "session", session)
    return (*base(exchange), "address", request.host.lower(), request.port, request.path)


def endpoint(exchange: Exchange, target: str) -> Scope:
    """The session that is posted to at `target` (path and query). Its query is its id, wherever a proxy has put the path."""
    path, _, query = target.partition("?")
    return (*base(exchange), "endpoint", query or path)


def posted_to(request: Request) -> str:
    """The target of a request."""
    return f"{request.path}?{request.query}" if request.query else request.path


def session_at(memory: Memory, where: Scope) -> Session:
    """The session there, a new one if there is none."""
    book = memory.book(_SESSIONS)
    found: Session | None = book.get(where)
    if found is None:
        found = Session()
        book.put(where, found)
    return found


def known(memory: Memory, where: Scope) -> Session | None:
    """The session there, if there is one."""
    found: Session | None = memory.book(_SESSIONS).get(where)
    return found


def name(memory: Memory, where: Scope, session: Session) -> None:
    """This is what the session is known by from now on."""
    memory.book(_SESSIONS).put(where, session)


def forget(memory: Memory, where: Scope) -> Session | None:
    """The session is over."""
    found: Session | None = memory.book(_SESSIONS).take(where)
    return found


def chained(memory: Memory, call: Call, message: Message, whose: Scope) -> None:
    """A call that brings what an earlier one was asked for continues it: one call of the application, several on the wire."""
    state = _state(message.params.get("requestState"))
    if state:
        call.facts["mcp.continues"] = memory.book(_CHAINS).get((whose, state))


def chain(memory: Memory, call: Call, answer: Message, whose: Scope) -> None:
    """An answer that asks for input says under which state the call will go on."""
    state = _state(answer.result.get("requestState") if isinstance(answer.result, dict) else None)
    if state:
        first = call.facts.get("mcp.continues")
        memory.book(_CHAINS).put((whose, state), str(call.id) if first is None else first)


def _state(said: object) -> str | None:
    """A state that can be told from others: whole, and no part of it redacted."""
    whole = isinstance(said, str) and 0 < len(said) <= _STATE and "[redacted]" not in said
    return said if whole and isinstance(said, str) else None
