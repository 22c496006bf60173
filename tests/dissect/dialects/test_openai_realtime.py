"""Realtime's responses: whose each event is, what the session settles for them, how they end. Whole sessions: tests/exchanges/openai/realtime_*."""

import json

import pytest

from hexr_autoinst.dissect.dialects.openai_realtime import OPENAI_REALTIME
from tests.dissect.dialects.talking import talk

CREATE = (False, {"type": "response.create"})


def created(id_, **more):
    return True, {"type": "response.created", "response": {"id": id_, "status": "in_progress", **more}}


def done(id_, status="completed", **more):
    return True, {"type": "response.done", "response": {"id": id_, "status": status, **more}}


@pytest.mark.parametrize(
    ("status", "details", "finish", "failure"),
    [
        ("completed", None, "stop", None),
        ("cancelled", {"type": "cancelled", "reason": "client_cancelled"}, "client_cancelled", None),
        ("cancelled", None, "cancelled", None),
        ("incomplete", {"reason": "max_output_tokens"}, "max_output_tokens", None),
        ("incomplete", {"reason": "content_filter"}, "content_filter", "content_filter"),
        ("failed", {"error": {"type": "server_error", "code": "overloaded"}}, "error", "overloaded"),
        ("failed", {"error": {"type": "server_error"}}, "error", "server_error"),
        ("failed", None, "error", "_OTHER"),
    ],
)
def test_how_it_ends(status, details, finish, failure):
    ((_, call),) = talk(OPENAI_REALTIME, CREATE, created("r"), done("r", status, status_details=details))

    assert ((finish,), failure, True) == (call.finish_reasons, call.failure and call.failure.type, call.ended)


def test_a_response_that_nobody_asked_for_began_when_the_speech_was_taken():
    said = [
        (True, {"type": "input_audio_buffer.committed"}),
        (True, {"type": "conversation.item.created"}),
        created("r"),
        done("r"),
        created("s"),
        done("s"),
    ]

    assert [(1, 3, 4), (5, 5, 6)] == [
        (e.began, e.response.at, e.ended) for e, _ in talk(OPENAI_REALTIME, *said)
    ]


def test_metadata_tells_which_request_is_answered():
    asked = [
        (False, {"type": "response.create", "response": {"metadata": {"n": n}, "instructions": n}})
        for n in ("1", "2")
    ]
    told = talk(
        OPENAI_REALTIME,
        *asked,
        created("b", metadata={"n": "2"}),
        created("x", metadata={"n": "3"}),
        done("b", metadata={"n": "2"}),
        done("x"),
    )

    assert [("b", 2), ("x", 4), (None, 1)] == [(c.response_id, e.began) for e, c in told]


def test_events_of_a_response_that_is_not_known_are_nobodys():
    unknown = True, {"type": "response.output_text.delta", "response_id": "z", "delta": "x"}
    ((_, call),) = talk(OPENAI_REALTIME, CREATE, created("r"), unknown, done("r"), unknown, done("z"))

    assert 0 == call.output_chunks


def test_an_error_is_that_of_the_request_it_names_and_otherwise_no_calls():
    ask = False, {"type": "response.create", "event_id": "e1"}
    other = True, {"type": "error", "error": {"code": "buffer_empty", "event_id": "e0"}}
    nameless = True, {"type": "error", "error": {"code": "buffer_empty", "event_id": None}}
    refused = True, {"type": "error", "error": {"type": "invalid_request_error", "code": "conversation_already_has_active_response", "event_id": "e1"}}  # fmt: skip
    ((exchange, call),) = talk(OPENAI_REALTIME, ask, other, nameless, refused)

    assert ("conversation_already_has_active_response", 4) == (call.failure.type, exchange.ended)


def test_what_the_client_settles_holds_and_what_the_server_says_of_its_defaults_does_not():
    served = {"model": "served", "temperature": 0.8, "modalities": ["audio"], "tools": [{"name": "t"}]}
    ((_, call),) = talk(
        OPENAI_REALTIME,
        (True, {"type": "session.created", "session": served}),
        (False, {"type": "session.update", "session": {"max_output_tokens": "inf", "temperature": 0.5}}),
        (False, {"type": "response.create", "response": {"temperature": 0.6}}),
        created("r"),
        done("r"),
        query="model=asked",
    )

    assert ("asked", "served", 0.6, None, None, ("t",)) == (
        call.request_model, call.response_model, call.sampling.temperature, call.sampling.max_tokens, call.sampling.output_type, call.tool_definitions,
    )  # fmt: skip


def test_content_of_what_was_said_since_the_last_response():
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    told = talk(
        OPENAI_REALTIME,
        (False, {"type": "conversation.item.create", "item": item}),
        CREATE,
        created("r"),
        done("r", output=[{"type": "message", "content": [{"type": "audio", "transcript": "Ho"}]}]),
        CREATE,
        created("s"),
        done("s", output=[{"type": "mcp_call", "id": "m", "name": "search", "arguments": "{}"}]),
        content=True,
    )
    first, second = (call for _, call in told)

    assert [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}] == json.loads(
        first.content.input_messages
    )
    assert "Ho" in first.content.output_messages
    assert second.content.input_messages is None
    assert ("stop", ()) == (second.finish_reasons[0], second.tool_calls)  # the server has run it
