import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.ollama_chat import OLLAMA_CHAT
from hexr_autoinst.model.exchange import Response
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call


def line(done=False, **message):
    return {"model": "m", "message": {"role": "assistant", **message}, "done": done}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (line(content=""), 0),
        (line(content="x"), 1),
        (line(content="", thinking="x"), 1),
        (line(content="", tool_calls=[{"function": {"name": "f", "arguments": {}}}]), 1),
        ({**line(done=True, content=""), "done_reason": "stop"}, 0),
        ({"error": "e"}, 0),
    ],
)
def test_only_a_line_with_output_is_an_output_frame(frame, expected):
    assert expected == call(OLLAMA_CHAT, {}, frame).output_chunks


@pytest.mark.parametrize(
    ("body", "expected"), [({}, True), ({"stream": True}, True), ({"stream": False}, False)]
)
def test_a_stream_is_what_is_answered_unless_it_is_refused(body, expected):
    assert expected is call(OLLAMA_CHAT, body, whole=line(done=True, content="x")).stream


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"prompt_eval_count": 3, "eval_count": 4}, Usage(3, 4)),
        ({"eval_count": 4}, Usage(None, 4)),
        ({}, Usage()),
    ],
)
def test_a_prompt_from_the_cache_has_no_length(counts, expected):
    assert expected == call(OLLAMA_CHAT, {}, whole={**line(done=True, content="x"), **counts}).usage


@pytest.mark.parametrize(("limit", "expected"), [(5, 5), (0, 0), (-1, None), (-2, None), (None, None)])
def test_a_limit_below_zero_is_none(limit, expected):
    assert expected == call(OLLAMA_CHAT, {"options": {"num_predict": limit}}).sampling.max_tokens


@pytest.mark.parametrize(
    ("format_", "expected"), [("json", "json"), ({"type": "object"}, "json"), ("", None)]
)
def test_a_schema_asks_for_json(format_, expected):
    assert expected == call(OLLAMA_CHAT, {"format": format_}).sampling.output_type


def test_calls_of_one_name_are_two_calls_with_arguments_that_are_no_text():
    calls = [{"function": {"name": "f", "arguments": {"x": n}}} for n in (1, 2)]
    found = call(OLLAMA_CHAT, {}, line(tool_calls=calls[:1]), line(tool_calls=calls[1:]), content=True)

    assert [(t.name, t.arguments) for t in found.tool_calls] == [("f", '{"x": 1}'), ("f", '{"x": 2}')]


@pytest.mark.parametrize(
    "whole", [{"answer": "x"}, {"message": "sent"}, {"message": {"content": "x"}}, {"done": True}]
)
def test_on_a_host_that_nobody_owns_another_answer_is_no_call(whole):
    reading = begun(OLLAMA_CHAT, {"model": "m", "messages": []}, inferred=True)
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)

    assert reading.close(replace(EXCHANGE, response=answer)) is None
