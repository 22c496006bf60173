import json

from hexr_autoinst.dissect.dialects.ollama_content import chat_content, prompt_content


def test_every_member_of_a_message_has_its_place():
    found = chat_content(
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": "look", "images": ["QQ=="]},
                {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [
                    {"function": {"name": "f", "arguments": {"x": 1}}}
                ]},
                {"role": "tool", "tool_name": "f", "content": "3"},
            ],
            "tools": [{"type": "function", "function": {"name": "f"}}],
        }
    )  # fmt: skip

    assert json.loads(found.input_messages) == [
        {"role": "system", "parts": [{"type": "text", "content": "s"}]},
        {"role": "user", "parts": [
            {"type": "text", "content": "look"},
            {"type": "blob", "modality": "image", "content": "QQ=="},
        ]},
        {"role": "assistant", "parts": [
            {"type": "reasoning", "content": "hm"},
            {"type": "tool_call", "id": None, "name": "f", "arguments": {"x": 1}},
        ]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": None, "response": "3"}]},
    ]  # fmt: skip
    assert json.loads(found.tool_definitions) == [{"type": "function", "name": "f"}]


def test_a_call_that_only_loads_has_no_message():
    assert prompt_content({"model": "m", "system": ""}).input_messages is None


def test_the_system_stands_beside_the_prompt():
    found = prompt_content({"prompt": "p", "system": "s", "images": ["QQ=="]})

    assert json.loads(found.system_instructions) == [{"type": "text", "content": "s"}]
    assert [p["type"] for p in json.loads(found.input_messages)[0]["parts"]] == ["text", "blob"]
