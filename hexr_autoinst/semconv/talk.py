"""A call of an agent protocol as attributes, from whichever end it was seen, and what happened within it as span events."""

from collections.abc import Iterable, Iterator
from typing import Final

from opentelemetry.sdk.trace import Event
from opentelemetry.util.types import AttributeValue

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
        *(_mcp(call) if call.protocol == "mcp" else _a2a(told, call)),
        *_facts(call.facts),
        (names.SOURCE_AGENT, (told.other or None) if told.serves else None),
        (names.CONVERSATION_ID, call.conversation),
        (names.ERROR_TYPE, call.failure.type if call.failure else None),
        *(observed.caller(told.exchange) if told.serves else observed.upstream(told.exchange)),
        (names.JOIN_KEY, told.join or None),
        (names.TOOL_WITHIN, told.within or None),
        *observed.capture(told),
    )
    yield from _present(pairs)
    yield from _content(call)


def events(call: AgentCall) -> list[Event]:
    """What happened within it, each with its time."""
    return [
        Event(f"hexr.{call.protocol}.{m.name}", dict(_present(_facts(m.facts))), m.at) for m in call.moments
    ]


def target_agent(told: Placed, call: AgentCall) -> str:
    """The agent that a client asks: by its card, else by its process, else where it is served."""
    card = dict(call.facts).get("agent.name")
    return str(card or told.other or call.target or told.exchange.request.host)


def _mcp(call: AgentCall) -> Pairs:
    yield names.MCP_METHOD, call.method
    yield names.JSONRPC_ID, call.request_id
    if key := _TARGETS.get(call.method):
        yield key, call.target
    if call.method == TOOL_CALL:
        yield names.OPERATION_NAME, names.EXECUTE_TOOL
        yield names.GATEWAY_TOOL, call.target


def _a2a(told: Placed, call: AgentCall) -> Pairs:
    yield names.A2A_METHOD, call.method
    yield names.JSONRPC_ID, call.request_id
    if told.serves:
        yield names.AGENT_NAME, told.agent.name or None
    else:
        yield names.TARGET_AGENT, target_agent(told, call) or None
        yield names.AGENT_NAME, told.other or None


def _facts(facts: Iterable[tuple[str, Extra]]) -> Pairs:
    for name, value in facts:
        for key in names.AGENT_FACTS.get(name, ()):
            yield key, value


def _content(call: AgentCall) -> Attributes:
    tool = call.method == TOOL_CALL
    if tool and call.arguments is not None and (fits := content.bounded(call.arguments)) is not None:
        yield names.GATEWAY_ARGUMENTS, fits
    for key, text in (
        (names.TOOL_ARGUMENTS if tool else names.TALK_ARGUMENTS, call.arguments),
        (names.TOOL_RESULT if tool else names.TALK_RESULT, call.result),
    ):
        if text is not None and (fits := content.bounded(text)) is not None:
            yield key, fits


def _present(pairs: Iterable[tuple[str, AttributeValue | None]]) -> Attributes:
    yield from ((key, value) for key, value in pairs if value is not None and value != ())
