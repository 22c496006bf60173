import json
from dataclasses import replace

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from hexr_autoinst.model.operation import Failure
from hexr_autoinst.model.story import Agent, Placed
from hexr_autoinst.semconv.spans import Style, resource, to_span
from tests.semconv.told_for_tests import (
    AGENT,
    BARE,
    CALL,
    EXCHANGE,
    INVOCATION,
    MS,
    PLACE,
    PLACED,
    SEND,
    SERVED,
    T0,
    TALK,
    TOOL,
)  # fmt: skip

STYLE = Style(version="1.2.3")


def test_a_model_call_is_a_client_span_with_its_own_ids_and_times():
    span = to_span(PLACED, STYLE)

    assert isinstance(span, ReadableSpan)
    assert (span.name, span.kind) == ("hexr.llm.chat", SpanKind.CLIENT)
    assert (span.start_time, span.end_time) == (T0, T0 + 250 * MS)
    assert (f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}") == ("ab" * 16, "cd" * 8)
    assert f"{span.parent.span_id:016x}" == "ef" * 8
    assert [f"{link.context.trace_id:032x}/{link.context.span_id:016x}" for link in span.links] == [
        "12" * 16 + "/" + "34" * 8
    ]
    assert span.context.trace_flags.sampled
    assert span.status.status_code is StatusCode.UNSET
    assert (span.instrumentation_scope.name, span.instrumentation_scope.version) == ("hexr-autoinst", "1.2.3")


def test_the_resource_is_the_observed_agent_and_nothing_of_the_daemon(monkeypatch):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "daemon=yes")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "daemon")

    assert dict(to_span(PLACED, STYLE).resource.attributes) == {
        "service.name": "analyst",
        "service.namespace": "acme",
        "service.instance.id": "inst-1",
        "process.pid": 77,
        "process.executable.name": "python3.11",
        "process.runtime.name": "cpython",
        "host.name": "host-1",
        "container.id": "c0ffee",
        "k8s.namespace.name": "ns-1",
        "k8s.pod.name": "pod-1",
        "hexr.agent.name": "analyst",
        "hexr.agent.framework": "langgraph",
        "telemetry.distro.name": "hexr-autoinst",
        "telemetry.distro.version": "1.2.3",
    }


def test_what_nobody_knows_of_an_agent_is_absent():
    assert dict(resource(Agent(""), Style()).attributes) == {
        "service.name": "unknown_service",
        "service.namespace": "default",
        "telemetry.distro.name": "hexr-autoinst",
    }


def test_spans_of_one_agent_share_its_resource():
    assert to_span(PLACED, STYLE).resource is to_span(INVOCATION, STYLE).resource


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o", "chat gpt-4o"),
        ("meta/llama-3:8b@v1", "chat meta/llama-3:8b@v1"),
        (None, "chat"),
        ("tell me\na secret", "chat"),
        ("x" * 129, "chat"),
        ("ünïcode", "chat"),
    ],
)
def test_only_what_looks_like_a_model_stands_in_a_name(model, expected):
    told = replace(PLACED, operation=replace(CALL, request_model=model))

    assert expected == to_span(told, Style("semconv")).name
    assert to_span(told, STYLE).name == "hexr.llm.chat"


def test_a_failure_is_an_error_with_a_bounded_description():
    span = to_span(
        replace(PLACED, operation=replace(CALL, extras=(), failure=Failure("overloaded", "m" * 999))), STYLE
    )

    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "overloaded: " + "m" * 244


def test_the_serving_end_is_a_server_span():
    assert to_span(replace(PLACED, exchange=replace(EXCHANGE, role="server")), STYLE).kind is SpanKind.SERVER


def test_an_invocation_carries_the_contracts_words_and_its_totals():
    span = to_span(INVOCATION, STYLE)

    assert (span.name, span.kind, span.parent) == ("hexr.agent.invoke", SpanKind.INTERNAL, None)
    assert dict(span.attributes) == {
        "agent_name": "analyst",
        "tenant": "acme",
        "framework": "langgraph",
        "status": "ok",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "analyst",
        "gen_ai.conversation.id": "conv",
        "hexr.agent.boundary": "process",
        "hexr.agent.model_calls": 2,
        "hexr.agent.tool_calls": 1,
        "hexr.agent.input_tokens": 10,
        "hexr.agent.output_tokens": 5,
        "hexr.agent.cost_usd": 0.0125,
        "process.exit.code": 0,
        "hexr.capture.source": "ebpf",
        "hexr.capture.seen_by": ("ebpf", "proxy"),
        "hexr.capture.complete": True,
    }


