import pytest

from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}
MESSAGE = {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}


def response(status, *output, **more):
    return {"id": "resp_1", "model": "m", "status": status, "output": list(output), **more}


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        (response("completed", MESSAGE), (("stop",), None)),
        (response("completed", MESSAGE, CALL), (("tool_call",), None)),
        (response("completed", {"type": "web_search_call", "id": "ws_1"}), (("stop",), None)),
        (response("completed", {"type": "mcp_call", "id": "m", "name": "x"}), (("stop",), None)),
        (
            response("completed", {"type": "custom_tool_call", "call_id": "c", "name": "x"}),
            (("tool_call",), None),
        ),
        (
            response("incomplete", MESSAGE, incomplete_details={"reason": "max_output_tokens"}),
            (("max_output_tokens",), None),
        ),
        (
            response("incomplete", incomplete_details={"reason": "content_filter"}),
            (("content_filter",), "content_filter"),
        ),
        (response("failed", error={"code": "server_error", "message": "m"}), (("error",), "server_error")),
        (response("failed"), (("error",), "_OTHER")),
        (response("queued"), ((), None)),
        (response("in_progress"), ((), None)),
        (response("cancelled"), ((), None)),
    ],
)
def test_a_status_is_told_as_a_finish_reason(whole, expected):
    found = call(OPENAI_RESPONSES, {}, whole=whole)

    assert expected == (found.finish_reasons, found.failure and found.failure.type)


def test_a_call_is_told_once_by_the_id_that_its_answer_will_name():
    done = {"type": "response.output_item.done", "output_index": 0, "item": CALL}
    found = call(
        OPENAI_RESPONSES, {}, done, {"type": "response.completed", "response": response("completed", CALL)}
    )

    assert [(t.name, t.id) for t in found.tool_calls] == [("f", "call_1")]


def test_a_stream_that_is_cut_still_tells_its_calls():
    done = {"type": "response.output_item.done", "output_index": 0, "item": CALL}
    found = call(
        OPENAI_RESPONSES, {}, {"type": "response.created", "response": response("in_progress")}, done
    )

    assert [t.id for t in found.tool_calls] == ["call_1"]
    assert (found.finish_reasons, found.missing, found.usage) == ((), ("unfinished:response",), Usage())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("response.output_text.delta", 1),
        ("response.reasoning_summary_text.delta", 1),
        ("response.function_call_arguments.delta", 1),
        ("response.image_generation_call.partial_image", 1),
        ("response.output_text.done", 0),
        ("response.output_item.added", 0),
        ("response.in_progress", 0),
    ],
)
def test_only_a_piece_of_output_is_an_output_frame(kind, expected):
    assert expected == call(OPENAI_RESPONSES, {}, {"type": kind, "delta": "x"}).output_chunks


def test_an_empty_delta_is_no_output():
    assert call(OPENAI_RESPONSES, {}, {"type": "response.output_text.delta", "delta": ""}).output_chunks == 0


@pytest.mark.parametrize("said", [{"conversation": "conv_1"}, {"conversation": {"id": "conv_1"}}])
def test_a_conversation_is_an_id_or_an_object_with_one(said):
    assert call(OPENAI_RESPONSES, said).conversation == "conv_1"


def test_a_previous_response_is_no_conversation():
    found = call(OPENAI_RESPONSES, {"previous_response_id": "resp_0"})

    assert found.conversation is None
    assert dict(found.extras)["previous_response"] == "resp_0"


def test_an_error_event_may_nest_its_error_or_not():
    bare = call(OPENAI_RESPONSES, {}, {"type": "error", "code": "c", "message": "m"})
    nested = call(OPENAI_RESPONSES, {}, {"type": "error", "error": {"type": "t", "code": "c"}})

    assert (bare.failure.type, nested.failure.type) == ("c", "c")
