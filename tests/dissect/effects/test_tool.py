import pytest

from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.tool import EFFECT
from hexr_autoinst.model.exchange import Headers, Response
from hexr_autoinst.model.operation import Failure
from tests.dissect.effects.asking import asked, posted
from tests.dissect.protocols.asking import answered


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        (asked("https://api.test/x"), Claim.REST),
        (asked("https://api.test/x", "CONNECT"), Claim.NO),
        (asked("https://api.test/x", "STREAM"), Claim.NO),
        (asked("https:///x"), Claim.NO),
        (asked("https://api.test/x", role="server"), Claim.NO),
    ],
)
def test_whatever_a_client_asks_over_http_is_left_to_it(question, claim):
    assert claim is EFFECT.claim(question)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/traces", "application/x-protobuf"), ("/otlp/v1/metrics", "application/json"),
        ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "application/grpc"),
    ],
)  # fmt: skip
def test_telemetry_is_no_tool(path, kind):
    question = asked(f"http://collector:4318{path}", "POST", headers={"content-type": kind})

    assert isinstance(EFFECT.open(question, content=False), Quiet)
    assert not isinstance(EFFECT.open(asked(f"http://h{path}"), content=False), Quiet)


def test_a_word_to_this_daemon_is_no_tool():
    assert isinstance(EFFECT.open(asked("http://hexr-autoinst/"), content=False), Quiet)


def told(question, exchange):
    found = EFFECT.open(question, content=False).close(exchange)
    return found[0].operation if isinstance(found, tuple) else found


def test_a_call_of_grpc_fails_by_its_own_status():
    question = asked(
        "https://spanner.googleapis.com/google.spanner.v1.Spanner/Commit",
        "POST",
        headers={"content-type": "application/grpc"},
    )
    answer = Response(1, 200, trailers=Headers((("grpc-status", "7"),)), ended=2)
    from dataclasses import replace

    found = told(question, replace(question.exchange, response=answer))

    assert ("gcp_spanner", Failure("PERMISSION_DENIED")) == (found.service, found.failure)
    assert "Commit" == dict(found.facts)["action"]


def test_an_operation_is_a_word():
    question = posted("https://ec2.us-east-1.amazonaws.com/", "Action=Describe%20my secrets&Version=1")

    assert "action" not in dict(EFFECT.open(question, content=False).asked.facts)


def test_a_client_that_gave_up_has_not_failed_and_a_server_that_hung_up_has():
    from dataclasses import replace

    question = asked("https://api.test/x")

    assert told(question, replace(question.exchange, missing=("closed_by_client",))).failure is None
    assert (
        Failure("closed_by_server")
        == told(question, replace(question.exchange, missing=("closed_by_server",))).failure
    )
    assert Failure("500") == told(question, answered(question.exchange, status=500)).failure