@pytest.mark.parametrize(
    ("extras", "said"),
    [
        ((("guard.output_blocked", "content_filter"),), "content_filter: output blocked by content_filter"),
        ((("guard.prompt_blocked", ("PromptInjection", "Secrets")),), "content_filter: prompt blocked by PromptInjection, Secrets"),
        ((("guard.prompt_blocked", "SAFETY"), ("guard.output_blocked", ("x",))), "content_filter: prompt blocked by SAFETY; output blocked by x"),
    ],
)  # fmt: skip
def test_a_call_that_a_guard_has_blocked_names_it(extras, said):
    call = replace(CALL, extras=extras, failure=Failure("content_filter"))
    span = to_span(replace(PLACED, operation=call), STYLE)

    assert (StatusCode.ERROR, said) == (span.status.status_code, span.status.description)
    assert "hexr.guard.prompt_blocked" in span.attributes or span.attributes["hexr.guard.output_blocked"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"failed": True, "exit_code": 3}, ("exit_3", "exit code 3")),
        ({"failed": True, "exit_code": None, "signal": 9}, ("signal_9", "ended by signal 9")),
        ({"failed": True, "exit_code": None, "boundary": "turn"}, ("_OTHER", "failed")),
        ({}, (None, None)),
    ],
)
def test_a_failed_invocation_says_why(change, expected):
    span = to_span(replace(INVOCATION, **change), STYLE)

    assert expected == (span.attributes.get("error.type"), span.status.description)
    assert ("error" if change else "ok") == span.attributes["status"]


@pytest.mark.parametrize(
    ("boundary", "kind", "inferred"),
    [
        ("request", SpanKind.SERVER, None),
        ("turn", SpanKind.INTERNAL, True),
        ("process", SpanKind.INTERNAL, None),
    ],
)
def test_a_boundary_has_its_kind(boundary, kind, inferred):
    span = to_span(replace(INVOCATION, boundary=boundary), STYLE)

    assert (kind, inferred) == (span.kind, span.attributes.get("hexr.inferred"))


def test_names_of_the_convention_for_an_invocation():
    assert to_span(INVOCATION, Style("semconv")).name == "invoke_agent analyst"
    assert to_span(replace(INVOCATION, agent=Agent("")), Style("semconv")).name == "invoke_agent"


@pytest.mark.parametrize("told", [PLACED, BARE, INVOCATION], ids=["full", "bare", "invocation"])
def test_the_stock_encoders_take_every_span(told):
    span = to_span(told, STYLE)

    assert encode_spans([span]).resource_spans[0].scope_spans[0].spans[0].name == span.name
    assert json.loads(span.to_json())["name"] == span.name
    assert span.end_time >= span.start_time


def test_the_agent_of_a_span_is_hashable_for_the_cache():
    assert hash(AGENT) == hash(replace(AGENT))


POLL = replace(SEND, method="GetTask", operation="get_task")
LIST = replace(TOOL, method="tools/list", operation="tools/list", target=None)


@pytest.mark.parametrize(
    ("call", "exchange", "ours", "conventions", "kind"),
    [
        (TOOL, TALK, "hexr.gateway.call", "tools/call read", SpanKind.CLIENT),
        (TOOL, SERVED, "hexr.gateway.call", "tools/call read", SpanKind.SERVER),
        (LIST, TALK, "hexr.mcp.tools/list", "tools/list", SpanKind.CLIENT),
        (replace(LIST, backwards=True), TALK, "hexr.mcp.tools/list", "tools/list", SpanKind.SERVER),
        (replace(LIST, backwards=True), SERVED, "hexr.mcp.tools/list", "tools/list", SpanKind.CLIENT),
        (SEND, TALK, "hexr.a2a.client.send", "SendStreamingMessage", SpanKind.CLIENT),
        (SEND, SERVED, "hexr.a2a.bridge.execute", "SendStreamingMessage", SpanKind.SERVER),
        (POLL, TALK, "hexr.a2a.client.get_task", "GetTask", SpanKind.CLIENT),
        (POLL, SERVED, "hexr.a2a.bridge.get_task", "GetTask", SpanKind.SERVER),
        (replace(TOOL, target="a secret\nname"), TALK, "hexr.gateway.call", "tools/call", SpanKind.CLIENT),
    ],
)
def test_calls_of_agent_protocols_have_names_and_a_kind_by_their_end(call, exchange, ours, conventions, kind):
    told = Placed(AGENT, PLACE, exchange, call)

    assert (ours, kind) == (to_span(told, STYLE).name, to_span(told, STYLE).kind)
    assert conventions == to_span(told, Style("semconv")).name


def test_what_happened_within_a_call_are_events_that_the_stock_encoder_takes():
    span = to_span(Placed(AGENT, PLACE, TALK, SEND), STYLE)

    assert [e.name for e in span.events] == ["hexr.a2a.task_state"]
    assert (
        encode_spans([span]).resource_spans[0].scope_spans[0].spans[0].events[0].name == "hexr.a2a.task_state"
    )


def test_a_failed_call_is_an_error_and_a_failed_task_is_not():
    failed = replace(SEND, failure=Failure("-32001"))

    assert to_span(Placed(AGENT, PLACE, TALK, failed), STYLE).status.status_code is StatusCode.ERROR
    task = replace(SEND, facts=(("a2a.state", "failed"),))
    assert to_span(Placed(AGENT, PLACE, TALK, task), STYLE).status.status_code is StatusCode.UNSET
