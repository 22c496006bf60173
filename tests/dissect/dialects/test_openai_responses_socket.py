"""Responses on a WebSocket: each lane answers in its order. Whole sessions: tests/exchanges/openai/responses_on_a_socket*."""

import pytest

from hexr_autoinst.dissect.dialects.openai_responses_socket import OPENAI_RESPONSES_SOCKET
from tests.dissect.dialects.talking import talk


def ask(model="m", **more):
    return False, {"type": "response.create", "model": model, "input": "x", **more}


def event(kind, id_, **more):
    return True, {"type": f"response.{kind}", "response": {"id": id_, "status": kind, "model": "m-1"}, **more}


def test_a_lane_answers_in_its_order_and_lanes_know_nothing_of_each_other():
    told = talk(
        OPENAI_RESPONSES_SOCKET,
        ask("a", stream_id="1"),
        ask("b", stream_id="1"),
        ask("c", stream_id="2"),
        event("created", "r3", stream_id="2"),
        event("created", "r1", stream_id="1"),
        event("completed", "r1", stream_id="1"),
        event("completed", "r3", stream_id="2"),
        event("created", "r2", stream_id="1"),
        event("completed", "r2", stream_id="1"),
    )

    assert [("a", "r1"), ("c", "r3"), ("b", "r2")] == [(c.request_model, c.response_id) for _, c in told]


def test_a_body_within_the_message_is_read_as_well():
    ((_, call),) = talk(
        OPENAI_RESPONSES_SOCKET,
        (False, {"type": "response.create", "response": {"model": "inner", "input": "x"}}),
        event("completed", "r"),
    )

    assert "inner" == call.request_model


def test_a_response_whose_end_was_not_heard_is_not_mistaken_for_the_next():
    told = talk(
        OPENAI_RESPONSES_SOCKET,
        ask("a"),
        event("created", "r1"),
        ask("b"),
        event("created", "r2"),
        event("completed", "r2"),
    )

    assert [("r1", ("unfinished:response",), 2), ("r2", (), 5)] == [
        (c.response_id, c.missing, e.ended) for e, c in told
    ]


@pytest.mark.parametrize("lane", [{}, {"stream_id": "1"}])
def test_an_error_before_a_response_ends_it_and_one_within_waits_for_the_end(lane):
    error = True, {"type": "error", "status": 429, "error": {"code": "rate_limit_exceeded"}, **lane}
    told = talk(
        OPENAI_RESPONSES_SOCKET,
        ask(**lane),
        error,
        ask(**lane),
        event("created", "r", **lane),
        error,
        event("failed", "r", **lane),
    )

    assert [("rate_limit_exceeded", 2), ("rate_limit_exceeded", 6)] == [
        (c.failure.type, e.ended) for e, c in told
    ]


def test_what_nobody_began_is_nobodys():
    assert [] == talk(
        OPENAI_RESPONSES_SOCKET, event("completed", "r"), (True, {"type": "error", "error": {"code": "x"}})
    )
