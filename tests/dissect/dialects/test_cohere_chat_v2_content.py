import json

from hexr_autoinst.dissect.dialects.cohere_chat_v2_content import content_of


def test_every_kind_of_part_has_its_place():
    found = content_of(
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": [
                    {"type": "text", "text": "look"},
                    {"type": "image_url", "image_url": {"url": "https://h/i.png"}},
                    {"type": "new"},
                ]},
                {"role": "assistant", "tool_plan": "p", "content": [{"type": "thinking", "thinking": "t"}], "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
                ]},
                {"role": "tool", "tool_call_id": "a", "content": [{"type": "document", "document": {"data": "d"}}]},
            ],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        }
    )  # fmt: skip

    assert json.loads(found.input_messages) == [
        {"role": "system", "parts": [{"type": "text", "content": "s"}]},
        {"role": "user", "parts": [
            {"type": "text", "content": "look"},
            {"type": "uri", "modality": "image", "uri": "https://h/i.png"},
            {"type": "new"},
        ]},
        {"role": "assistant", "parts": [
            {"type": "reasoning", "content": "p"},
            {"type": "reasoning", "content": "t"},
            {"type": "tool_call", "id": "a", "name": "f", "arguments": {"x": 1}},
        ]},
        {"role": "tool", "parts": [
            {"type": "tool_call_response", "id": "a", "response": [{"type": "document", "document": {"data": "d"}}]},
        ]},
    ]  # fmt: skip
    assert json.loads(found.tool_definitions) == [
        {"type": "function", "name": "f", "parameters": {"type": "object"}}
    ]
