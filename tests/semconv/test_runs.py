import pytest
from opentelemetry.trace import SpanKind, StatusCode

from hexr_autoinst.model.facts import Exited, Key, Process
from hexr_autoinst.model.operation import Moment, ToolCall, ToolResult
from hexr_autoinst.model.story import Agent, CodeRun, Finding, Place, ToolRun
from hexr_autoinst.semconv import runs
from hexr_autoinst.semconv.metrics import measure
from hexr_autoinst.semconv.spans import Style, to_span

AGENT = Agent("analyst", "acme")
PLACE = Place("a" * 32, "b" * 16, "c" * 16, (("d" * 32, "e" * 16),))
CALL = ToolCall("search", "call_1", '{"q": "x"}', b"digest", (b"word",))


def tool(result=None, call=CALL, **more):
    return ToolRun(AGENT, PLACE, call, result, 1_000_000_000, 3_000_000_000, sources=("proxy",), **more)


def code(exit_code=0, signal=None):
    key = Key(7, 1)
    process = Process(1, "ebpf", key, None, "/usr/bin/bash", ("bash", "-c", "secret"))
    return CodeRun(AGENT, PLACE, process, Exited(9, "ebpf", key, exit_code, signal, 5_000_000), "bash", 2)


def test_a_tool_that_was_asked_for():
    span = to_span(tool(ToolResult("call_1")), Style())

    assert (span.name, span.kind) == ("hexr.tool.invoke", SpanKind.INTERNAL)
    assert dict(span.attributes) == {
        "service": "search",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.id": "call_1",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.arguments": '{"q": "x"}',
        "hexr.inferred": True,
        "hexr.capture.source": "proxy",
        "hexr.capture.seen_by": ("proxy",),
        "hexr.capture.complete": True,
    }
    assert span.status.status_code is StatusCode.UNSET
    assert (span.start_time, span.end_time) == (1_000_000_000, 3_000_000_000)
    assert [(link.context.span_id) for link in span.links] == [int("e" * 16, 16)]
    assert to_span(tool(), Style("semconv")).name == "execute_tool search"


def test_a_tool_that_failed_and_one_that_was_never_answered():
    failed, open_ = to_span(tool(ToolResult("x", failed=True)), Style()), to_span(tool(), Style())

    assert failed.attributes["error.type"] == "tool_error"
    assert failed.status.status_code is StatusCode.ERROR
    assert open_.attributes["hexr.capture.missing"] == ("unanswered",)
    assert open_.attributes["hexr.capture.complete"] is False
    assert open_.status.status_code is StatusCode.UNSET


def test_what_a_tool_was_asked_and_answered_is_told_where_content_is_kept():
    given = ToolCall("search", None, "{}")
    span = to_span(tool(ToolResult("x", content='"found"'), given), Style())

    assert span.attributes["gen_ai.tool.call.arguments"] == "{}"
    assert span.attributes["gen_ai.tool.call.result"] == '"found"'
    assert "gen_ai.tool.call.arguments" not in to_span(tool(call=ToolCall("s")), Style()).attributes


@pytest.mark.parametrize(("content", "told"), [(False, None), (True, ("bash", "-c", "secret"))])
def test_code_that_was_run(content, told):
    span = to_span(code(3), Style(content=content))

    assert span.name == "hexr.sandbox.exec"
    assert span.attributes.get("process.command_args") == told
    assert {k: span.attributes[k] for k in ("language", "exit_code", "error.type", "process.command", "process.pid")} == {
        "language": "bash", "exit_code": 3, "error.type": "exit_3", "process.command": "bash", "process.pid": 7,
    }  # fmt: skip
    assert span.attributes["hexr.sandbox.cpu_time_s"] == 0.005
    assert (span.start_time, span.end_time) == (2, 9)
    assert span.status.status_code is StatusCode.ERROR


def test_code_that_a_signal_has_ended_has_no_exit_code():
    span = to_span(code(None, 9), Style())

    assert "exit_code" not in span.attributes
    assert span.attributes["hexr.sandbox.exit_signal"] == 9
    assert span.attributes["error.type"] == "signal_9"


def test_a_tool_is_counted_once_and_its_time_known_where_it_was_answered():
    answered, open_ = measure(tool(ToolResult("x"))), measure(tool())

    assert [(m.instrument, m.value) for m in answered] == [
        ("hexr.tool.invocations", 1),
        ("hexr.tool.duration", 2.0),
    ]
    assert ("service", "search") in answered[0].labels
    assert [m.instrument for m in open_] == ["hexr.tool.invocations"]


def test_findings_are_counted_by_kind_and_told_as_events():
    (counted,) = measure(Finding(1, AGENT, "loop"))
    (event,) = runs.events([Moment(5, "loop", (("tool", "t"), ("times", 3), ("unheard", 1)))])

    assert (counted.instrument, dict(counted.labels)["kind"]) == ("hexr.agent.findings", "loop")
    assert (event.name, dict(event.attributes), event.timestamp) == (
        "hexr.finding.loop", {"gen_ai.tool.name": "t", "hexr.finding.times": 3}, 5,
    )  # fmt: skip
