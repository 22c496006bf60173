from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.bedrock_agent import BEDROCK_AGENT, BEDROCK_FLOW
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call


def model(kind, **usage):
    return ("trace", {"trace": {kind: {"modelInvocationOutput": {"metadata": {"usage": usage}}}}})


def test_the_tokens_of_every_model_that_was_asked_are_added():
    found = call(
        BEDROCK_AGENT,
        {},
        model("preProcessingTrace", inputTokens=5, outputTokens=1),
        model("orchestrationTrace", inputTokens=7),
        ("chunk", {"bytes": "QQ=="}),
    )

    assert found.usage == Usage(12, 1)


def test_a_stream_without_a_trace_tells_no_tokens():
    assert call(BEDROCK_AGENT, {}, ("chunk", {"bytes": "QQ=="})).usage == Usage()


def test_calls_that_share_one_id_are_told_without_it():
    inputs = [{"apiInvocationInput": {"apiPath": p}} for p in ("/a", "/b")]
    found = call(BEDROCK_AGENT, {}, ("returnControl", {"invocationId": "i", "invocationInputs": inputs}))

    assert [(t.name, t.id) for t in found.tool_calls] == [("/a", None), ("/b", None)]


@pytest.mark.parametrize(
    ("path", "agent"),
    [
        ("/agents/A%201/agentAliases/T/sessions/s/text", "A 1"),
        ("/agents/s-1", None),
        ("/flows/F/aliases/T", None),
    ],
)
def test_the_agent_stands_in_the_path(path, agent):
    reading = begun(BEDROCK_AGENT, {})
    found = reading.close(replace(EXCHANGE, request=replace(EXCHANGE.request, path=path)))

    assert agent == dict(found.extras).get("agent.id")


def test_a_flow_ends_with_its_reason_and_is_no_agent():
    frames = [
        ("flowOutputEvent", {"content": {"document": {"a": 1}}}),
        ("flowCompletionEvent", {"completionReason": "INPUT_REQUIRED"}),
    ]
    found = call(BEDROCK_FLOW, {}, *frames)

    assert (found.operation, found.finish_reasons, found.ended) == (
        "invoke_workflow",
        ("INPUT_REQUIRED",),
        True,
    )


def test_a_guardrails_answer_is_blocked_even_where_no_policy_is_named():
    found = call(BEDROCK_AGENT, {}, ("trace", {"trace": {"guardrailTrace": {"action": "INTERVENED"}}}))

    assert (found.failure.type, list(dict(found.extras))) == ("content_filter", ["guard.output_blocked"])
