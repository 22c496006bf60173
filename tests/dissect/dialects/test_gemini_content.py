import json

import pytest

from hexr_autoinst.dissect.dialects.gemini_content import content_of


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"text": "t"}, {"type": "text", "content": "t"}),
        ({"text": "t", "thought": True}, {"type": "reasoning", "content": "t"}),
        ({"function_call": {"name": "f"}}, {"type": "tool_call", "id": None, "name": "f", "arguments": {}}),
        ({"functionResponse": {"name": "f", "response": {"r": 1}}}, {"type": "tool_call_response", "id": "f", "response": {"r": 1}}),
        ({"inline_data": {"mime_type": "audio/wav", "data": "QQ=="}}, {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "QQ=="}),
        ({"fileData": {"fileUri": "gs://a", "mimeType": "application/pdf"}}, {"type": "uri", "modality": "document", "mime_type": "application/pdf", "uri": "gs://a"}),
        ({"thoughtSignature": "AA", "executableCode": {}}, {"type": "executableCode"}),
        ({}, {"type": "unknown"}),
    ],
    ids=str,
)  # fmt: skip
def test_every_kind_of_part_has_its_place(part, expected):
    found = content_of({"contents": [{"role": "user", "parts": [part]}]})

    assert json.loads(found.input_messages) == [{"role": "user", "parts": [expected]}]


def test_roles_are_the_conventions():
    found = content_of({"contents": [{"role": r, "parts": []} for r in ("model", "function", None, "odd")]})

    assert [m["role"] for m in json.loads(found.input_messages)] == ["assistant", "tool", "user", "odd"]


def test_a_schema_goes_by_one_of_two_names():
    functions = [
        {"name": "a", "parameters": {"x": 1}},
        {"name": "b", "parametersJsonSchema": {"y": 2}},
        {"odd": 1},
    ]
    found = content_of({"tools": [{"functionDeclarations": functions}]})

    assert json.loads(found.tool_definitions) == [
        {"type": "function", "name": "a", "parameters": {"x": 1}},
        {"type": "function", "name": "b", "parameters": {"y": 2}},
    ]
