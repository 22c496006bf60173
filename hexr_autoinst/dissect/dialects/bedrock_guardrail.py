"""What Bedrock's guardrails did to a call: what was asked or what was answered was blocked or changed.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTraceAssessment.html. Only a trace
says on which side; without one it is the answer, in whose place the guardrail speaks.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.lenient import mapping, objects, text
from hexr_autoinst.model.exchange import Exchange

PROMPT: Final = "guard.prompt_blocked"
OUTPUT: Final = "guard.output_blocked"
_INTERVENED: Final = "guardrail_intervened"
_FILTERED: Final = "content_filtered"
_ACTED: Final = frozenset({"BLOCKED", "ANONYMIZED"})
_MOST: Final = 512  # findings of one assessment that are looked at
# What a guardrail's trace says of itself, as `dissect.veil` names it: by guardrail, by policy, by list of findings.
KEPT: Final = tuple(
    f"{side}.*.*.*.action" for side in ("inputAssessment", "input", "outputAssessments", "outputs")
)


def stopped(answer: Answer, reason: str | None) -> None:
    """The reason why the model stopped; a trace may follow, and says more."""
    if reason in (_INTERVENED, _FILTERED):
        intervened(answer, reason)


def intervened(answer: Answer, reason: str = _INTERVENED) -> None:
    """A guardrail acted, and nobody has said on what."""
    if PROMPT not in answer.extras:
        answer.extras.setdefault(OUTPUT, reason)
    _fail(answer)


def unasked(answer: Answer) -> None:
    """At the end: a guardrail acted, and no token was used. The model was never asked: it was the prompt."""
    used = (answer.usage.input, answer.usage.output)
    if answer.extras.get(OUTPUT) == _INTERVENED and used == (0, 0):
        answer.extras[PROMPT] = answer.extras.pop(OUTPUT)


def acted(answer: Answer, value: dict[str, Any]) -> None:
    """The two members that a guardrail adds to a model's own answer."""
    trace(answer, mapping(value, "amazon-bedrock-trace", "guardrail"))
    if value.get("amazon-bedrock-guardrailAction") == "INTERVENED":
        intervened(answer)


def asked(answer: Answer, exchange: Exchange) -> None:
    """The guardrail that a header field of the request names."""
    if named := text(exchange.request.headers.get("x-amzn-bedrock-guardrailidentifier")):
        answer.extras.setdefault("aws.guardrail", named)


def trace(answer: Answer, said: dict[str, Any]) -> None:
    """A guardrail's trace; its inputs and outputs go by one of two names."""
    inputs = _policy(said.get("inputAssessment") or said.get("input"))
    outputs = _policy(said.get("outputAssessments") or said.get("outputs"))
    if inputs is None and outputs is None:
        return
    if outputs is None:
        answer.extras.pop(OUTPUT, None)
    for which, policy in ((PROMPT, inputs), (OUTPUT, outputs)):
        if policy is not None:
            answer.extras[which] = policy
    _fail(answer)


def _fail(answer: Answer) -> None:
    answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


def _policy(assessments: Any) -> str | None:
    """The first policy of which a finding was acted upon."""
    for assessment in _assessments(assessments):
        for policy, findings in assessment.items():
            lists = (f for found in mapping(findings).values() for f in objects(found, _MOST))
            if any(f.get("action") in _ACTED for f in lists):
                return text(policy)
    return None


def _assessments(value: Any) -> Iterator[dict[str, Any]]:
    """Assessments stand by the guardrail's id, one or a list of them; in some traces in a list of such."""
    for by_id in [value] if isinstance(value, dict) else objects(value, _MOST):
        for one in by_id.values():
            yield from [one] if isinstance(one, dict) else objects(one, _MOST)
