import pytest

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": 5, "output_tokens": 2}, Usage(5, 2)),
        (
            {
                "input_tokens": 5,
                "output_tokens": 2,
                "cache_read_input_tokens": 100,
                "cache_creation_input_tokens": 20,
            },
            Usage(125, 2, 100, 20),
        ),
        ({"input_tokens": 0, "output_tokens": 2, "cache_read_input_tokens": 7}, Usage(7, 2, 7)),
        ({"output_tokens": 2, "cache_read_input_tokens": 7}, Usage(None, 2, 7)),
        ({}, Usage()),
    ],
)
def test_input_counts_what_the_cache_gave_and_took(usage, expected):
    assert expected == call(ANTHROPIC_MESSAGES, {}, whole={"id": "msg", "content": [], "usage": usage}).usage


def test_usage_of_a_stream_is_overwritten_never_added():
    start = {
        "type": "message_start",
        "message": {
            "id": "m",
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1},
        },
    }
    more = {
        "type": "message_delta",
        "delta": {},
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 20},
    }
    last = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 30}}

    assert call(ANTHROPIC_MESSAGES, {}, start, more, last).usage == Usage(15, 30, 5)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"type": "ping"}, 0),
        ({"type": "message_start", "message": {"id": "m"}}, 0),
        ({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}, 0),
        (
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "signature_delta", "signature": "x"},
            },
            0,
        ),
        ({"type": "content_block_stop", "index": 0}, 0),
        (
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "tool_use", "id": "t", "name": "f"},
            },
            1,
        ),
        ({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}}, 1),
        (
            {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "x"}},
            1,
        ),
        (
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "input_json_delta", "partial_json": "{"},
            },
            1,
        ),
        (
            {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {}}},
            1,
        ),
    ],
)
def test_only_a_piece_of_output_is_an_output_frame(frame, expected):
    assert expected == call(ANTHROPIC_MESSAGES, {}, frame).output_chunks


def test_tools_that_the_vendor_runs_are_not_asked_of_the_client():
    blocks = [
        {"type": "server_tool_use", "id": "s", "name": "web_search"},
        {"type": "tool_use", "id": "t", "name": "f"},
    ]
    found = call(ANTHROPIC_MESSAGES, {}, whole={"id": "m", "content": blocks, "stop_reason": "tool_use"})

    assert [(t.name, t.id) for t in found.tool_calls] == [("f", "t")]


def test_arguments_of_a_whole_answer_are_json_text_when_content_may_be_kept():
    blocks = [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]
    found = call(ANTHROPIC_MESSAGES, {}, whole={"id": "m", "content": blocks}, content=True)

    assert found.tool_calls[0].arguments == '{"a": 1}'


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"output_config": {"format": {"type": "json_schema"}}}, "json"),
        ({"output_format": {"type": "json_schema"}}, "json"),
        ({}, None),
    ],
)
def test_a_format_is_read_by_its_newer_and_older_name(sent, expected):
    assert expected == call(ANTHROPIC_MESSAGES, sent).sampling.output_type
