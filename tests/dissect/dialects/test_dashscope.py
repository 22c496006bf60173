import json

import pytest

from hexr_autoinst.dissect.dialects.dashscope import DASHSCOPE, DASHSCOPE_INCREMENTAL
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

BODY = {"model": "qwen-plus", "input": {"messages": [{"role": "user", "content": "x"}]}}


def event(finish="null", usage=None, **message):
    choice = {"finish_reason": finish, "message": {"role": "assistant", **message}}
    return {
        "request_id": "r",
        "output": {"choices": [choice]},
        "usage": usage or {"input_tokens": 3, "output_tokens": 1},
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (BODY, (True, False)),
        ({**BODY, "parameters": {"incremental_output": True}}, (True, True)),
        ({**BODY, "parameters": {"incremental_output": False}}, (True, False)),
        ({"model": "m", "input": {"prompt": "x"}}, (True, False)),
        ({"model": "m", "input": {"texts": ["x"]}}, (False, False)),
        ({"model": "m", "input": "x"}, (False, False)),
        (None, (False, False)),
    ],
)
def test_increments_are_asked_for(body, expected):
    assert expected == (DASHSCOPE.shaped(body), DASHSCOPE_INCREMENTAL.shaped(body))


@pytest.mark.parametrize(
    ("dialect", "pieces"),
    [(DASHSCOPE, ("a", "ab", "ab", "abc")), (DASHSCOPE_INCREMENTAL, ("a", "b", "", "c"))],
)
def test_all_so_far_and_what_is_new_are_the_same_text(dialect, pieces):
    frames = [event(content=p, reasoning_content="") for p in pieces[:-1]]
    last = event("stop", {"input_tokens": 3, "output_tokens": 4}, content=pieces[-1])
    found = call(dialect, BODY, *frames, last, content=True)

    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "abc"}]
    assert (found.output_chunks, found.usage, found.finish_reasons) == (3, Usage(3, 4), ("stop",))


@pytest.mark.parametrize("dialect", [DASHSCOPE, DASHSCOPE_INCREMENTAL])
def test_arguments_of_a_call_are_told_once(dialect):
    pieces = ('{"x"', ": 1}") if dialect is DASHSCOPE_INCREMENTAL else ('{"x"', '{"x": 1}')
    frames = [
        event(content="", tool_calls=[{"index": 0, "id": "t", "function": {"name": "f", "arguments": p}}])
        for p in pieces
    ]
    found = call(dialect, BODY, *frames, event("tool_calls", content=""), content=True)

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("f", "t", '{"x": 1}')]


def test_the_older_format_has_its_text_beside_the_choices():
    whole = {
        "request_id": "r",
        "output": {"text": "ab", "finish_reason": "stop"},
        "usage": {"output_tokens": 2},
    }
    found = call(DASHSCOPE, {"model": "m", "input": {"prompt": "x"}}, whole=whole, content=True)

    assert found.finish_reasons == ("stop",)
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]
    assert json.loads(found.content.input_messages)[0]["parts"] == [{"type": "text", "content": "x"}]


def test_the_text_of_a_multimodal_answer_stands_in_parts():
    assert call(DASHSCOPE, BODY, event(content=[{"text": "a"}])).output_chunks == 1


@pytest.mark.parametrize(
    ("frames", "guard"),
    [
        ((), ("guard.prompt_blocked", "DataInspectionFailed")),
        ((event(content="a"),), ("guard.output_blocked", "DataInspectionFailed")),
    ],
)
def test_what_was_inspected_and_refused_was_blocked(frames, guard):
    error = {"code": "DataInspectionFailed", "message": "m", "request_id": "r"}
    found = call(DASHSCOPE, BODY, *frames, error)

    assert (found.failure.type, found.extras) == ("DataInspectionFailed", (guard,))
