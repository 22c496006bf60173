"""Model calls over gRPC, from bytes to spans, and again out of a veiled recording."""

import base64

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.capture.har import Entry, facts
from hexr_autoinst.config import Config, Session
from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.protocols.model_grpc import PROTOCOL
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.facts import END_OF_TIME, Tick
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings
from tests.dissect.protocols.asking import exchange
from tests.dissect.protocols.test_proto_json import entry, fixed
from tests.dissect.protocols.test_protobuf import field

GEMINI = "generativelanguage.googleapis.com/google.ai.generativelanguage.v1beta.GenerativeService"
VERTEX = "us-central1-aiplatform.googleapis.com/google.cloud.aiplatform.v1beta1.PredictionService"
XAI = "api.x.ai/xai_api.Chat"
USER = field(1, field(2, "a secret wish")) + field(2, "user")
CALL = field(1, "weather") + field(2, entry("city", field(3, "Paris"))) + field(3, "fc_1")
USAGE = field(1, 100) + field(2, 50) + field(3, 170) + field(4, 30) + field(10, 20)
ASKED = (
    field(1, "models/gemini-2.5-flash")
    + field(2, USER)
    + field(4, fixed(5, 0.5, 4) + field(4, 9) + field(2, "END"))
    + field(5, field(1, field(1, "weather")) + field(3, b""))
)
PARTS = field(1, field(2, "It is")) + field(1, field(4, CALL))
SAID = field(1, field(1, PARTS) + field(2, 1)) + field(3, USAGE) + field(4, "g-001") + field(5, "r1")
TOLD = {
    "gen_ai.provider.name": "gcp.gemini", "gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-2.5-flash",
    "gen_ai.response.model": "g-001", "gen_ai.response.id": "r1", "gen_ai.response.finish_reasons": ("STOP",),
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 70, "gen_ai.usage.cache_read.input_tokens": 30,
    "gen_ai.usage.reasoning.output_tokens": 20, "gen_ai.request.temperature": 0.5, "gen_ai.request.max_tokens": 9,
    "gen_ai.request.stop_sequences": ("END",), "hexr.llm.tool_call.names": ("weather",), "hexr.llm.tool_call.ids": ("fc_1",),
    "hexr.capture.complete": True,
}  # fmt: skip
GROK = field(2, "grok-4") + field(1, field(1, field(1, "hi")) + field(2, 1)) + field(22, "before")
GROK_CALL = field(3, field(1, "c1") + field(2, 1) + field(10, field(1, "f")))
SEARCH = field(3, field(1, "c2") + field(2, 2) + field(10, field(1, "web_search")))
GROK_SAID = (
    field(1, "g1") + field(6, "grok-4-0709") + field(9, field(1, 50) + field(2, 100) + field(3, 170) + field(6, 20) + field(11, 5_000_000))
    + field(2, field(1, 4) + field(3, field(1, "well") + GROK_CALL + SEARCH))
)  # fmt: skip
GROK_CHUNKS = (
    field(1, "g1") + field(4, "grok-4-0709") + field(2, field(1, field(1, "well") + GROK_CALL)),
    field(1, "g1") + field(2, field(3, 4)) + field(6, field(1, 50) + field(2, 100) + field(3, 170)),
)
GROK_TOLD = {
    "gen_ai.provider.name": "x_ai", "gen_ai.operation.name": "chat", "gen_ai.request.model": "grok-4", "gen_ai.response.model": "grok-4-0709",
    "gen_ai.response.id": "g1", "gen_ai.response.finish_reasons": ("REASON_TOOL_CALLS",), "gen_ai.usage.input_tokens": 100,
    "hexr.llm.tool_call.ids": ("c1",), "hexr.llm.previous_response.id": "before",
}  # fmt: skip


def framed(*messages):
    return b"".join(b"\0" + len(m).to_bytes(4, "big") + m for m in messages)


