import pytest

from tests.dissect.effects.doors import facts, only, post

SCAN = ("scan_type", "is_valid", "hexr.guard.scanners", "hexr.guard.scores", "hexr.guard.blocking_scanners")
URL = "https://me.cognitiveservices.azure.com/contentsafety/{}?api-version=2024-09-01"


def said(path, answer, body=None, **more):
    name, failed, found = only(post(URL.format(path), body or {"text": "hi"}, answer, **more))
    assert "hexr.guard.scan" == name
    return failed, facts(found, *SCAN)


def test_severities_are_no_verdict():
    answer = {
        "blocklistsMatch": [{"blocklistName": "b", "blocklistItemText": "x"}],
        "categoriesAnalysis": [{"category": "Violence", "severity": 0}, {"category": "Hate", "severity": 4}],
    }

    assert (False, {"hexr.guard.scanners": ("Hate", "Violence"), "hexr.guard.scores": (4.0, 0.0)}) == said(
        "text:analyze", answer
    )
    assert said("image:analyze", answer, {"image": {"content": "AAAA"}}) == said("text:analyze", answer)


@pytest.mark.parametrize(
    ("attack", "documents", "hits"),
    [(True, [False], ("userPrompt",)), (False, [False, True], ("documents",)), (False, [], ())],
)
def test_a_shield_judges_the_prompt_and_each_document(attack, documents, hits):
    answer = {
        "userPromptAnalysis": {"attackDetected": attack},
        "documentsAnalysis": [{"attackDetected": d} for d in documents],
    }
    _, found = said("text:shieldPrompt", answer, {"userPrompt": "hi", "documents": ["a"]})

    assert ("prompt", not hits) == (found["scan_type"], found["is_valid"])
    assert hits == found.get("hexr.guard.blocking_scanners", ())


def test_groundedness_is_of_the_output_and_has_a_share():
    answer = {"ungroundedDetected": True, "ungroundedPercentage": 0.5, "ungroundedDetails": [{"text": "x"}]}
    _, found = said("text:detectGroundedness", answer)

    assert found == {
        "scan_type": "output",
        "is_valid": False,
        "hexr.guard.scanners": ("groundedness",),
        "hexr.guard.scores": (0.5,),
        "hexr.guard.blocking_scanners": ("groundedness",),
    }


def test_protected_material_is_of_the_output():
    _, found = said("text:detectProtectedMaterial", {"protectedMaterialAnalysis": {"detected": False}})

    assert ("output", True) == (found["scan_type"], found["is_valid"])


def test_an_error_is_one():
    failed, found = said(
        "text:shieldPrompt", {"error": {"code": "InvalidRequestBody", "message": "x"}}, status=400
    )

    assert failed
    assert {"scan_type": "prompt"} == found


def test_an_answer_of_any_other_shape_says_nothing():
    assert (False, {}) == said(
        "text:analyze", {"categoriesAnalysis": "x", "someAnalysis": 1, "Analysis": {"detected": True}}
    )
