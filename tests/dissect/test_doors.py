"""Law 4: a case by either door, as the bytes of a TLS library or as parsed messages, has one meaning. And no key of a case is ever told."""

import json

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.capture.replay import session
from hexr_autoinst.config import Config
from hexr_autoinst.model.facts import Process
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings
from tests.dissect.cases import all_cases, expected, message
from tests.dissect.doors import CALLER, T0, chunks, meaning, messages

CASES = all_cases()
KEYS = (
    b"sk-planted-0123456789abcdefghij",
    b"sk-ant-planted-0123456789abcdef",
    b"AIzaSy-planted-0123456789-abcdefghijklm",
    b"IQoJplanted0123456789abcdefghijklmnopqrstuvwxyz",
)


def by_bytes(case, size):
    raw = [(case / name).read_bytes() for name in ("request.http", "response.http")]
    yield from chunks(*raw, size)


def by_messages(case, size):
    yield from messages(*(_parsed(case / name) for name in ("request.http", "response.http")), size)


def _parsed(path):
    first, headers, body = message(path.read_bytes())
    return first.split(), [h for h in headers.fields if h[0].lower() != "transfer-encoding"], body


@pytest.mark.parametrize("size", [7, 1 << 14])
@pytest.mark.parametrize("door", [by_bytes, by_messages])
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}/{c.name}")
def test_either_door_gives_the_same_meaning(case, door, size):
    want = expected(case)
    exchange, found, _ = meaning(door(case, size))

    first, last = found.pop("first_output_at", None), found.pop("last_output_at", None)
    assert want["operation"] == found
    assert ("first_output_frame" in want) == (first is not None)
    assert first is None or exchange.request.ended <= first <= last <= exchange.ended
    assert exchange.missing == ()


@pytest.mark.parametrize("door", [by_bytes, by_messages])
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}/{c.name}")
def test_no_planted_key_is_told_with_content_on(case, door, tmp_path):
    assert any(k in (case / "request.http").read_bytes() for k in KEYS)
    (tmp_path / "x.har").write_text('{"log": {"entries": []}}')
    pipeline = Pipeline(settings(Config(content=True), session(tmp_path / "x.har")), strict=True)
    pipeline.feed(Process(T0, "ebpf", CALLER, None, "/usr/bin/python3", ("python3", "agent.py"), started=T0))

    told = [one for fact in door(case, 1000) for one in pipeline.feed(fact)]

    spans = [json.loads(one.to_json()) for one in told if isinstance(one, ReadableSpan)]
    assert len([s for s in spans if s["name"].startswith("hexr.llm.")]) == 1
    assert [k for k in KEYS if k.decode() in json.dumps(spans) + repr(told)] == []
    assert pipeline.account.open == 0
    assert pipeline.account.balanced
