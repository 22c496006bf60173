import json

from hexr_autoinst.dissect.dialects.openai_chat_content import content_of


def test_every_kind_of_part_has_its_place():
    parts = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "https://h/i.png"}},
        {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "f1"}},
        {"type": "new"},
        "nonsense",
    ]
    found = content_of(
        {"messages": [{"role": "system", "content": "s"}, {"role": "user", "name": "ann", "content": parts}]}
    )

    assert json.loads(found.input_messages) == [
        {"role": "system", "parts": [{"type": "text", "content": "s"}]},
        {"role": "user", "name": "ann", "parts": [
            {"type": "text", "content": "look"},
            {"type": "uri", "modality": "image", "uri": "https://h/i.png"},
            {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "QQ=="},
            {"type": "file", "modality": "document", "file_id": "f1"},
            {"type": "new"},
        ]},
    ]  # fmt: skip
    assert found.system_instructions is None


def test_legacy_functions_are_tools_and_calls():
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    found = content_of({"functions": [{"name": "f"}], "messages": [call]})

    assert json.loads(found.tool_definitions) == [{"type": "function", "name": "f"}]
    assert json.loads(found.input_messages)[0]["parts"] == [
        {"type": "tool_call", "id": None, "name": "f", "arguments": {}}
    ]


def test_mistrals_parts_have_their_place_too():
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "h"}, {"type": "text", "text": "m"}]},
        {"type": "thinking", "thinking": "ok"},
        {"type": "image_url", "image_url": "https://h/i.png"},
        {"type": "document_url", "document_url": "https://h/d.pdf"},
        {"type": "input_audio", "input_audio": "https://h/a.mp3"},
        {"type": "input_audio", "input_audio": "QQ=="},
    ]

    assert json.loads(content_of({"messages": [{"role": "user", "content": parts}]}).input_messages)[0][
        "parts"
    ] == [
        {"type": "reasoning", "content": "hm"},
        {"type": "reasoning", "content": "ok"},
        {"type": "uri", "modality": "image", "uri": "https://h/i.png"},
        {"type": "uri", "modality": "document", "uri": "https://h/d.pdf"},
        {"type": "uri", "modality": "audio", "uri": "https://h/a.mp3"},
        {"type": "blob", "modality": "audio", "content": "QQ=="},
    ]
