import pytest

from hexr_autoinst.dissect.dialects.bedrock_invoke import (
    INVOKE_ANTHROPIC,
    INVOKE_CHAT,
    INVOKE_EMBEDDINGS,
    INVOKE_TEXT,
)
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call

HEADERS = (
    ("X-Amzn-Bedrock-Input-Token-Count", "7"),
    ("X-Amzn-Bedrock-Output-Token-Count", "3"),
    ("X-Amzn-Bedrock-Cache-Read-Input-Token-Count", "2"),
)
METRICS = {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 70, "outputTokenCount": 30}}


@pytest.mark.parametrize(
    ("said", "headers", "expected"),
    [
        ({"generation": "x"}, HEADERS, Usage(9, 3, 2)),
        ({"generation": "x", "prompt_token_count": 5, "generation_token_count": 1}, HEADERS, Usage(5, 1)),
        ({"generation": "x", "prompt_token_count": 5}, HEADERS, Usage(5, 3)),
        ({"generation": "x", **METRICS}, (), Usage(70, 30)),
        ({"generation": "x"}, (("x-amzn-bedrock-input-token-count", "many"),), Usage()),
        ({"generation": "x"}, (), Usage()),
    ],
)
def test_the_service_counts_where_the_body_does_not(said, headers, expected):
    assert expected == call(INVOKE_TEXT, {}, whole=said, headers=headers).usage


def test_the_last_chunk_counts_for_a_stream():
    assert call(INVOKE_TEXT, {}, {"generation": "x"}, {"generation": "", **METRICS}).usage == Usage(70, 30)


def test_a_vector_has_no_output_tokens():
    assert call(INVOKE_EMBEDDINGS, {}, whole={"embedding": [1]}, headers=HEADERS).usage == Usage(9, None, 2)


def test_the_model_stands_in_the_path_alone():
    assert INVOKE_CHAT.ask({"model": "m", "messages": []}, False).model is None


def test_anthropics_body_says_its_version():
    assert INVOKE_ANTHROPIC.shaped({"anthropic_version": "bedrock-2023-05-31"})
    assert not INVOKE_ANTHROPIC.shaped({"messages": []})


@pytest.mark.parametrize(("action", "blocked"), [("INTERVENED", True), ("NONE", False)])
def test_a_guardrails_action_stands_beside_the_answer(action, blocked):
    found = call(INVOKE_TEXT, {}, whole={"generation": "x", "amazon-bedrock-guardrailAction": action})

    assert blocked == (found.failure is not None)
    assert blocked == ("guard.output_blocked" in dict(found.extras))
