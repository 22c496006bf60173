"""Items of a Realtime conversation as messages: texts and transcripts, never sound."""

import pytest

from hexr_autoinst.dissect.dialects.openai_realtime_content import content_of, said_of


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "UklG", "transcript": "hi"}, {"type": "input_audio", "audio": "UklG"}]},
            [{"role": "user", "parts": [{"type": "text", "content": "hi"}, {"type": "input_audio"}]}],
        ),
        (
            {"type": "message", "role": "system", "content": [{"type": "input_text"}, {"type": "input_image", "image_url": "data:x"}]},
            [{"role": "system", "parts": [{"type": "text", "content": ""}, {"type": "input_image"}]}],
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": "3"},
            [{"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "3"}]}],
        ),
        (
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
            [{"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}]}],
        ),
        ({"type": "mcp_approval_response", "approve": True}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_an_item_is_a_message(item, expected):
    assert expected == said_of(item)


def test_a_text_is_cut_where_it_waits():
    (told,) = said_of(
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x" * 99_999}]}
    )

    assert 16 << 10 == len(told["parts"][0]["content"])


def test_settings_are_instructions_and_tools():
    found = content_of(
        {"instructions": "Be brief.", "tools": [{"type": "mcp", "server_label": "s"}, {"name": "f"}]}, None
    )

    assert '[{"type": "text", "content": "Be brief."}]' == found.system_instructions
    assert (
        '[{"name": "s", "type": "mcp", "server_label": "s"},{"name": "f", "type": "function"}]'
        == found.tool_definitions
    )
