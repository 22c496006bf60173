import pytest
from hypothesis import given

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects.azure_filters import acted, prompt
from tests.dissect.effects.doors import Talk, facts, only
from tests.dissect.protocols.asking import any_json

URL = "https://me.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
ASKED = {"messages": [{"role": "user", "content": "hi"}]}
GUARD = (
    "hexr.guard.prompt_blocked",
    "hexr.guard.scanners",
    "hexr.guard.output_blocked",
    "hexr.guard.output_scanners",
    "error.type",
)


def told(answer, status=200):
    _, failed, said = only(Talk("POST", URL, ASKED, answer, status))
    assert failed
    return facts(said, *GUARD)


def test_the_filters_that_acted_on_the_prompt_are_named():
    results = {
        "hate": {"filtered": False, "severity": "safe"},
        "jailbreak": {"filtered": True, "detected": True},
    }
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": results}
    answer = {"error": {"message": "m", "code": "content_filter", "status": 400, "innererror": inner}}

    assert told(answer, 400) == {
        "hexr.guard.prompt_blocked": True,
        "hexr.guard.scanners": ("jailbreak",),
        "error.type": "content_filter",
    }


@pytest.mark.parametrize(
    ("results", "named"),
    [
        (
            {"violence": {"filtered": True, "severity": "medium"}, "hate": {"filtered": True}},
            ("hate", "violence"),
        ),
        ({"violence": {"filtered": False}}, ("content_filter",)),
        (None, ("content_filter",)),
    ],
)
def test_the_filters_that_acted_on_the_answer_are_named_where_it_says_so(results, named):
    choice = {
        "index": 0,
        "finish_reason": "content_filter",
        "message": {"content": ""},
        "content_filter_results": results,
    }

    assert told({"id": "c", "model": "m", "choices": [choice]}) == {
        "hexr.guard.output_blocked": True,
        "hexr.guard.output_scanners": named,
        "error.type": "content_filter",
    }


@given(any_json)
def test_no_answer_is_too_strange(value):
    answer = Answer()
    acted(value)
    prompt(answer, {"error": {"innererror": {"content_filter_result": value}}})
    prompt(answer, {"error": value})
