"""Effects by either door, as the bytes of a TLS library or as parsed messages, cut anywhere: one meaning, and no planted secret past the wire."""

import json
import re
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.capture.replay import session
from hexr_autoinst.config import Config
from hexr_autoinst.dissect import DISSECTORS, EFFECTS
from hexr_autoinst.dissect.claim import Claim, question
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import END_OF_TIME, Process, Tick
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings
from tests.dissect.cases import request_of
from tests.dissect.doors import CALLER, T0, meaning
from tests.dissect.test_doors import by_bytes, by_messages

FOLDER = Path(__file__).parent.parent.parent / "effects"
CASES = sorted(p.parent for p in FOLDER.glob("*/*/expect.json"))
IDS = [f"{c.parent.name}/{c.name}" for c in CASES]
SECRET = re.compile(rb"[\w.~+/=%:\-]*PLANTED[\w.~+/=%\-]*|UExBTlRFR[\w=]*|eyJQTEFOVEVE[\w.]*")
DOORS = [by_bytes, by_messages]


def expected(case):
    return json.loads((case / "expect.json").read_text())


def planted(case):
    """The words of a case that hold a planted secret, less what stands around it."""
    found = b" ".join((case / n).read_bytes() for n in ("request.http", "response.http"))
    return sorted({re.sub(r".*[=:&/](?=[^=:&/]*PLANTED)", "", m[0].decode()) for m in SECRET.finditer(found)})


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_exactly_one_dissector_holds_the_top_claim(case):
    asked = Exchange("id", "har", None, "c", 0, "client", request_of((case / "request.http").read_bytes()))
    claims = sorted(((d.claim(question(asked)), d.name) for d in DISSECTORS), reverse=True)

    assert (Claim[expected(case)["claim"]], case.parent.name) == claims[0]
    assert claims[1][0] < claims[0][0]


@pytest.mark.parametrize("size", [3, 17, 1 << 14])
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_either_door_gives_the_same_meaning(case, door, size):
    exchange, found, _ = meaning(door(case, size))

    assert expected(case)["operation"] == found
    assert () == exchange.missing


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_no_planted_secret_leaves_the_wire(case, door):
    secrets = planted(case)
    _, _, said = meaning(door(case, 1000))

    assert secrets
    assert [s for s in secrets if s in repr(said)] == []


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_agents_effect_is_one_span_and_tells_no_secret_and_no_name(case, door, tmp_path):
    (tmp_path / "x.har").write_text('{"log": {"entries": []}}')
    pipeline = Pipeline(settings(Config(content=True), session(tmp_path / "x.har")), strict=True)
    agent = {"HEXR_AGENT_NAME": "analyst"}
    pipeline.feed(Process(T0, "ebpf", CALLER, None, "/usr/bin/python3", ("python3",), env=agent, started=T0))

    told = [one for fact in door(case, 1000) for one in pipeline.feed(fact)]

    spans = [json.loads(one.to_json()) for one in told if isinstance(one, ReadableSpan)]
    effects = [s for s in spans if s["attributes"].get("hexr.exchange.id")]
    assert [expected(case)["span"]] == [s["name"] for s in effects]
    for one in effects:
        one["attributes"].pop("server.address")
    assert "hidden" not in json.dumps(spans)
    assert [s for s in planted(case) if s in json.dumps(spans) + repr(told)] == []
    assert 0 == pipeline.account.open
    assert pipeline.account.balanced


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_of_no_agent_nothing_is_told(case, tmp_path):
    (tmp_path / "x.har").write_text('{"log": {"entries": []}}')
    pipeline = Pipeline(settings(Config(), session(tmp_path / "x.har")), strict=True)
    pipeline.feed(Process(T0, "ebpf", CALLER, None, "/usr/bin/nginx", ("nginx",), started=T0))

    told = [one for fact in by_bytes(case, 1000) for one in pipeline.feed(fact)]

    assert [] == [one for one in told if isinstance(one, ReadableSpan)]
    assert pipeline.account.ignored["not_an_agent"]
    assert pipeline.account.balanced
    assert 0 == pipeline.account.open


def test_every_case_is_some_dissectors():
    assert {c.parent.name for c in CASES} <= {d.name for d in EFFECTS}
    assert Tick(END_OF_TIME) == list(by_bytes(CASES[0], 1000))[-1]