def spoken(url, asked, *said, status=0):
    """The facts of a call."""
    data = [base64.b64encode(b).decode() for b in (framed(asked), framed(*said))]
    head = [{"name": "content-type", "value": "application/grpc"}]
    raw = {
        "_id": "x", "startedDateTime": "2026-01-01T00:00:00Z", "time": 10, "timings": {"send": 1, "wait": 2, "receive": 7},
        "request": {"method": "POST", "url": f"https://{url}", "httpVersion": "HTTP/2", "headers": head, "postData": {"text": data[0], "_encoding": "base64"}},
        "response": {"status": 200, "httpVersion": "HTTP/2", "headers": head, "content": {"text": data[1], "encoding": "base64"}},
        "_trailers": {"grpc-status": str(status), "grpc-message": "no wish of yours"},
    }  # fmt: skip
    return [*facts(Entry(0, raw), 0), Tick(END_OF_TIME)]


def pipeline(**more):
    return Pipeline(settings(Config(**more), Session(5, "aa", "bb", "host")), strict=True)


def calls(one, heard):
    spans = [s for f in heard for s in one.feed(f) if isinstance(s, ReadableSpan)]
    return [s for s in spans if s.name == "hexr.llm.chat"]


CASES = [
    (f"{GEMINI}/GenerateContent", ASKED, (SAID,), 0, TOLD),
    (f"{GEMINI}/StreamGenerateContent", ASKED, (SAID,), 0, TOLD | {"gen_ai.request.stream": True}),
    (f"{GEMINI}/GenerateContent", ASKED, (), 8, {"error.type": "RESOURCE_EXHAUSTED", "gen_ai.request.model": "gemini-2.5-flash"}),
    (f"{VERTEX}/GenerateContent", field(5, "projects/p/locations/l/publishers/google/models/gemini-2.5-pro") + field(2, field(2, field(1, "hi"))),
     (field(2, field(3, 10) + field(2, field(2, field(1, "x")))) + field(4, field(1, 5) + field(2, 6)),), 0,
     {"gen_ai.provider.name": "gcp.vertex_ai", "gen_ai.request.model": "gemini-2.5-pro", "gen_ai.usage.output_tokens": 6, "error.type": "content_filter"}),
    (f"{XAI}/GetCompletion", GROK, (GROK_SAID,), 0, GROK_TOLD | {"gen_ai.usage.output_tokens": 70, "hexr.llm.stated_cost_usd": 5_000_000 * 1e-10}),
    (f"{XAI}/GetCompletionChunk", GROK, GROK_CHUNKS, 0, GROK_TOLD | {"gen_ai.usage.output_tokens": 50, "gen_ai.request.stream": True}),
]  # fmt: skip


@pytest.mark.parametrize(("url", "asked", "said", "status", "told"), CASES)
def test_a_call_is_told_and_its_veiled_recording_tells_it_again(url, asked, said, status, told):
    veiled = []
    first = pipeline()
    first.veil(veiled.append, b"seal")
    found = calls(first, spoken(url, asked, *said, status=status))
    again = calls(pipeline(), [*veiled, Tick(END_OF_TIME)])

    assert [told] == [{k: v for k, v in s.attributes.items() if k in told} for s in found]
    assert [dict(s.attributes) for s in found] == [dict(s.attributes) for s in again]
    assert not any(w in repr(veiled) for w in ("secret wish", "It is", "Paris", "well", "no wish"))


def test_content_is_told_when_it_may_be():
    (span,) = calls(pipeline(content=True), spoken(f"{GEMINI}/GenerateContent", ASKED, SAID))

    assert '"a secret wish"' in span.attributes["gen_ai.input.messages"]
    assert '{"city":"Paris"}' in span.attributes["gen_ai.output.messages"].replace(" ", "").replace("\\", "")


@pytest.mark.parametrize(
    "path",
    ["/xai_api.Chat/StartDeferredCompletion", "/xai_api.Models/ListLanguageModels", "/a/GenerateContent"],
)
def test_other_methods_are_no_model_calls(path):
    asked = exchange(url=f"https://api.x.ai{path}", headers={"content-type": "application/grpc"})

    assert PROTOCOL.claim(Question(asked)) is Claim.NO


@examples(deadline=None)  # a whole pipeline each
@given(st.binary(max_size=64), st.binary(max_size=64))
def test_any_bytes_are_survived(asked, said):
    assert len(calls(pipeline(), spoken(f"{XAI}/GetCompletionChunk", asked, said))) <= 1
