"""What was told, as a span. A span is a value: built whole, with its own resource, ids and times.

No tracer makes it and no sampler is asked; a span that were not marked SAMPLED would vanish in the
stock processors.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Literal

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util.types import AttributeValue

from hexr_autoinst.model.operation import AgentCall, Effect, Failure, ModelCall, Operation
from hexr_autoinst.model.story import Agent, CodeRun, Invocation, Placed, ToolRun
from hexr_autoinst.semconv import names, runs, talk
from hexr_autoinst.semconv.call import call_attributes, guarded
from hexr_autoinst.semconv.content import description
from hexr_autoinst.semconv.effect import effect_attributes, effect_name

Attributes = Iterable[tuple[str, AttributeValue]]
_UNSET: Final = Status(StatusCode.UNSET)
# A model's or a tool's name comes from a body: only what looks like one may stand in a span's name.
_NAME: Final = re.compile(r"[\w.:/@+-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Style:
    """How spans are told: whose names they bear, the version of the program that tells them, whether they may hold content."""

    span_names: Literal["hexr", "semconv"] = "hexr"
    version: str = ""
    content: bool = False


@dataclass(frozen=True, slots=True)
class _Words:
    """What each kind of span has of its own."""

    name: str
    kind: SpanKind
    times: tuple[int, int]
    status: Status
    attributes: Attributes
    events: list[Event] = field(default_factory=list)


def to_span(told: Placed | Invocation | ToolRun | CodeRun, style: Style) -> ReadableSpan:
    """The one span of a placed operation, of an invocation, or of what it had done."""
    words = _words(told, style)
    place = told.place
    began, ended = words.times
    return ReadableSpan(
        name=words.name,
        context=_context(place.trace_id, place.span_id),
        parent=_context(place.trace_id, place.parent_id) if place.parent_id else None,
        resource=resource(told.agent, style),
        attributes=dict(words.attributes),
        events=words.events,
        links=[Link(_context(trace, span)) for trace, span in place.links],
        kind=words.kind,
        instrumentation_scope=_scope(style.version),
        status=words.status,
        start_time=began,
        end_time=max(began, ended),
    )


def _words(told: Placed | Invocation | ToolRun | CodeRun, style: Style) -> _Words:
    match told:
        case Placed():
            return _operation_words(told, style)
        case Invocation():
            return _invocation_words(told, style)
        case ToolRun() | CodeRun():
            return _run_words(told, style)


def _run_words(told: ToolRun | CodeRun, style: Style) -> _Words:
    if isinstance(told, ToolRun):
        name, ended, attributes = runs.TOOL_INVOKE, told.ended, runs.tool_attributes(told)
        if style.span_names == "semconv":
            name = _named(names.EXECUTE_TOOL, told.call.name)
    else:
        name, ended = runs.SANDBOX_EXEC, told.exited.at
        attributes = runs.code_attributes(told, arguments=style.content)
    failure = runs.why(told)
    return _Words(
        name=name,
        kind=SpanKind.INTERNAL,
        times=(told.began, ended),
        status=Status(StatusCode.ERROR, failure) if failure else _UNSET,
        attributes=attributes,
    )


def _operation_words(told: Placed, style: Style) -> _Words:
    call, exchange = told.operation, told.exchange
    events: list[Event] = []
    if isinstance(call, ModelCall):
        name, attributes = _model_name(call, style), call_attributes(told, call)
    elif isinstance(call, Effect):
        name, attributes = _effect_name(call, style), effect_attributes(told, call)
    else:
        name, attributes = _talk_name(told, call, style), talk.talk_attributes(told, call)
        events = talk.events(call)
    return _Words(
        name=name,
        kind=SpanKind.SERVER if told.serves else SpanKind.CLIENT,
        times=(exchange.began, exchange.ended),
        status=Status(StatusCode.ERROR, _failed(call, call.failure)) if call.failure else _UNSET,
        attributes=attributes,
        events=[*events, *runs.events(told.moments)],
    )


def _failed(call: Operation, failure: Failure) -> str:
    """Why, and which guard it was where it was one."""
    guard = guarded(call) if isinstance(call, ModelCall) else ""
    return description(
        replace(failure, message="; ".join(s for s in (guard, failure.message) if s)) if guard else failure
    )


def _model_name(call: ModelCall, style: Style) -> str:
    if style.span_names == "hexr":
        return names.LLM_SPANS[call.kind]
    return _named(call.operation, call.request_model)


def _talk_name(told: Placed, call: AgentCall, style: Style) -> str:
    if style.span_names == "semconv":
        return _named(call.method, call.target if call.protocol == "mcp" else None)
    if call.protocol == "mcp":
        return names.GATEWAY_CALL if call.method == talk.TOOL_CALL else names.MCP_SPAN.format(call.operation)
    if not told.serves:
        return names.A2A_CLIENT.format(call.operation)
    return names.A2A_BRIDGE.format(names.A2A_EXECUTE if call.operation == talk.SEND else call.operation)


def _effect_name(effect: Effect, style: Style) -> str:
    """The convention has a word for a tool's call alone."""
    if style.span_names == "semconv" and effect.kind == "tool":
        return _named(names.EXECUTE_TOOL, effect.service)
    return effect_name(effect)


