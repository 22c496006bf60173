import json

from hexr_autoinst.dissect.dialects.cohere_chat_v1_content import content_of


def test_the_history_the_message_and_then_the_results():
    results = [{"call": {"name": "f", "parameters": {}}, "outputs": [{"t": 3}]}]
    found = content_of(
        {
            "preamble": "Be brief.",
            "chat_history": [
                {"role": "USER", "message": "Weather?"},
                {
                    "role": "CHATBOT",
                    "message": "I look.",
                    "tool_calls": [{"name": "f", "parameters": {"x": 1}}],
                },
                {"role": "TOOL", "tool_results": results},
            ],
            "message": "And now?",
            "tool_results": results,
            "tools": [{"name": "f", "description": "d", "parameter_definitions": {"x": {"type": "int"}}}],
        }
    )
    told = {"type": "tool_call_response", "id": None, "response": [{"t": 3}], "name": "f"}

    assert json.loads(found.input_messages) == [
        {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
        {"role": "assistant", "parts": [
            {"type": "text", "content": "I look."},
            {"type": "tool_call", "id": None, "name": "f", "arguments": {"x": 1}},
        ]},
        {"role": "tool", "parts": [told]},
        {"role": "user", "parts": [{"type": "text", "content": "And now?"}]},
        {"role": "tool", "parts": [told]},
    ]  # fmt: skip
    assert json.loads(found.system_instructions) == [{"type": "text", "content": "Be brief."}]
    assert json.loads(found.tool_definitions)[0]["parameters"] == {"x": {"type": "int"}}


def test_what_was_not_said_is_not_told():
    found = content_of({"message": ""})

    assert (found.input_messages, found.system_instructions, found.tool_definitions) == (None, None, None)
