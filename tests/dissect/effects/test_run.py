import pytest
from hypothesis import given

from hexr_autoinst.dissect import EFFECTS
from hexr_autoinst.dissect.effects.run import Outcome, Sandbox, code, seconds, word
from hexr_autoinst.model.exchange import Frame
from tests.dissect.protocols.asking import answered, any_json, asked

SANDBOXES = [one for one in EFFECTS if isinstance(one, Sandbox)]
ASKS = (
    ("http://h.test/execute", {"code": "1", "context_id": None, "language": None, "env_vars": None}),
    ("http://h.test/toolbox/id/process/execute", {"command": "ls"}),
    ("http://h.test/api/v2/execute", {"language": "python", "files": []}),
)


def test_what_is_said_later_is_better_known_and_silence_takes_nothing_back():
    said = Outcome(1, "E", "python").then(Outcome()).then(Outcome(0))

    assert Outcome(0, "E", "python") == said


def test_a_limit_is_in_seconds_and_nothing_is_none():
    assert [1.5, None, None, None] == [seconds(1500, 1000), seconds(0), seconds(-1), seconds("3")]
    assert [None, -9, None] == [code("0"), code(-9), code(1.5)]
    assert word("x" * 999) == "x" * 64


def test_what_was_not_claimed_is_not_read():
    with pytest.raises(ValueError, match="not claimed"):
        SANDBOXES[0].open(asked(url="http://h.test/"), content=False)


@given(answer=any_json)
def test_no_answer_is_too_strange(answer):
    for url, body in ASKS:
        about = asked(body, url=url)
        (sandbox,) = (s for s in SANDBOXES if s.claim(about))
        reading = sandbox.open(about, content=False)
        reading.frame(Frame(1, "json", "", "no json"))
        assert "sandbox" == reading.close(answered(about.exchange, answer)).kind


@given(body=any_json)
def test_no_request_is_too_strange(body):
    for url, _ in ASKS:
        for sandbox in SANDBOXES:
            if sandbox.claim(about := asked(body, url=url)):
                sandbox.open(about, content=False)
