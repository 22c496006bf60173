"""One MCP call while it is open: what its request says, what happens meanwhile, and what its answer makes of it."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from hexr_autoinst.dissect import digest
from hexr_autoinst.dissect.content import json_text
from hexr_autoinst.dissect.lenient import WORD, clean, mapping, number, text, word
from hexr_autoinst.dissect.protocols.jsonrpc import Id, Message
from hexr_autoinst.dissect.protocols.mcp_words import (
    CLIENT_META,
    LISTEN,
    SERVER_META,
    TOOL_CALL,
    VERSION_META,
    operation,
)
from hexr_autoinst.dissect.protocols.rare import rare
from hexr_autoinst.model.exchange import Exchange, Response
from hexr_autoinst.model.operation import AgentCall, Extra, Failure, Moment

_MOMENTS: Final = 64
_KEYS: Final = 64
_URI: Final = 1024
_MESSAGE: Final = 512
CANCELLED: Final = Failure("cancelled")
Facts = dict[str, Extra | None]


@dataclass(slots=True, eq=False)
class Call:
    """An open call. `exchange` carries its `part` and when it began; `backwards`: the server asks.

    `parked`: its exchange is over and the answer comes elsewhere. `doubted`: answers that were this call's or another's of the same id.
    """

    exchange: Exchange
    id: Id
    method: str
    backwards: bool = False
    session: str | None = None
    version: str | None = None
    facts: Facts = field(default_factory=dict)
    target: str | None = None
    token: Id | None = None
    parent: str | None = None
    arguments: str | None = None
    digest: bytes = b""
    moments: list[Moment] = field(default_factory=list)
    cancelled_at: int = 0
    acknowledged: bool = False
    parked: bool = False
    over: bool = False
    doubted: int = 0
    content: bool = False
    join: tuple[str, ...] = ()

    def asked(self) -> AgentCall:
        """What the request says of it."""
        return AgentCall(
            "mcp",
            self.method,
            operation(self.method),
            backwards=self.backwards,
            target=self.target,
            request_id=clean(str(self.id), WORD),
            join=self.join,
            parent=self.parent,
            arguments=self.arguments,
            digest=self.digest,
        )


def opened(exchange: Exchange, message: Message, *, backwards: bool, content: bool) -> Call:
    """The call that a request begins. `exchange` carries it."""
    params = message.params
    meta = mapping(params, "_meta")
    assert message.id is not None, "only what has an id wants an answer"
    assert message.method is not None, "only what has a method is a request"
    call = Call(exchange, message.id, message.method, backwards, content=content)
    call.version = text(meta.get(VERSION_META))
    call.parent = text(meta.get("traceparent"))
    token = meta.get("progressToken")
    call.token = token if isinstance(token, int | str) and not isinstance(token, bool) else None
    name, uri = text(params.get("name")), text(params.get("uri"), _URI)
    ref = mapping(params, "ref")  # completion/complete
    if call.method == TOOL_CALL:
        call.target = name
        call.facts["tool"] = name
        arguments = params.get("arguments")
        if isinstance(arguments, dict):
            call.facts["tool.argument_keys"] = tuple(clean(k, _KEYS) for k in list(arguments)[:_KEYS])
        call.arguments = json_text(arguments) if content and arguments is not None else None
        call.digest = digest.of_value(arguments or {})
    elif call.method == "prompts/get" or ref:
        call.target = name or text(ref.get("name"))
        call.facts["prompt"] = call.target
    call.facts["resource"] = uri or text(ref.get("uri"), _URI)
    client = mapping(meta, CLIENT_META)
    call.facts["mcp.client"], call.facts["mcp.client.version"] = _named(client)
    if call.method == "initialize":
        call.facts["mcp.client"], call.facts["mcp.client.version"] = _named(mapping(params, "clientInfo"))
    return call


def _named(info: dict[str, Any]) -> tuple[str | None, str | None]:
    return text(info.get("name")), text(info.get("version"))


def happened(call: Call, message: Message, at: int) -> None:
    """A notification within the call."""
    params = message.params
    if message.method == "notifications/subscriptions/acknowledged":
        call.acknowledged = True
    if len(call.moments) >= _MOMENTS:
        return
    facts: Facts = {
        "mcp.progress": number(params.get("progress")),
        "mcp.progress.total": number(params.get("total")),
        "mcp.log.level": text(params.get("level"), 16),
        "mcp.log.logger": text(params.get("logger")),
        "resource": text(params.get("uri"), _URI),
    }
    if call.content:
        facts["mcp.text"] = text(params.get("message"), _MESSAGE) or text(params.get("reason"), _MESSAGE)
    told = tuple((k, v) for k, v in facts.items() if v is not None)
    call.moments.append(Moment(at, operation(message.method or ""), told))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: its answer, or why there is none."""

    at: int
    answer: Message | None = None
    failure: Failure | None = None
    missing: tuple[str, ...] = ()
    response: Response | None = (
        None  # of the exchange, where it is known; else what is known is when the answer came
    )


