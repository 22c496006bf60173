import pytest

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects import bedrock_guardrail
from hexr_autoinst.model.operation import Failure, Usage

BLOCKED = {"topicPolicy": {"topics": [{"action": "BLOCKED"}]}}
PASSED = {
    "topicPolicy": {"topics": [{"action": "NONE"}]},
    "invocationMetrics": {"guardrailProcessingLatency": 1},
}


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ({"inputAssessment": {"g": BLOCKED}}, {"guard.prompt_blocked": "topicPolicy"}),
        ({"input": {"g": BLOCKED}}, {"guard.prompt_blocked": "topicPolicy"}),
        ({"outputAssessments": {"g": [PASSED, BLOCKED]}}, {"guard.output_blocked": "topicPolicy"}),
        ({"outputs": [{"g": BLOCKED}]}, {"guard.output_blocked": "topicPolicy"}),
        (
            {"inputAssessment": {"g": BLOCKED}, "outputAssessments": {"g": [BLOCKED]}},
            {"guard.prompt_blocked": "topicPolicy", "guard.output_blocked": "topicPolicy"},
        ),
        ({"inputAssessment": {"g": PASSED}, "outputAssessments": {"g": [PASSED]}}, {}),
        ({"inputAssessment": [1], "outputs": "x"}, {}),
        ({}, {}),
    ],
)
def test_a_trace_says_on_which_side(trace, expected):
    answer = Answer()
    bedrock_guardrail.trace(answer, trace)

    assert expected == answer.extras
    assert (Failure("content_filter") if expected else None) == answer.failure


def test_a_trace_takes_back_what_the_reason_alone_let_one_think():
    answer = Answer()
    bedrock_guardrail.stopped(answer, "guardrail_intervened")
    assert answer.extras == {"guard.output_blocked": "guardrail_intervened"}

    bedrock_guardrail.trace(answer, {"inputAssessment": {"g": BLOCKED}})
    bedrock_guardrail.intervened(answer)

    assert answer.extras == {"guard.prompt_blocked": "topicPolicy"}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("end_turn", None), (None, None), ("content_filtered", "content_filtered")],
)
def test_only_a_filters_reason_is_one(reason, expected):
    answer = Answer()
    bedrock_guardrail.stopped(answer, reason)

    assert expected == answer.extras.get("guard.output_blocked")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(0, 0), "guard.prompt_blocked"),
        (Usage(9, 0), "guard.output_blocked"),
        (Usage(), "guard.output_blocked"),
    ],
)
def test_a_model_that_used_no_token_was_not_asked(usage, expected):
    answer = Answer(usage=usage)
    bedrock_guardrail.intervened(answer)
    bedrock_guardrail.unasked(answer)

    assert list(answer.extras) == [expected]
