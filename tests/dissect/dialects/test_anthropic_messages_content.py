import json

import pytest

from hexr_autoinst.dissect.dialects.anthropic_messages_content import content_of


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "text", "text": "t"}, {"type": "text", "content": "t"}),
        ({"type": "thinking", "thinking": "h"}, {"type": "reasoning", "content": "h"}),
        ({"type": "tool_use", "id": "i", "name": "f", "input": {"a": 1}}, {"type": "tool_call", "id": "i", "name": "f", "arguments": {"a": 1}}),
        ({"type": "tool_result", "tool_use_id": "i", "content": "r"}, {"type": "tool_call_response", "id": "i", "response": "r"}),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}, {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "QQ=="}),
        ({"type": "document", "source": {"type": "url", "url": "u"}}, {"type": "uri", "modality": "document", "uri": "u"}),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, {"type": "file", "modality": "image", "file_id": "f"}),
        ({"type": "document", "source": {"type": "text", "data": "d"}}, {"type": "text", "content": "d"}),
        ({"type": "new"}, {"type": "new"}),
    ],
    ids=lambda x: str(x.get("type")),
)  # fmt: skip
def test_every_kind_of_block_has_its_place(block, expected):
    found = content_of({"messages": [{"role": "user", "content": [block]}]})

    assert json.loads(found.input_messages) == [{"role": "user", "parts": [expected]}]


def test_system_stands_beside_the_history_and_tools_by_their_kind():
    found = content_of(
        {
            "system": "be",
            "tools": [{"name": "f", "input_schema": {}}, {"type": "bash_20250124", "name": "bash"}],
        }
    )

    assert json.loads(found.system_instructions) == [{"type": "text", "content": "be"}]
    assert json.loads(found.tool_definitions) == [
        {"type": "function", "name": "f", "parameters": {}},
        {"type": "bash_20250124", "name": "bash"},
    ]