def told(call: Call, outcome: Outcome, wire: Facts) -> tuple[Exchange, AgentCall]:
    """The call as an operation, and the exchange that carried its request, ended when the call did. `wire`: facts of what carries it."""
    call.over = True
    answer = outcome.answer
    failure, code = _failure(answer, content=call.content) if answer else (outcome.failure, None)
    if failure is None and answer is None and call.cancelled_at:
        failure = CANCELLED
    result = mapping(answer.result) if answer else {}
    facts: Facts = {
        "mcp.session": call.session,
        "mcp.version": call.version,
        "rpc.status": code,
        **call.facts,
        **{k: v for k, v in _result_facts(result).items() if v is not None},
        **wire,
    }
    hint = " ".join(str(facts[k]) for k in ("mcp.client", "mcp.client.version") if facts.get(k))
    ended = answer is not None or (call.method == LISTEN and call.acknowledged)
    call_told = replace(
        call.asked(),
        failure=failure,
        facts=tuple((k, v) for k, v in facts.items() if v is not None),
        moments=tuple(call.moments),
        result=json_text(answer.result) if call.content and answer and answer.result is not None else None,
        client_hint=hint,
        missing=() if ended else outcome.missing,
        ended=ended,
    )
    return _ended(call.exchange, outcome), call_told


def joined(call: Call, whose: str | None) -> tuple[str, ...]:
    """What both ends see: the session's id, drawn at random, and the request's, which says nothing alone."""
    if whose is None or not rare(whose):
        return ()
    kind = "number" if isinstance(call.id, int) else "text"
    return whose, "backwards" if call.backwards else "forwards", kind, clean(str(call.id), WORD)


def _ended(exchange: Exchange, outcome: Outcome) -> Exchange:
    # The answer's head may not be known yet, or be another exchange's: then there is no status, only when the call ended.
    head = outcome.response or Response(outcome.at, 0)
    at = head.at if exchange.request.at <= head.at <= outcome.at else outcome.at
    response = replace(head, at=at, ended=outcome.at, body=b"")
    return replace(exchange, response=response, facts=0)


def _failure(answer: Message, *, content: bool) -> tuple[Failure | None, str | None]:
    """Why it failed and the code that says so. A code may be 0; a tool that fails answers a result (`isError`)."""
    if answer.error is not None:
        code = word(answer.error.get("code"))
        message = text(answer.error.get("message"), _MESSAGE) if content else None
        return Failure(code or "_OTHER", message or ""), code
    failed = isinstance(answer.result, dict) and answer.result.get("isError") is True
    return (Failure("tool_error") if failed else None), None


def _result_facts(result: dict[str, Any]) -> Facts:
    """What a result says of itself and of its server; what it still asks for (2026-07-28: input is asked for within a result)."""
    server = mapping(result, "serverInfo") or mapping(result, "_meta", SERVER_META)
    name, version = _named(server)
    kind = text(result.get("resultType"), 64)
    asked = mapping(result, "inputRequests")
    methods = dict.fromkeys(text(mapping(a).get("method"), 64) for a in list(asked.values())[:_KEYS])
    return {
        "mcp.server": name,
        "mcp.server.version": version,
        "mcp.result_type": kind if kind != "complete" else None,
        "mcp.input_requests": tuple(m for m in methods if m) or None,
    }
