"""Spans as the semconv room makes them, for tests of what lies behind it."""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

NOW = 1_790_000_000_000_000_000
MS = 1_000_000


def context(trace: int, span: int) -> SpanContext:
    return SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(1))


def span(trace=1, number=2, parent=None, **given):
    """A model call unless told otherwise. `start` and `ms` place it in time."""
    start = given.get("start", NOW)
    agent = given.get("agent", "analyst")
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": given.get("model", "gpt-4o"),
        "gen_ai.usage.input_tokens": given.get("input", 100),
        "gen_ai.usage.output_tokens": given.get("output", 20),
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.time_to_first_chunk": given.get("first", 0.25),
        "hexr.capture.source": "ebpf",
        "hexr.capture.complete": given.get("complete", True),
        **given.get("attributes", {}),
    }
    error = given.get("error")
    if error:
        attributes["error.type"] = error
    return ReadableSpan(
        name=given.get("name", "hexr.llm.chat"),
        context=context(trace, number),
        parent=context(trace, parent) if parent else None,
        resource=Resource(
            {
                "service.name": agent,
                "service.namespace": given.get("tenant", "default"),
                "hexr.agent.name": agent,
                "hexr.agent.framework": "langgraph",
                "service.instance.id": f"{agent}-1",
                **given.get("resource", {}),
            },
            "https://example.com/schemas/1",
        ),
        instrumentation_scope=InstrumentationScope("tests", "0.1", "https://example.com/schemas/1"),
        attributes={k: v for k, v in attributes.items() if v is not None},
        events=[Event(n, timestamp=start) for n in given.get("events", ())],
        links=[Link(context(*ids)) for ids in given.get("links", ())],
        kind=SpanKind.CLIENT,
        status=Status(StatusCode.ERROR, given.get("text", error)) if error else Status(),
        start_time=start,
        end_time=start + given.get("ms", 1500) * MS,
    )


def invocation(trace=1, number=1, **given):
    """The root of a trace."""
    silent = dict.fromkeys(
        (
            "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens", "gen_ai.response.finish_reasons",
            "gen_ai.response.time_to_first_chunk",
        )
    )  # fmt: skip
    own = {
        "gen_ai.operation.name": "invoke_agent",
        "hexr.agent.boundary": "process",
        "hexr.agent.model_calls": 2,
    }
    return span(
        trace, number, None,
        **{"name": "hexr.agent.invoke", **given, "attributes": {**silent, **own, **given.get("attributes", {})}},
    )  # fmt: skip
