import json

import pytest

from proxy_addons.guard_texts import output, prompt, refusal

# One of each shape, as the vendors' references show them.
PROMPTS = [
    ({"model": "m", "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}]}, "hi"),
    ({"messages": [{"role": "user", "content": "old"}, {"role": "assistant", "content": "well"}, {"role": "user", "content": [{"type": "text", "text": "new"}]}]}, "new"),
    ({"messages": [{"role": "assistant", "content": None}, {"role": "tool", "tool_call_id": "c", "content": "31 C"}]}, "31 C"),
    ({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": "found"}]}, {"type": "image"}]}]}, "found"),
    ({"messages": [{"role": "user", "content": [{"text": "converse"}]}]}, "converse"),
    ({"contents": [{"role": "user", "parts": [{"text": "a"}, {"inlineData": {}}]}]}, "a"),
    ({"model": "m", "input": "text"}, "text"),
    ({"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "parts"}]}]}, "parts"),
    ({"model": "m", "input": [{"type": "function_call_output", "output": "done"}]}, "done"),
    ({"model": "m", "prompt": ["one", "two"]}, "one\ntwo"),
    ({"prompt": "no model is named"}, ""),
    ({"jsonrpc": "2.0", "method": "tools/call"}, ""),
    ([], ""),
    ({"messages": "none"}, ""),
    ({"messages": [1, None, {"content": {"text": 5}}]}, ""),
]  # fmt: skip
OUTPUTS = [
    {"choices": [{"message": {"role": "assistant", "content": "said"}}]},
    {"choices": [{"text": "said"}]},
    {"type": "message", "content": [{"type": "text", "text": "said"}]},
    {"output": [{"type": "message", "content": [{"type": "output_text", "text": "said"}]}]},
    {"candidates": [{"content": {"parts": [{"text": "said"}]}}]},
    {"output": {"message": {"content": [{"text": "said"}]}}},
    {"message": {"role": "assistant", "content": "said"}},
]
STREAMS = [
    [{"choices": [{"delta": {"content": "sa"}}]}, {"choices": [{"delta": {"content": "id"}}]}, {"choices": []}],
    [{"type": "content_block_delta", "delta": {"type": "text_delta", "text": "sa"}}, {"type": "content_block_delta", "delta": {"text": "id"}}],
    [{"type": "response.output_text.delta", "delta": "said"}, {"type": "response.completed"}],
    [{"candidates": [{"content": {"parts": [{"text": "said"}]}}]}],
]  # fmt: skip


@pytest.mark.parametrize(("body", "text"), PROMPTS)
def test_what_was_said_since_the_model_spoke_last(body, text):
    assert prompt(body) == text


@pytest.mark.parametrize("body", OUTPUTS)
def test_the_text_of_an_answer(body):
    assert output("application/json", json.dumps(body).encode()) == "said"


@pytest.mark.parametrize("events", STREAMS)
def test_the_text_of_a_streamed_answer(events):
    lines = "".join(f"event: x\ndata: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n"

    assert output("text/event-stream; charset=utf-8", lines.encode()) == "said"


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[" * 100_000, b"[1]", b'{"choices": 3, "content": {"a": 1}}']
)
def test_what_is_no_answer_has_no_text(body):
    assert output("application/json", body) == output("text/event-stream", b"data: " + body) == ""


@pytest.mark.parametrize(
    ("path", "body", "headers", "place"),
    [
        ("/v1/chat/completions", {"messages": []}, (), ("error", "message")),
        ("/v1/messages", {"messages": []}, (), ("error", "message")),
        ("/anything", {"messages": []}, ("anthropic-version",), ("error", "message")),
        ("/v1beta/models/g:generateContent", {"contents": []}, (), ("error", "message")),
        ("/model/anthropic.claude/converse", {"messages": []}, (), ("message",)),
    ],
)
def test_a_refusal_is_the_vendors_own(path, body, headers, place):
    found, said = refusal(path, body, headers, "why")
    value = said
    for name in place:
        value = value[name]

    assert value == "why"
    assert found["Content-Type"] == "application/json"
    assert ("type" in said) == ("anthropic-version" in headers or path == "/v1/messages")
    assert ("x-amzn-ErrorType" in found) == path.startswith("/model/")
    assert ("status" in said.get("error", {})) == ("contents" in body)
