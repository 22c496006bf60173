import pytest

from tests.dissect.effects.doors import facts, only, post

SCAN = ("scan_type", "is_valid", "hexr.guard.scanners", "hexr.guard.blocking_scanners")
URL = "http://nemo.test:7331/v1/guardrail/checks"


def test_the_rail_that_blocked_is_named():
    rails = {"self check input": {"status": "success"}, "self check output": {"status": "blocked"}}
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    answer = {"status": "blocked", "rails_status": rails, "guardrails_data": None}
    _, failed, said = only(post(URL, {"model": "m", "messages": messages}, answer))

    assert not failed
    assert facts(said, *SCAN) == {
        "scan_type": "output",
        "is_valid": False,
        "hexr.guard.scanners": ("self check input", "self check output"),
        "hexr.guard.blocking_scanners": ("self check output",),
    }


@pytest.mark.parametrize(
    "answer", [{"status": 1}, {"rails_status": [1]}, {"status": "other", "rails_status": {"": {}}}, []]
)
def test_what_says_no_status_has_no_verdict(answer):
    _, _, said = only(post(URL, {"messages": [{"role": "user", "content": "a"}]}, answer))

    assert {"scan_type": "prompt"} == facts(said, *SCAN)
