import pytest

from tests.dissect.effects.doors import facts, only, post, tell

SCAN = (
    "scan_type",
    "is_valid",
    "service",
    "hexr.guard.scanners",
    "hexr.guard.blocking_scanners",
    "error.type",
)
URL = "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/gr-abc/version/DRAFT/apply"
ASKED = {"source": "INPUT", "content": [{"text": {"text": "hi"}}]}


def test_an_intervention_names_the_policies_that_acted():
    assessment = {
        "topicPolicy": {"topics": [{"name": "secret-project", "type": "DENY", "action": "NONE"}]},
        "contentPolicy": {"filters": [{"type": "PROMPT_ATTACK", "action": "BLOCKED", "detected": True}]},
        "sensitiveInformationPolicy": {
            "piiEntities": [{"type": "EMAIL", "match": "a@b.c", "action": "ANONYMIZED"}]
        },
        "invocationMetrics": {"guardrailProcessingLatency": 5},
    }
    answer = {"action": "GUARDRAIL_INTERVENED", "outputs": [{"text": "no"}], "assessments": [assessment]}
    name, failed, said = only(post(URL, ASKED, answer))

    assert ("hexr.guard.scan", False) == (name, failed)
    assert facts(said, *SCAN) == {
        "scan_type": "prompt",
        "is_valid": False,
        "service": "bedrock_guardrails",
        "hexr.guard.scanners": ("contentPolicy", "sensitiveInformationPolicy", "topicPolicy"),
        "hexr.guard.blocking_scanners": ("contentPolicy", "sensitiveInformationPolicy"),
    }
    assert not {"secret-project", "a@b.c"} & {str(v) for v in said.values()}


@pytest.mark.parametrize(("source", "what"), [("INPUT", "prompt"), ("OUTPUT", "output")])
def test_no_action_is_valid_on_either_side(source, what):
    answer = {"action": "NONE", "outputs": [], "assessments": [{}]}
    _, _, said = only(post(URL, {**ASKED, "source": source}, answer))

    assert {"scan_type": what, "is_valid": True, "service": "bedrock_guardrails"} == facts(said, *SCAN)


def test_aws_names_its_errors_in_a_header_field():
    headers = (("x-amzn-errortype", "ThrottlingException:http://internal.amazon.com/x/"),)
    talk = post(URL, ASKED, {"message": "Too many"}, status=429, answer_headers=headers)
    _, failed, said = only(talk)

    assert (True, "ThrottlingException") == (failed, said["error.type"])


def test_a_page_instead_of_an_answer_is_a_failure_by_its_status():
    _, failed, said = only(post(URL, ASKED, b"<h1>Internal Server Error</h1>", status=500))

    assert (True, "500", "prompt") == (failed, said["error.type"], said["scan_type"])


def test_another_body_on_such_a_path_is_nobodys():
    assert [] == tell(
        post("http://h.test/guardrail/a/version/1/apply", {"source": "ELSE", "content": []}, {})
    )


@pytest.mark.parametrize(
    ("roles", "what"), [(("system", "user"), "prompt"), (("user", "assistant"), "output")]
)
def test_checks_without_a_guardrail_have_scores_and_no_verdict(roles, what):
    url = "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail-checks/invoke"
    asked = {
        "messages": [{"role": r, "content": [{"text": "a@b.c"}]} for r in roles],
        "checks": {"promptAttack": {"categories": [{"category": "JAILBREAK"}]}},
    }
    attack = [
        {"category": "JAILBREAK", "severityScore": 0.75},
        {"category": "PROMPT_LEAKAGE", "severityScore": 0.0},
    ]
    pii = [
        {"type": "EMAIL", "confidenceScore": 0.5, "beginOffset": 0, "endOffset": 5},
        {"type": "EMAIL", "confidenceScore": 0.25},
    ]
    answer = {"results": {"promptAttack": {"results": attack}, "sensitiveInformation": {"results": pii}}}
    name, failed, said = only(post(url, asked, answer))

    assert ("hexr.guard.scan", False) == (name, failed)
    assert facts(said, *SCAN, "hexr.guard.scores") == {
        "scan_type": what,
        "service": "bedrock_guardrails",
        "hexr.guard.scanners": ("EMAIL", "JAILBREAK", "PROMPT_LEAKAGE"),
        "hexr.guard.scores": (0.5, 0.75, 0.0),
    }
