import json

from hexr_autoinst.dissect.dialects.openai_responses_content import content_of


def test_every_kind_of_item_has_its_place():
    items = [
        {"role": "developer", "content": "d"},
        {"role": "user", "content": [{"type": "input_text", "text": "t"}, {"type": "input_image", "image_url": "https://h/i.png"}, {"type": "input_file", "file_id": "f1"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "c", "output": "o"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
    ]  # fmt: skip
    found = content_of({"instructions": "be", "input": items})

    assert json.loads(found.system_instructions) == [{"type": "text", "content": "be"}]
    assert [(m["role"], m["parts"]) for m in json.loads(found.input_messages)] == [
        ("developer", [{"type": "text", "content": "d"}]),
        ("user", [{"type": "text", "content": "t"}, {"type": "uri", "modality": "image", "uri": "https://h/i.png"}, {"type": "file", "modality": "document", "file_id": "f1"}]),
        ("assistant", [{"type": "reasoning", "content": "hm"}]),
        ("assistant", [{"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}]),
        ("tool", [{"type": "tool_call_response", "id": "c", "response": "o"}]),
        ("assistant", [{"type": "text", "content": "no"}]),
    ]  # fmt: skip
