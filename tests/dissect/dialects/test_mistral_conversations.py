import json

import pytest

from hexr_autoinst.dissect.dialects.mistral_conversations import MISTRAL_CONVERSATIONS, shaped
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"type": "conversation.response.started", "conversation_id": "c"}, 0),
        ({"type": "message.output.delta", "content": "x"}, 1),
        ({"type": "message.output.delta", "content": ""}, 0),
        ({"type": "message.output.delta", "content": {"type": "text", "text": "x"}}, 1),
        ({"type": "message.output.delta", "content": {"type": "thinking", "thinking": "x"}}, 1),
        ({"type": "message.output.delta", "content": {"type": "tool_reference", "tool": "web_search"}}, 0),
        ({"type": "function.call.delta", "tool_call_id": "t", "name": "f", "arguments": ""}, 1),
        ({"type": "tool.execution.started", "id": "e", "name": "web_search", "arguments": "{}"}, 1),
        ({"type": "tool.execution.done", "id": "e", "name": "web_search"}, 0),
        ({"type": "agent.handoff.started", "previous_agent_id": "a"}, 0),
        ({"type": "conversation.response.done", "usage": {}}, 0),
    ],
)
def test_only_an_event_with_output_is_an_output_frame(frame, expected):
    assert expected == call(MISTRAL_CONVERSATIONS, {}, frame).output_chunks


def test_a_tool_of_the_vendors_own_is_not_asked_of_the_caller():
    outputs = [
        {"type": "tool.execution", "id": "e", "name": "web_search", "arguments": "{}"},
        {"type": "function.call", "id": "x", "tool_call_id": "t", "name": "f", "arguments": {"x": 1}},
        {"type": "message.output", "model": "m", "agent_id": "ag", "content": "yes"},
    ]
    found = call(MISTRAL_CONVERSATIONS, {}, whole={"conversation_id": "c", "outputs": outputs}, content=True)

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("f", "t", '{"x": 1}')]
    assert (found.conversation, found.response_model, dict(found.extras)["agent.id"]) == ("c", "m", "ag")
    assert [p["type"] for p in json.loads(found.content.output_messages)[0]["parts"]] == [
        "server_tool_call",
        "tool_call",
        "text",
    ]


def test_connectors_tokens_are_in_neither_sum():
    usage = {"prompt_tokens": 6, "completion_tokens": 2, "total_tokens": 48, "connector_tokens": 40}
    found = call(MISTRAL_CONVERSATIONS, {}, whole={"conversation_id": "c", "outputs": [], "usage": usage})

    assert (found.usage.input, found.usage.output, dict(found.extras)["connector.tokens"]) == (6, 2, 40)


def test_inputs_are_a_text_or_entries():
    assert [shaped({"inputs": i}) for i in ("x", [{}], None)] == [True, True, False]
