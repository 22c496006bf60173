from dataclasses import replace

import pytest

from hexr_autoinst.model.operation import Failure
from hexr_autoinst.model.story import Placed, StreamChanged, TaskMoved
from hexr_autoinst.semconv.instruments import INSTRUMENTS
from hexr_autoinst.semconv.talk_metrics import measure_stream, measure_talk, measure_task
from tests.semconv.told_for_tests import AGENT, PLACE, SEND, SERVED, TALK, TOOL


def moved(call, exchange=TALK, **more):
    return list(measure_talk(Placed(AGENT, PLACE, exchange, call, **more), call))


def labels(found, name):
    (one,) = (m for m in found if m.instrument == name)
    return dict(one.labels)


def test_a_message_that_is_sent_counts_by_pair_of_agents_and_state():
    found = moved(SEND, other="worker")

    assert {m.instrument: m.value for m in found} == {"hexr.a2a.sends": 1, "hexr.a2a.send.duration": 0.25}
    assert labels(found, "hexr.a2a.sends") == {
        "agent": "analyst", "tenant": "acme", "peer": "worker", "state": "input_required",
    }  # fmt: skip


def test_one_that_failed_counts_as_both():
    found = moved(replace(SEND, failure=Failure("-32603")))

    assert labels(found, "hexr.a2a.send_failures")["error.type"] == "-32603"
    assert "hexr.a2a.sends" in {m.instrument for m in found}


def test_one_that_is_executed_is_no_send():
    found = moved(SEND, SERVED, other="boss")

    assert [m.instrument for m in found] == ["hexr.a2a.bridge.executions"]
    assert labels(found, "hexr.a2a.bridge.executions")["peer"] == "boss"


def test_other_operations_are_neither():
    assert moved(replace(SEND, method="GetTask", operation="get_task")) == []


@pytest.mark.parametrize(("exchange", "end"), [(TALK, "client"), (SERVED, "server")])
def test_an_mcp_request_is_measured_at_each_end_and_its_tool_where_it_was_called(exchange, end):
    found = moved(replace(TOOL, failure=Failure("tool_error")), exchange)

    own = labels(found, f"mcp.{end}.operation.duration")
    assert (own["mcp.method.name"], own["gen_ai.tool.name"], own["error.type"]) == (
        "tools/call",
        "read",
        "tool_error",
    )
    tools = {m.instrument: m.value for m in found if m.instrument.startswith("hexr.tool.")}
    assert tools == ({"hexr.tool.invocations": 1, "hexr.tool.duration": 0.25} if end == "client" else {})
    assert ("server.address" in own) is (end == "client")


@pytest.mark.parametrize("call", [TOOL, SEND], ids=["mcp", "a2a"])
@pytest.mark.parametrize("exchange", [TALK, SERVED], ids=["client", "server"])
def test_points_carry_only_the_labels_of_their_instrument(call, exchange):
    for m in moved(replace(call, failure=Failure("x")), exchange):
        assert {k for k, _ in m.labels} <= {"agent", "tenant", *INSTRUMENTS[m.instrument].labels}
        assert "secret-path" not in str(m.labels)
        assert m.trace == (PLACE.trace_id, PLACE.span_id)


def test_the_conventions_buckets():
    for end in ("client", "server"):
        assert INSTRUMENTS[f"mcp.{end}.operation.duration"].buckets == (
            0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
        )  # fmt: skip


def test_a_pair_of_agents_on_this_host_names_both_tenants():
    paired = moved(replace(SEND, failure=Failure("x")), other="worker", other_tenant="beta")

    for name in ("hexr.a2a.sends", "hexr.a2a.send_failures"):
        assert ("acme", "beta") == (labels(paired, name)["tenant"], labels(paired, name)["peer_tenant"])
    assert (
        "beta"
        == labels(moved(SEND, SERVED, other_tenant="beta"), "hexr.a2a.bridge.executions")["peer_tenant"]
    )
    assert "peer_tenant" not in labels(moved(SEND), "hexr.a2a.sends")


@pytest.mark.parametrize(("exchange", "end"), [(TALK, "client"), (SERVED, "server")])
@pytest.mark.parametrize(("failure", "outcome"), [(None, "ok"), (Failure("tool_error"), "error")])
def test_a_gateways_call_counts_by_tool_end_and_outcome(exchange, end, failure, outcome):
    found = labels(moved(replace(TOOL, failure=failure), exchange), "hexr.gateway.calls")

    assert ("read", end, outcome) == (found["tool"], found["end"], found["outcome"])
    assert "hexr.gateway.calls" not in {m.instrument for m in moved(replace(TOOL, method="tools/list"))}


def test_a_task_that_moves_counts_by_both_states_and_has_lasted_when_it_ends():
    first = list(measure_task(TaskMoved(1, AGENT, PLACE, "", "submitted")))
    last = list(measure_task(TaskMoved(2, AGENT, PLACE, "working", "failed", 2.5)))

    assert {"from": "none", "to": "submitted", "agent": "analyst", "tenant": "acme"} == labels(
        first, "hexr.a2a.task.transitions"
    )
    assert ["hexr.a2a.task.transitions", "hexr.a2a.task.duration"] == [m.instrument for m in last]
    assert ("failed", 2.5) == (labels(last, "hexr.a2a.task.duration")["state"], last[1].value)
    assert {(PLACE.trace_id, PLACE.span_id)} == {m.trace for m in last}


def test_a_stream_goes_up_and_down_under_the_same_labels():
    up, down = (
        list(measure_stream(StreamChanged(1, AGENT, change, "a2a", serves=True))) for change in (1, -1)
    )

    assert ([1], [-1]) == ([m.value for m in up], [m.value for m in down])
    assert labels(up, "hexr.sse.active") == labels(down, "hexr.sse.active")
    assert ("a2a", "server") == (
        labels(up, "hexr.sse.active")["protocol"],
        labels(up, "hexr.sse.active")["end"],
    )


def test_what_carries_out_a_tool_that_was_asked_for_is_measured_as_a_call_only():
    moved_ = [m.instrument for m in moved(TOOL, within=True)]

    assert "mcp.client.operation.duration" in moved_
    assert not [m for m in moved_ if m.startswith("hexr.tool.")]
