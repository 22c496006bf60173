"""A call of an agent protocol as attributes, from whichever end it was seen, and what happened within it as span events."""

from collections.abc import Iterator
from typing import Final

from opentelemetry.sdk.trace import Event
from opentelemetry.util.types import AttributeValue

from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import AgentCall, Extra
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv import content, names, observed
from hexr_autoinst.semconv.observed import Pairs

Attributes = Iterator[tuple[str, AttributeValue]]
TOOL_CALL: Final = "tools/call"
SEND: Final = "send"
# Which attribute the target of an MCP method is.
_TARGETS: Final = {TOOL_CALL: names.TOOL_NAME, "prompts/get": names.PROMPT_NAME}


def talk_attributes(told: Placed, call: AgentCall) -> Attributes:
    """Every attribute of a span of MCP or A2A."""
    pairs = (
        *(_mcp(told, call) if call.protocol == "mcp" else _a2a(told, call)),
        *_facts(call.facts),
        (names.CONVERSATION_ID, call.conversation),
        (names.ERROR_TYPE, call.failure.type if call.failure else None),
        *_transport(told.exchange),
        *(observed.caller(told.exchange) if told.serves else observed.upstream(told.exchange)),
        (names.JOIN_KEY, told.join or None),
        *observed.capture(told),
    )
    yield from ((key, value) for key, value in pairs if value is not None and value != ())
    yield from _content(call)


def events(call: AgentCall) -> list[Event]:
    """What happened within it, each with its time."""
    return [
        Event(f"hexr.{call.protocol}.{m.name}", dict(_present(_facts(m.facts))), m.at) for m in call.moments
    ]


def target_agent(told: Placed, call: AgentCall) -> str:
    """The agent that a client asks: by its card, else by its process, else where it is."""
    request = told.exchange.request
    return call.target or told.other or (f"{request.host}:{request.port}" if request.port else request.host)


def _mcp(told: Placed, call: AgentCall) -> Pairs:
    yield names.MCP_METHOD, call.method
    yield names.JSONRPC_ID, call.request_id
    if key := _TARGETS.get(call.method):
        yield key, call.target
    if call.method == TOOL_CALL:
        yield names.OPERATION_NAME, names.EXECUTE_TOOL
        yield names.GATEWAY_TOOL, call.target
        yield names.GATEWAY_ARGUMENTS, call.arguments and content.bounded(call.arguments)
    yield names.SOURCE_AGENT, (told.other or None) if told.serves else None


def _a2a(told: Placed, call: AgentCall) -> Pairs:
    yield names.A2A_METHOD, call.method
    yield names.JSONRPC_ID, call.request_id
    if told.serves:
        yield names.SOURCE_AGENT, told.other or None
        yield names.AGENT_NAME, call.target or told.agent.name or None
    else:
        yield names.TARGET_AGENT, target_agent(told, call) or None
        yield names.AGENT_NAME, call.target or told.other or None


def _facts(facts: tuple[tuple[str, Extra], ...]) -> Pairs:
    for name, value in facts:
        for key in names.AGENT_FACTS.get(name, ()):
            yield key, value


def _transport(exchange: Exchange) -> Pairs:
    """A pipe, or HTTP over TCP: what the convention calls the network."""
    if exchange.request.scheme == "stdio":
        yield names.NETWORK_TRANSPORT, "pipe"
        return
    yield names.NETWORK_TRANSPORT, "tcp"
    name, _, version = exchange.request.version.partition("/")
    if name == "HTTP":
        yield names.NETWORK_PROTOCOL, "http"
        yield names.NETWORK_VERSION, version


def _content(call: AgentCall) -> Attributes:
    tool = call.method == TOOL_CALL
    for key, text in (
        (names.TOOL_ARGUMENTS if tool else names.TALK_ARGUMENTS, call.arguments),
        (names.TOOL_RESULT if tool else names.TALK_RESULT, call.result),
    ):
        if text is not None and (fits := content.bounded(text)) is not None:
            yield key, fits


def _present(pairs: Pairs) -> Attributes:
    yield from ((key, value) for key, value in pairs if value is not None)
