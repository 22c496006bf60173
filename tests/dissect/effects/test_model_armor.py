import pytest

from tests.dissect.effects.doors import facts, only, post, tell

SCAN = ("scan_type", "is_valid", "hexr.guard.scanners", "hexr.guard.blocking_scanners")
TEMPLATE = "/v1/projects/p/locations/europe-west4/templates/t:"
URL = "https://modelarmor.europe-west4.rep.googleapis.com" + TEMPLATE


def filters(jailbreak, email="NO_MATCH_FOUND"):
    return {
        "csam": {
            "csamFilterFilterResult": {"executionState": "EXECUTION_SUCCESS", "matchState": "NO_MATCH_FOUND"}
        },
        "pi_and_jailbreak": {
            "piAndJailbreakFilterResult": {"matchState": jailbreak, "confidenceLevel": "HIGH"}
        },
        "sdp": {"sdpFilterResult": {"inspectResult": {"matchState": email}}},
        "rai": {"raiFilterResult": {"raiFilterTypeResults": {"dangerous": {"matchState": "NO_MATCH_FOUND"}}}},
    }


@pytest.mark.parametrize("listed", [False, True])
def test_a_match_is_named_by_its_filter(listed):
    found = filters("MATCH_FOUND", "MATCH_FOUND")
    result = {
        "filterMatchState": "MATCH_FOUND",
        "filterResults": [found] if listed else found,
        "invocationResult": "SUCCESS",
    }
    asked = {"userPromptData": {"text": "hi"}}
    _, failed, said = only(post(f"{URL}sanitizeUserPrompt", asked, {"sanitizationResult": result}))

    assert not failed
    assert facts(said, *SCAN) == {
        "scan_type": "prompt",
        "is_valid": False,
        "hexr.guard.scanners": ("csam", "pi_and_jailbreak", "rai", "sdp"),
        "hexr.guard.blocking_scanners": ("pi_and_jailbreak", "sdp"),
    }


def test_an_answer_of_a_model_is_output():
    result = {"filterMatchState": "NO_MATCH_FOUND", "filterResults": filters("NO_MATCH_FOUND")}
    asked = {"modelResponseData": {"text": "hi"}}
    _, _, said = only(
        post(f"http://proxy.test{TEMPLATE}sanitizeModelResponse", asked, {"sanitizationResult": result})
    )

    assert ("output", True) == (said["scan_type"], said["is_valid"])


def test_a_state_that_is_none_and_objects_without_end_say_nothing():
    deep = {}
    for _ in range(40):
        deep = {"x": deep}
    result = {
        "filterMatchState": ["MATCH_FOUND"],
        "filterResults": {"a": deep, "b": 7, "c": {"matchState": 1}},
    }
    _, _, said = only(
        post(f"{URL}sanitizeUserPrompt", {"userPromptData": {"text": "x"}}, {"sanitizationResult": result})
    )

    assert {"scan_type": "prompt"} == facts(said, *SCAN)


def test_templates_are_managed_without_a_scan():
    assert [] == tell(post("http://h.test/v1/projects/p/locations/l/templates", {"x": 1}, {"name": "t"}))
