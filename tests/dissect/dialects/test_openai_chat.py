import pytest

from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT, output_type
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


def delta(index=0, finish=None, **said):
    return {"id": "c", "model": "m", "choices": [{"index": index, "delta": said, "finish_reason": finish}]}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (delta(role="assistant"), 0),
        (delta(role="assistant", content=""), 0),
        (delta(content=None, finish="stop"), 0),
        ({"choices": [], "usage": {"prompt_tokens": 1}}, 0),
        (delta(content="x"), 1),
        (delta(refusal="x"), 1),
        (delta(reasoning_content="x"), 1),
        (delta(reasoning="x"), 1),
        (delta(content=[{"type": "thinking", "thinking": []}, {"type": "text", "text": "x"}]), 1),
        (delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]), 1),
        (delta(function_call={"name": "f", "arguments": ""}), 1),
        (delta(audio={"data": "AA"}), 1),
    ],
)
def test_only_a_frame_with_output_is_an_output_frame(frame, expected):
    assert expected == call(OPENAI_CHAT, {}, frame).output_chunks


def test_usage_that_grows_with_the_stream_is_told_as_it_stands_last():
    found = call(
        OPENAI_CHAT,
        {},
        {"usage": {"prompt_tokens": 5, "completion_tokens": 1}},
        {"usage": None},
        {"usage": {"prompt_tokens": 5, "completion_tokens": 3}},
    )

    assert found.usage == Usage(5, 3)


def test_a_stream_without_usage_has_none():
    assert call(OPENAI_CHAT, {"stream": True}, delta(content="x"), delta(finish="stop")).usage == Usage()


def test_finish_reasons_stand_in_choice_order_and_a_repeat_is_one():
    found = call(
        OPENAI_CHAT, {}, delta(1, "length"), delta(0, "stop"), delta(0, "stop"), delta(1, None), delta(0, "")
    )

    assert found.finish_reasons == ("stop", "length")


def test_an_integer_for_a_finish_reason_is_told_as_text():
    assert call(OPENAI_CHAT, {}, delta(0, 2)).finish_reasons == ("2",)


def test_an_event_named_error_is_an_error_though_its_data_is_bare():
    from hexr_autoinst.model.exchange import Frame
    from tests.dissect.dialects.asking import EXCHANGE, begun

    reading = begun(OPENAI_CHAT, {})
    reading.frame(Frame(0, "sse", "error", '{"code": "content_filter", "message": "m"}'))

    assert reading.close(EXCHANGE).failure.type == "content_filter"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 7, "max_tokens": 5}, 7),
        ({"max_completion_tokens": 0}, 0),
        ({}, None),
    ],
)
def test_the_newer_limit_wins(sent, expected):
    assert expected == call(OPENAI_CHAT, sent).sampling.max_tokens


@pytest.mark.parametrize(
    ("said", "expected"),
    [("json_object", "json"), ("json_schema", "json"), ("text", "text"), ("grammar", None), (None, None)],
)
def test_a_response_format_has_the_conventions_word(said, expected):
    assert expected == output_type(said)


@pytest.mark.parametrize(("tier", "expected"), [("auto", None), ("flex", "flex"), (None, None)])
def test_the_asked_for_tier_is_told_unless_it_is_auto(tier, expected):
    assert expected == dict(call(OPENAI_CHAT, {"service_tier": tier}).extras).get("openai.request_tier")


def test_custom_tools_and_calls_have_names():
    body = {"tools": [{"type": "custom", "custom": {"name": "sql"}}, {"type": "web_search"}]}
    message = {"tool_calls": [{"id": "a", "type": "custom", "custom": {"name": "sql", "input": "select"}}]}
    found = call(OPENAI_CHAT, body, whole={"choices": [{"message": message}]}, content=True)

    assert found.tool_definitions == ("sql", "web_search")
    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("sql", "a", "select")]


def test_an_error_in_a_good_status_is_a_failure():
    assert call(OPENAI_CHAT, {}, whole={"error": {"message": "m", "code": 429}}).failure.type == "429"


def test_a_whole_message_after_its_pieces_says_nothing_again():
    last = {"id": "c", "choices": [{"index": 0, "message": {"content": "ab"}, "finish_reason": "stop"}]}
    found = call(OPENAI_CHAT, {}, delta(content="a"), delta(content="b"), last, content=True)
    alone = call(OPENAI_CHAT, {}, last, content=True)

    assert (found.output_chunks, found.content.output_messages.count("ab")) == (2, 1)
    assert (alone.output_chunks, alone.content.output_messages.count("ab")) == (1, 1)


@pytest.mark.parametrize(
    "frame",
    [
        {"usage": {"prompt_tokens": 1, "completion_tokens": 2}},
        {"x_groq": {"id": "r", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}},
        {"choices": [{"index": 0, "delta": {}, "usage": {"prompt_tokens": 1, "completion_tokens": 2}}]},
    ],
)
def test_usage_is_found_in_every_corner(frame):
    assert Usage(1, 2) == call(OPENAI_CHAT, {}, frame).usage


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"base_resp": {"status_code": 1008, "status_msg": "m"}}, "1008"),
        ({"base_resp": {"status_code": 0, "status_msg": ""}}, None),
        ({"x_groq": {"error": {"code": "c", "message": "m"}}}, "c"),
        (
            {"choices": [{"index": 0, "error": {"code": 502, "message": "m"}, "finish_reason": "error"}]},
            "502",
        ),
    ],
)
def test_a_failure_is_found_in_every_corner(value, expected):
    found = call(OPENAI_CHAT, {}, whole={"id": "c", **value})

    assert expected == (found.failure and found.failure.type)


def test_thinking_that_comes_in_parts_is_reasoning():
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}]},
        {"type": "text", "text": "hi"},
    ]
    found = call(OPENAI_CHAT, {}, delta(content=parts), content=True)

    assert found.output_chunks == 1
    assert '{"type": "reasoning", "content": "hmso"}, {"type": "text", "content": "hi"}' in (
        found.content.output_messages
    )


def test_whom_a_router_has_asked_is_told():
    assert dict(call(OPENAI_CHAT, {}, whole={"id": "c", "provider": "Google"}).extras)["upstream"] == "Google"
