"""What one side of an MCP session says, whoever carries it: calls begin, things happen within them, calls end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hexr_autoinst.dissect.claim import Begun, Done
from hexr_autoinst.dissect.lenient import mapping, text
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.jsonrpc import Message, identity
from hexr_autoinst.dissect.protocols.mcp_call import Call, Facts, Outcome, happened, joined, opened, told
from hexr_autoinst.dissect.protocols.mcp_session import Scope, Session, chain, chained
from hexr_autoinst.model.exchange import Exchange, Response
from hexr_autoinst.model.operation import Failure

_GRACE: Final = 5_000_000_000  # a cancelled call may still be answered; after that it is told as it was when it was cancelled
UNANSWERED: Final = "unanswered"
_AMBIGUOUS: Final = "ambiguous:response"
One = Begun | Done


@dataclass(slots=True, eq=False)
class Ear:
    """One exchange being listened to. `own`: the open calls that it carries. `whose`: the session's name in the memory."""

    exchange: Exchange
    session: Session
    memory: Memory
    whose: Scope
    content: bool
    session_id: str | None = None
    joins: str | None = (
        None  # what both ends know the session by: its id, or that of the older transport's address
    )
    version: str | None = None
    wire: Facts = field(default_factory=dict)
    own: list[Call] = field(default_factory=list)
    heard: int = 0
    _parts: dict[str, int] = field(default_factory=dict)

    def says(self, message: Message, at: int, *, server: bool, first: bool = False) -> Iterator[One]:
        """One message. `server`: its speaker is the server. `first`: it is the exchange's request itself."""
        self.heard += 1
        if message.is_request:
            yield from self._asks(message, at, server=server, first=first)
        elif message.is_answer:
            yield from self._answers(message, at, server=server)
        elif message.method == "notifications/cancelled":
            self._cancels(message, at, server=server)
        else:
            self._notifies(message, at, server=server)

    def sweep(self, at: int) -> Iterator[One]:
        """What was cancelled long enough ago is over."""
        for call in [c for c in self.own if not c.over and c.cancelled_at and at - c.cancelled_at > _GRACE]:
            yield self.end(call, Outcome(call.cancelled_at))

    def end(self, call: Call, outcome: Outcome) -> Done:
        """The call is over."""
        self.session.drop(call)
        self.own = [c for c in self.own if not c.over and c is not call]
        call.version = call.version or self.version or self.session.version
        call.session = call.session or self.session_id
        pairs = ("mcp.client", self.session.client), ("mcp.server", self.session.server)
        for name, (said, version) in pairs:
            if said and not call.facts.get(name):
                call.facts[name], call.facts[f"{name}.version"] = said, version
        return Done(*told(call, outcome, self.wire))

    def close(
        self, calls: list[Call], at: int, missing: tuple[str, ...], why: Failure | None = None
    ) -> Iterator[One]:
        """Calls whose answer will not come any more."""
        for call in [c for c in calls if not c.over]:
            ended = call.cancelled_at or at
            # A call that was refused with its whole batch has its answer.
            marks = () if call.cancelled_at else (missing or (() if why else (UNANSWERED,)))
            yield self.end(call, Outcome(ended, failure=why, missing=marks, response=self._response(call)))

    def _asks(self, message: Message, at: int, *, server: bool, first: bool) -> Iterator[One]:
        part = "" if first else self._part("s" if server else "c")
        request = self.exchange.request
        if not first:
            request = replace(request, at=at, ended=at)
        exchange = replace(self.exchange, part=part, request=request, response=None, facts=0)
        call = opened(exchange, message, backwards=server, content=self.content)
        call.version = self.version or call.version
        call.session = self.session_id
        call.join = joined(call, self.joins)
        chained(self.memory, call, message, self.whose)
        if call.method == "initialize":
            client = mapping(message.params, "clientInfo")
            self.session.client = text(client.get("name")), text(client.get("version"))
        self.own = [*(c for c in self.own if not c.over), call]
        yield Begun(exchange, call.asked())
        if oldest := self.session.add(call):
            yield self.end(oldest, Outcome(at, missing=(UNANSWERED,)))

    def _part(self, kind: str) -> str:
        n = self._parts.get(kind, 0)
        self._parts[kind] = n + 1
        return f"{kind}{n}"

    def _answers(self, message: Message, at: int, *, server: bool) -> Iterator[One]:
        call = self.session.answered(message, backwards=not server, own=self.own)
        if call is None:
            yield from self.close_doubtful(at)
            return
        self.learn(call, message.result)
        chain(self.memory, call, message, self.whose)
        yield self.end(call, Outcome(at, answer=message, response=self._response(call)))

    def _response(self, call: Call) -> Response | None:
        """The head that has answered, if this very exchange carried the call and its end has been seen."""
        return self.exchange.response if call.exchange.id == self.exchange.id and not call.backwards else None

    def close_doubtful(self, at: int) -> Iterator[One]:
        """Calls of one id, as many answers: all over, and no answer is told as anybody's."""
        yield from self.close(self.session.doubtful(), at, (_AMBIGUOUS,))

    def learn(self, call: Call, result: Any) -> None:
        """What the answer to `initialize` settles for the session."""
        said = mapping(result)
        if call.method == "initialize" and said:
            self.session.version = text(said.get("protocolVersion")) or self.session.version
            server = mapping(said, "serverInfo")
            self.session.server = text(server.get("name")), text(server.get("version"))
            call.version = self.session.version

    def _cancels(self, message: Message, at: int, *, server: bool) -> None:
        asked = Message(identity(message.params.get("requestId")))
        call = self.session.answered(asked, backwards=server, own=self.own)
        if call is not None:
            call.cancelled_at = call.cancelled_at or at
            happened(call, message, at)

    def _notifies(self, message: Message, at: int, *, server: bool) -> None:
        """Progress names its call; anything else belongs to the one call that it can belong to."""
        if message.method == "notifications/progress":
            call = self.session.of_token(message.params.get("progressToken"), backwards=not server)
        else:
            mine = [c for c in self.own if not c.over and c.backwards != server]
            call = mine[0] if server and len(mine) == 1 else None
        if call is not None:
            happened(call, message, at)
