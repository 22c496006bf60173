from dataclasses import replace

import pytest

from hexr_autoinst.model.exchange import Exchange, Request, Response
from hexr_autoinst.model.operation import Failure, ModelCall, Usage
from hexr_autoinst.model.story import (
    Agent,
    Ambiguous,
    Connection,
    Invocation,
    InvocationOpened,
    Place,
    Placed,
    StreamChanged,
    TaskMoved,
    Uncounted,
)
from hexr_autoinst.semconv.instruments import INSTRUMENTS
from hexr_autoinst.semconv.metrics import measure

S = 1_000_000_000
AGENT = Agent("analyst", "acme")
PLACE = Place("ab" * 16, "cd" * 8)
WHO = (("agent", "analyst"), ("tenant", "acme"))
EXCHANGE = Exchange(
    "x", "ebpf", None, "c", 0, "client",
    Request(at=10 * S, method="POST", scheme="https", host="api.example", port=443, path="/secret-path", ended=10 * S),
    Response(at=11 * S, status=200, ended=12 * S),
)  # fmt: skip
CALL = ModelCall(
    "chat", "chat", "openai", stream=True, request_model="m", response_model="m-1", usage=Usage(7, 5),
    first_output_at=11 * S, last_output_at=12 * S, output_chunks=5,
)  # fmt: skip


def values(told):
    return {m.instrument: m.value for m in measure(told)}


def test_a_model_call_moves_its_counters_and_the_conventions_histograms():
    told = Placed(AGENT, PLACE, EXCHANGE, CALL)

    assert values(told) == {
        "hexr.llm.calls": 1,
        "hexr.llm.call.duration": 2.0,
        "hexr.llm.input_tokens": 7,
        "hexr.llm.output_tokens": 5,
        "gen_ai.client.operation.duration": 2.0,
        "gen_ai.client.token.usage": 5,
        "gen_ai.client.operation.time_to_first_chunk": 1.0,
        "gen_ai.client.operation.time_per_output_chunk": 0.25,
    }
    usage = [
        (dict(m.labels)["gen_ai.token.type"], m.value)
        for m in measure(told)
        if m.instrument == "gen_ai.client.token.usage"
    ]
    assert usage == [("input", 7), ("output", 5)]


def test_a_failed_call_is_counted_with_its_error_type():
    told = Placed(
        AGENT, PLACE, EXCHANGE, replace(CALL, failure=Failure("rate_limit_exceeded"), usage=Usage())
    )
    errors = [m for m in measure(told) if m.instrument == "hexr.llm.call_errors"]

    assert [m.labels[-1] for m in errors] == [("error.type", "rate_limit_exceeded")]
    assert "hexr.llm.input_tokens" not in values(told)


def test_a_call_whose_price_is_known_has_cost():
    assert 0.25 == values(Placed(AGENT, PLACE, EXCHANGE, replace(CALL, cost_usd=0.25)))["hexr.llm.cost"]


def test_tasks_and_streams_are_measured():
    assert {"hexr.a2a.task.transitions": 1} == values(TaskMoved(1, AGENT, PLACE, "", "working"))
    assert {"hexr.sse.active": -1} == values(StreamChanged(1, AGENT, -1, "model", serves=False))


def test_an_invocation_opens_and_closes():
    closed = Invocation(AGENT, PLACE, "turn", 1 * S, 3 * S, failed=True)

    assert values(InvocationOpened(1, AGENT, PLACE)) == {"hexr.agent.active": 1}
    assert values(closed) == {
        "hexr.agent.active": -1,
        "hexr.agent.invocations": 1,
        "hexr.agent.duration": 2.0,
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Connection(1, AGENT, "opened", "client", connect_seconds=0.01), {"hexr.connection.opened": 1, "hexr.connection.active": 1, "hexr.connection.connect.duration": 0.01}),
        (Connection(1, AGENT, "failed", "client"), {"hexr.connection.failed": 1}),
        (Connection(1, AGENT, "handshake", "client", "libssl", "ok", 0.002), {"hexr.tls.handshakes": 1, "hexr.tls.handshake.duration": 0.002}),
        (Connection(1, AGENT, "closed", "client", bytes_received=9, retransmits=1), {"hexr.connection.active": -1, "hexr.connection.io": 9, "hexr.connection.retransmits": 1}),
        (Ambiguous(1, AGENT), {"hexr.self.ambiguous": 1}),
        (Uncounted("muted", 3), {}),
    ],
    ids=lambda x: getattr(x, "what", type(x).__name__),
)  # fmt: skip
def test_each_other_value(told, expected):
    assert expected == values(told)


def test_points_carry_who_and_only_the_labels_of_their_instrument():
    told = [
        Placed(AGENT, PLACE, EXCHANGE, replace(CALL, failure=Failure("x"))),
        Invocation(AGENT, PLACE, "turn", 0, 1),
        Connection(1, AGENT, "closed", "client", seconds=1, bytes_sent=1, rtt_seconds=1),
        Connection(1, AGENT, "handshake", "client", "l", "ok", 1),
    ]
    for m in (m for t in told for m in measure(t)):
        assert m.labels[:2] == WHO
        assert {k for k, _ in m.labels[2:]} <= set(INSTRUMENTS[m.instrument].labels), m.instrument
        assert "/secret-path" not in str(m.labels)
