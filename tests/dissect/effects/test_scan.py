import pytest
from hypothesis import given

from hexr_autoinst.dissect import EFFECTS
from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.scan import Finding, Guard, Verdict, flags, invalid_if, listed, scan
from tests.dissect.protocols.asking import answered, any_json, asked

GUARDS = [one for one in EFFECTS if isinstance(one, Guard)]
URLS = (
    "https://api.lakera.ai/v2/guard",
    "https://api.lakera.ai/v1/pii",
    "http://h.test/analyze/prompt",
    "http://h.test/guardrail/a/version/1/apply",
    "http://h.test/contentsafety/text:analyze",
    "https://modelarmor.googleapis.com/v1/projects/p/locations/l/templates/t:sanitizeUserPrompt",
    "http://h.test/v1/guardrail/checks",
)


def test_what_one_scanner_says_twice_is_its_worst():
    twice = [Finding("a", 0.1, False), Finding("b"), Finding("a", 0.9, True), Finding("a")]

    assert (Finding("a", 0.9, True), Finding("b")) == listed(twice)


def test_a_verdict_that_nobody_gives_is_absent_and_hits_are_told_of_a_bad_one_only():
    assert (("guard.scanners", ("a",)),) == scan("s", Verdict(None, (Finding("a", hit=True),))).facts
    assert "guard.hits" not in dict(scan("s", Verdict(True, (Finding("a", hit=True),))).facts)


def test_scores_are_told_where_every_scanner_has_one():
    assert "guard.scores" not in dict(scan("s", Verdict(True, (Finding("a", 1.0), Finding("b")))).facts)


def test_truths_alone_are_flags():
    assert [Finding("a", hit=True)] == list(flags({"a": True, "b": 1, "": False, "c": None}))
    assert [None, True, False] == [invalid_if(()), invalid_if((False,)), invalid_if((False, True))]


def test_on_a_host_of_its_own_the_path_is_enough():
    (lakera,) = (one for one in GUARDS if one.name == "lakera")

    assert Claim.HOST is lakera.claim(asked(["no object"], url=URLS[0]))
    assert Claim.NO is lakera.claim(asked(["no object"], url="http://h.test/v2/guard"))
    with pytest.raises(ValueError, match="not claimed"):
        lakera.open(asked(url="http://h.test/"), content=False)


@pytest.mark.parametrize("url", URLS)
@given(question=any_json, answer=any_json)
def test_no_request_and_no_answer_is_too_strange(url, question, answer):
    for guard in GUARDS:
        about = asked(question, url=url)
        if guard.claim(about):
            found = guard.open(about, content=False).close(answered(about.exchange, answer))
            assert "guard" == found.kind
