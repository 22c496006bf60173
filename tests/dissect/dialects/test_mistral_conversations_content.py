import json

from hexr_autoinst.dissect.dialects.mistral_conversations_content import content_of


def test_every_kind_of_entry_has_its_place():
    found = content_of(
        {
            "instructions": "Be brief.",
            "inputs": [
                {"type": "message.input", "role": "user", "content": [
                    {"type": "text", "text": "look"},
                    {"type": "image_url", "image_url": "https://h/i.png"},
                    {"type": "image_url", "image_url": {"url": "https://h/j.png"}},
                    {"type": "document_url", "document_url": "https://h/d.pdf"},
                    {"type": "new"},
                ]},
                {"type": "function.call", "tool_call_id": "t", "name": "f", "arguments": '{"x": 1}'},
                {"type": "function.result", "tool_call_id": "t", "result": "3"},
            ],
            "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "web_search"}],
        }
    )  # fmt: skip

    assert json.loads(found.input_messages) == [
        {"role": "user", "parts": [
            {"type": "text", "content": "look"},
            {"type": "uri", "modality": "image", "uri": "https://h/i.png"},
            {"type": "uri", "modality": "image", "uri": "https://h/j.png"},
            {"type": "uri", "modality": "document", "uri": "https://h/d.pdf"},
            {"type": "new"},
        ]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "t", "name": "f", "arguments": {"x": 1}}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "t", "response": "3"}]},
    ]  # fmt: skip
    assert json.loads(found.system_instructions) == [{"type": "text", "content": "Be brief."}]
    assert [t["name"] for t in json.loads(found.tool_definitions)] == ["f", "web_search"]


def test_a_text_is_the_users_message():
    assert json.loads(content_of({"inputs": "Hi"}).input_messages) == [
        {"role": "user", "parts": [{"type": "text", "content": "Hi"}]}
    ]
