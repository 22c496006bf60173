import pytest

from tests.dissect.effects.doors import facts, only, post, tell

SCAN = ("scan_type", "is_valid", "hexr.guard.scanners", "hexr.guard.scores", "hexr.guard.blocking_scanners")
MESSAGES = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]


def test_a_policy_that_flags_names_the_detectors_that_did():
    breakdown = [
        {"detector_type": "pii/email", "detected": False},
        {"detector_type": "prompt_attack", "detected": False},
        {"detector_type": "prompt_attack", "detected": True},
    ]
    answer = {"flagged": True, "breakdown": breakdown, "metadata": {"request_uuid": "u"}}
    name, failed, said = only(
        post("https://api.lakera.ai/v2/guard", {"messages": MESSAGES, "breakdown": True}, answer)
    )

    assert ("hexr.guard.scan", False) == (name, failed)
    assert facts(said, *SCAN) == {
        "scan_type": "prompt",
        "is_valid": False,
        "hexr.guard.scanners": ("pii/email", "prompt_attack"),
        "hexr.guard.blocking_scanners": ("prompt_attack",),
    }


@pytest.mark.parametrize(
    ("role", "what"), [("user", "prompt"), ("assistant", "output"), ("tool", None), (7, "prompt")]
)
def test_the_last_message_says_what_is_scanned(role, what):
    body = {"messages": [*MESSAGES, {"role": role, "content": "x"}, "no message"]}
    _, _, said = only(post("http://guard.test/v2/guard", body, {"flagged": False}))

    assert {"is_valid": True, **({"scan_type": what} if what else {})} == facts(said, *SCAN)


def test_the_first_version_has_an_endpoint_for_each_detector():
    result = {
        "categories": {"prompt_injection": True, "jailbreak": False},
        "category_scores": {"prompt_injection": 0.99, "jailbreak": 0.01},
        "flagged": True,
    }
    answer = {"model": "lakera-guard-1", "results": [result]}
    _, _, said = only(post("https://api.lakera.ai/v1/prompt_injection", {"input": "x"}, answer))

    assert facts(said, *SCAN) == {
        "is_valid": False,
        "hexr.guard.scanners": ("jailbreak", "prompt_injection"),
        "hexr.guard.scores": (0.01, 0.99),
        "hexr.guard.blocking_scanners": ("prompt_injection",),
    }


def test_its_plain_paths_are_its_own_only_on_its_hosts():
    assert [] == tell(post("http://h.test/v1/sentiment", {"input": "x"}, {"results": []}))


def test_results_without_a_verdict_have_none():
    _, _, said = only(
        post("https://us.api.lakera.ai/v2/guard/results", {"messages": MESSAGES}, {"results": []})
    )

    assert {"scan_type": "prompt"} == facts(said, *SCAN)
