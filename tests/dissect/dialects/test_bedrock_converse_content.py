import json

import pytest

from hexr_autoinst.dissect.dialects.bedrock_converse_content import content_of


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"text": "t"}, {"type": "text", "content": "t"}),
        ({"guardContent": {"text": {"text": "t"}}}, {"type": "text", "content": "t"}),
        ({"reasoningContent": {"reasoningText": {"text": "h"}}}, {"type": "reasoning", "content": "h"}),
        ({"reasoningContent": {"redactedContent": "AA"}}, {"type": "reasoning", "content": ""}),
        ({"toolUse": {"toolUseId": "i", "name": "f", "input": {"a": 1}}}, {"type": "tool_call", "id": "i", "name": "f", "arguments": {"a": 1}}),
        ({"toolResult": {"toolUseId": "i", "content": [{"json": {}}]}}, {"type": "tool_call_response", "id": "i", "response": [{"json": {}}]}),
        ({"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://a"}}}}, {"type": "uri", "modality": "video", "mime_type": "video/mp4", "uri": "s3://a"}),
        ({"document": {"format": "pdf", "source": {"bytes": "QQ=="}}}, {"type": "blob", "modality": "document", "mime_type": None, "content": "QQ=="}),
        ({"image": {"format": "png", "source": {}}}, {"type": "image"}),
        ({"cachePoint": {"type": "default"}}, {"type": "cachePoint"}),
        ({}, {"type": "unknown"}),
    ],
    ids=str,
)  # fmt: skip
def test_every_kind_of_block_has_its_place(block, expected):
    found = content_of({"messages": [{"role": "user", "content": [block]}]})

    assert json.loads(found.input_messages) == [{"role": "user", "parts": [expected]}]


def test_a_point_of_caching_is_no_tool_and_no_instruction():
    point = {"cachePoint": {"type": "default"}}
    found = content_of({"system": [{"text": "be"}, point], "toolConfig": {"tools": [point]}})

    assert json.loads(found.system_instructions) == [{"type": "text", "content": "be"}]
    assert found.tool_definitions is None
