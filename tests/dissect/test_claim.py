from dataclasses import dataclass, replace

import pytest

import hexr_autoinst.dissect
from hexr_autoinst.dissect import DISSECTORS
from hexr_autoinst.dissect.claim import Claim, choose, question, rest
from tests.dissect.cases import all_cases, dissector, exchange_of, expected
from tests.dissect.protocols.asking import answered, exchange


@dataclass(frozen=True)
class Fixed:
    name: str
    said: Claim

    def claim(self, exchange):
        return self.said


@dataclass(frozen=True)
class Asked:
    dissectors: tuple[Fixed, ...]

    def of(self, question):
        return self.dissectors


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((Claim.NO, Claim.NO), None),
        ((Claim.SHAPE, Claim.NO), "a"),
        ((Claim.SHAPE, Claim.HOST), "b"),
        ((Claim.PATH, Claim.PATH), None),
    ],
)
def test_the_highest_claim_wins_and_a_tie_is_nobodys(monkeypatch, claims, expected):
    monkeypatch.setattr(hexr_autoinst.dissect, "CANDIDATES", Asked(tuple(map(Fixed, "ab", claims))))
    found = choose(None)

    assert expected == (found and found.name)


@pytest.mark.parametrize("case", all_cases(), ids=lambda c: f"{c.parent.name}/{c.name}")
def test_exactly_one_dissector_holds_the_top_claim_of_each_fixture(case):
    asked, _, _ = exchange_of(case)
    claims = sorted(((d.claim(question(asked)), d.name) for d in DISSECTORS), reverse=True)

    assert (Claim[expected(case)["claim"]], dissector(case)) == claims[0]
    assert claims[1][0] < claims[0][0]


def test_what_is_left_for_anybody_is_a_call_over_http_of_a_client():
    left = rest(answered(exchange(url="https://api.example.com/x"), status=503))

    assert ("tool", "example.com", "503") == (left.kind, left.service, left.failure.type)
    assert rest(replace(exchange(), role="server")) is None
    assert rest(exchange(method="STREAM")) is None
    streaming = exchange(
        url="https://api.example.com/x", method="GET", headers={"accept": "text/event-stream"}
    )
    assert "example.com" == rest(answered(streaming)).service
    assert rest(answered(exchange(url="http://collector/v1/traces"))) is None
