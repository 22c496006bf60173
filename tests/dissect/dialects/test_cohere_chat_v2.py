import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.cohere_chat_v2 import COHERE_CHAT_V2
from hexr_autoinst.model.exchange import Response
from tests.dissect.dialects.asking import EXCHANGE, begun, call


def delta(kind, index=0, **message):
    return {"type": kind, "index": index, "delta": {"message": message}}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"id": "c", "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}}, 0),
        (delta("content-start", content={"type": "text", "text": ""}), 0),
        (delta("content-delta", content={"text": "x"}), 1),
        (delta("content-delta", content={"thinking": "x"}), 1),
        (delta("tool-plan-delta", tool_plan="x"), 1),
        (delta("tool-call-start", tool_calls={"id": "t", "function": {"name": "f", "arguments": ""}}), 1),
        (delta("citation-start", citations={"start": 0}), 0),
        ({"type": "content-end", "index": 0}, 0),
        ({"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}, 0),
    ],
)
def test_only_an_event_with_output_is_an_output_frame(frame, expected):
    assert expected == call(COHERE_CHAT_V2, {}, frame).output_chunks


def test_a_call_is_put_together_by_its_index():
    found = call(
        COHERE_CHAT_V2,
        {},
        delta("tool-call-start", 0, tool_calls={"id": "a", "function": {"name": "f", "arguments": ""}}),
        delta("tool-call-start", 1, tool_calls={"id": "b", "function": {"name": "g", "arguments": ""}}),
        delta("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"x"'}}),
        delta("tool-call-delta", 1, tool_calls={"function": {"arguments": "{}"}}),
        delta("tool-call-delta", 0, tool_calls={"function": {"arguments": ": 1}"}}),
        content=True,
    )

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [
        ("f", "a", '{"x": 1}'),
        ("g", "b", "{}"),
    ]


def test_text_thinking_and_plan_stand_in_the_order_they_came():
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "yes"}]
    answer = {"id": "i", "message": {"tool_plan": "plan", "content": parts}, "finish_reason": "COMPLETE"}
    found = call(COHERE_CHAT_V2, {}, whole=answer, content=True)

    assert json.loads(found.content.output_messages) == [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "planhm"}, {"type": "text", "content": "yes"}],
            "finish_reason": "COMPLETE",
        }
    ]


def test_an_error_is_no_message():
    found = call(
        COHERE_CHAT_V2, {}, whole={"id": "e", "message": "invalid api token"}, status=401, content=True
    )

    assert (found.failure.type, found.failure.message, found.finish_reasons) == (
        "401",
        "invalid api token",
        (),
    )


def test_a_stream_of_something_else_has_no_choice():
    assert call(COHERE_CHAT_V2, {}, {"type": "text", "value": "x"}).finish_reasons == ()


@pytest.mark.parametrize(
    "whole",
    [
        {"id": "x", "message": {"text": "Hello"}},
        {"id": "x", "choices": []},
        {"id": "x", "finish_reason": "stop"},
    ],
)
def test_on_a_host_that_nobody_owns_another_answer_is_no_call(whole):
    reading = begun(COHERE_CHAT_V2, {"model": "m"}, inferred=True)
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)

    assert reading.close(replace(EXCHANGE, response=answer)) is None
