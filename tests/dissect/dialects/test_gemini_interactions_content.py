import json

import pytest

from hexr_autoinst.dissect.dialects.gemini_interactions_content import content_of


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("hi", {"role": "user", "parts": [{"type": "text", "content": "hi"}]}),
        ({"type": "text", "text": "hi"}, {"role": "user", "parts": [{"type": "text", "content": "hi"}]}),
        ({"role": "model", "content": "hi"}, {"role": "assistant", "parts": [{"type": "text", "content": "hi"}]}),
        ({"type": "model_output", "content": [{"type": "image", "data": "QQ==", "mime_type": "image/png"}]}, {"role": "assistant", "parts": [{"type": "blob", "modality": "image", "mime_type": "image/png", "content": "QQ=="}]}),
        ({"type": "user_input", "content": [{"type": "document", "uri": "u"}]}, {"role": "user", "parts": [{"type": "uri", "modality": "document", "mime_type": None, "uri": "u"}]}),
        ({"type": "thought", "summary": [{"type": "text", "text": "h"}]}, {"role": "assistant", "parts": [{"type": "reasoning", "content": "h"}]}),
        ({"type": "function_call", "id": "i", "name": "f", "arguments": {"a": 1}}, {"role": "assistant", "parts": [{"type": "tool_call", "id": "i", "name": "f", "arguments": {"a": 1}}]}),
        ({"type": "function_result", "call_id": "i", "result": "r"}, {"role": "tool", "parts": [{"type": "tool_call_response", "id": "i", "response": "r"}]}),
        ({"type": "new"}, {"role": "user", "parts": [{"type": "new"}]}),
    ],
    ids=str,
)  # fmt: skip
def test_every_kind_of_input_has_its_place(said, expected):
    found = content_of({"input": said})

    assert json.loads(found.input_messages) == [expected]
