import pytest

from tests.dissect.effects.doors import by_bytes, facts, only, post, tell

SCAN = (
    "scan_type",
    "is_valid",
    "service",
    "hexr.guard.scanners",
    "hexr.guard.scores",
    "hexr.guard.blocking_scanners",
)


@pytest.mark.parametrize("verb", ["analyze", "scan"])
def test_a_prompt_that_a_scanner_finds_risky_is_invalid(verb):
    answer = {
        "is_valid": False,
        "scanners": {"Toxicity": -0.1, "PromptInjection": 1.0},
        "sanitized_prompt": "hi",
    }
    name, failed, said = only(post(f"http://guard.test:8000/{verb}/prompt", {"prompt": "hi"}, answer))

    assert ("hexr.guard.scan", False) == (name, failed)
    assert facts(said, *SCAN) == {
        "scan_type": "prompt",
        "is_valid": False,
        "service": "llm_guard",
        "hexr.guard.scanners": ("PromptInjection", "Toxicity"),
        "hexr.guard.scores": (1.0, -0.1),
        "hexr.guard.blocking_scanners": ("PromptInjection",),
    }


def test_an_output_that_passes_is_valid_and_nothing_blocks():
    answer = {"is_valid": True, "scanners": {"NoRefusal": 0.0}}
    _, failed, said = only(post("http://h.test/guard/scan/output", {"prompt": "a", "output": "b"}, answer))

    assert (False, "output", True) == (failed, said["scan_type"], said["is_valid"])
    assert "hexr.guard.blocking_scanners" not in said


def test_a_guard_that_fails_has_no_verdict():
    talk = post("http://h.test/analyze/prompt", {"prompt": "a"}, {"detail": "Invalid API key"}, status=401)
    _, failed, said = only(talk)

    assert (True, "401") == (failed, said["error.type"])
    assert "is_valid" not in said


def test_an_answer_of_another_shape_says_nothing():
    answer = {"is_valid": "yes", "scanners": ["x", {"a": 1}], "extra": {"x": [1]}}
    _, failed, said = only(post("http://h.test/analyze/prompt", {"prompt": "a"}, answer))

    assert not failed
    assert {"scan_type": "prompt", "service": "llm_guard"} == facts(said, *SCAN)


def test_scanners_are_bounded_and_their_scores_are_numbers():
    scanners = {f"s{n:04}": n for n in range(500)} | {"x" * 999: 1, "": 2, "nan": "NaN"}
    _, _, said = only(
        post("http://h.test/analyze/prompt", {"prompt": "a"}, {"is_valid": False, "scanners": scanners})
    )

    assert 64 == len(said["hexr.guard.scanners"]) == len(said["hexr.guard.scores"])
    assert max(map(len, said["hexr.guard.scanners"])) <= 64


def test_a_like_path_without_a_prompt_is_nobodys():
    assert [] == tell(post("http://h.test/scan/prompt", {"text": "a"}, {"ok": True}))


def test_a_guard_that_never_answers_is_told_without_a_verdict():
    ((_, _, said),) = tell(post("http://h.test/analyze/prompt", {"prompt": "a"}), doors=(by_bytes,))

    assert "is_valid" not in said
    assert not said["hexr.capture.complete"]