def _named(what: str, which: str | None) -> str:
    return f"{what} {which}" if which and _NAME.fullmatch(which) else what


def _invocation_words(told: Invocation, style: Style) -> _Words:
    name = names.AGENT_INVOKE
    if style.span_names == "semconv":
        name = f"{names.INVOKE_AGENT} {told.agent.name}" if told.agent.name else names.INVOKE_AGENT
    return _Words(
        name=name,
        kind=SpanKind.SERVER if told.boundary == "request" else SpanKind.INTERNAL,
        times=(told.began, told.ended),
        status=Status(StatusCode.ERROR, _why(told)) if told.failed else _UNSET,
        attributes=_invocation_attributes(told),
        events=runs.events(told.moments),
    )


def _why(told: Invocation) -> str:
    if told.signal is not None:
        return f"ended by signal {told.signal}"
    return f"exit code {told.exit_code}" if told.exit_code else "failed"


def _invocation_attributes(told: Invocation) -> Attributes:
    yield names.INVOKE_AGENT_NAME, told.agent.name
    yield names.INVOKE_TENANT, told.agent.tenant
    if told.agent.framework:
        yield names.INVOKE_FRAMEWORK, told.agent.framework
    yield names.INVOKE_STATUS, "error" if told.failed else "ok"
    yield names.OPERATION_NAME, names.INVOKE_AGENT
    yield names.AGENT_NAME, told.agent.name
    if told.conversation:
        yield names.CONVERSATION_ID, told.conversation
    yield names.AGENT_BOUNDARY, told.boundary
    yield names.AGENT_MODEL_CALLS, told.model_calls
    yield names.AGENT_TOOL_CALLS, told.tool_calls
    yield names.AGENT_INPUT_TOKENS, told.input_tokens
    yield names.AGENT_OUTPUT_TOKENS, told.output_tokens
    if told.cost_usd is not None:
        yield names.AGENT_COST, told.cost_usd
    if told.exit_code is not None:
        yield names.PROCESS_EXIT_CODE, told.exit_code
    if told.signal is not None:
        yield names.AGENT_EXIT_SIGNAL, told.signal
        yield names.ERROR_TYPE, f"signal_{told.signal}"
    elif told.failed:
        yield names.ERROR_TYPE, f"exit_{told.exit_code}" if told.exit_code else "_OTHER"
    if told.boundary == "turn":
        yield names.INFERRED, True  # where a turn begins and ends is deduced from silence
    if told.sources:
        yield names.CAPTURE_SOURCE, told.sources[0]
        yield names.CAPTURE_SEEN_BY, told.sources
    yield names.CAPTURE_COMPLETE, not told.missing
    if told.missing:
        yield names.CAPTURE_MISSING, told.missing


def _context(trace: str, span: str) -> SpanContext:
    return SpanContext(int(trace, 16), int(span, 16), False, TraceFlags(TraceFlags.SAMPLED))


@lru_cache(maxsize=8)
def _scope(version: str) -> InstrumentationScope:
    return InstrumentationScope(names.SCOPE, version or None, names.SCHEMA_URL)


@lru_cache(maxsize=1024)
def resource(agent: Agent, style: Style) -> Resource:
    """The observed agent. Nothing of the daemon's own environment is in it: what nobody knows is absent."""
    said = {
        names.SERVICE_NAME: agent.name or "unknown_service",
        names.SERVICE_NAMESPACE: agent.tenant,
        names.SERVICE_INSTANCE: agent.instance,
        names.PROCESS_PID: agent.key.pid if agent.key else None,
        names.PROCESS_EXECUTABLE: agent.exe.rpartition("/")[2],
        names.PROCESS_RUNTIME: agent.runtime,
        names.HOST_NAME: agent.host,
        names.CONTAINER_ID: agent.container,
        names.K8S_NAMESPACE: agent.namespace,
        names.K8S_POD: agent.pod,
        names.HEXR_AGENT_NAME: agent.name,
        names.HEXR_AGENT_FRAMEWORK: agent.framework,
        names.DISTRO_NAME: names.SCOPE,
        names.DISTRO_VERSION: style.version,
    }
    return Resource({k: v for k, v in said.items() if v not in ("", None)}, names.SCHEMA_URL)
