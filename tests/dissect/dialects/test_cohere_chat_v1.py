import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.cohere_chat_v1 import COHERE_CHAT_V1, shaped
from hexr_autoinst.model.exchange import Frame, Response
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call

END = {"event_type": "stream-end", "finish_reason": "COMPLETE"}
WHOLE = {"response_id": "r", "text": "Hello", "tool_calls": [{"name": "f", "parameters": {"x": 1}}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message": "Hi", "model": "command"}, True),
        ({"message": "", "chat_history": []}, True),
        ({"message": "Hi"}, False),
        ({"message": {"text": "Hi"}, "model": "m"}, False),
        ({"message": "Hi", "model": "m", "messages": []}, False),
        ([], False),
    ],
)
def test_a_message_alone_is_no_call_of_a_model(body, expected):
    assert expected is shaped(body)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"event_type": "stream-start", "generation_id": "g"}, 0),
        ({"event_type": "text-generation", "text": "x"}, 1),
        ({"event_type": "text-generation", "text": ""}, 0),
        ({"event_type": "search-queries-generation", "search_queries": []}, 0),
        ({"event_type": "citation-generation", "citations": []}, 0),
        ({"event_type": "tool-calls-chunk", "tool_call_delta": {"name": "f", "index": 0}}, 1),
        ({"event_type": "tool-calls-chunk", "text": "I will"}, 1),
        ({"event_type": "tool-calls-generation", "tool_calls": [{"name": "f"}]}, 1),
        ({"event_type": "tool-calls-generation", "tool_calls": []}, 0),
        ({**END, "response": WHOLE}, 0),
    ],
)
def test_only_an_event_with_output_is_an_output_frame(frame, expected):
    assert expected == call(COHERE_CHAT_V1, {}, frame).output_chunks


def test_the_last_event_says_all_of_it_again_and_it_is_told_once():
    found = call(
        COHERE_CHAT_V1,
        {},
        {"event_type": "text-generation", "text": "Hel"},
        {"event_type": "text-generation", "text": "lo"},
        {"event_type": "tool-calls-generation", "tool_calls": [{"name": "f", "parameters": {"x": 1}}]},
        {**END, "response": {**WHOLE, "meta": {"billed_units": {"input_tokens": 3, "output_tokens": 2}}}},
        content=True,
    )

    assert [(t.name, t.arguments) for t in found.tool_calls] == [("f", '{"x": 1}')]
    assert json.loads(found.content.output_messages)[0]["parts"][0] == {"type": "text", "content": "Hello"}
    assert (found.response_id, found.usage, found.ended) == ("r", Usage(3, 2), True)


def test_what_the_stream_left_out_its_last_event_brings():
    found = call(COHERE_CHAT_V1, {}, {**END, "response": WHOLE}, content=True)

    assert (found.finish_reasons, [t.name for t in found.tool_calls]) == (("COMPLETE",), ["f"])
    assert json.loads(found.content.output_messages)[0]["parts"][0] == {"type": "text", "content": "Hello"}


def test_a_call_in_pieces_has_its_arguments_once():
    found = call(
        COHERE_CHAT_V1,
        {},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"name": "f", "index": 0}},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "parameters": '{"x"'}},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "parameters": ": 1}"}},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"name": "g", "index": 1}},
        {"event_type": "tool-calls-generation", "tool_calls": [{"name": "f"}, {"name": "g"}]},
        content=True,
    )

    assert [(t.name, t.arguments) for t in found.tool_calls] == [("f", '{"x": 1}'), ("g", "")]


@pytest.mark.parametrize(
    "whole",
    [{"text": "Hello"}, {"id": "x", "reply": "Hello"}, {"message": "no"}, {"status": "ok", "meta": {}}],
)
def test_on_a_host_that_nobody_owns_another_answer_is_no_call(whole):
    reading = begun(COHERE_CHAT_V1, {"message": "Hi", "model": "m"}, inferred=True)
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)

    assert reading.close(replace(EXCHANGE, response=answer)) is None


def test_nor_is_another_stream():
    reading = begun(COHERE_CHAT_V1, {"message": "Hi", "model": "m"}, inferred=True)
    reading.frame(Frame(0, "sse", "message", '{"text": "Hello"}'))

    assert reading.close(replace(EXCHANGE, response=Response(1, 200, ended=2, streamed=True))) is None
