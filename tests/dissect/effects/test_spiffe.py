"""The Workload API by the specification's field numbers; messages as the wire room's gRPC gives them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun, Claim, Done
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.dissect.effects.spiffe import EFFECT
from hexr_autoinst.model.exchange import Frame, Headers, Response
from hexr_autoinst.model.operation import Failure
from tests.dissect.effects.asking import asked

ID = "spiffe://example.org/ns/prod/sa/analyst"


def field(number, data):
    data = data.encode() if isinstance(data, str) else data
    assert len(data) < 128 and number < 16
    return bytes((number << 3 | 2, len(data))) + data


X509 = field(
    1, field(1, ID) + field(2, b"\x30\x03der") + field(3, b"\x30\x03key") + field(4, b"\x30\x03ca")
) + field(1, field(1, f"{ID}-second"))
JWT = field(1, field(1, ID) + field(2, "eyJ.a.b"))


def call(method, role="client"):
    return asked(
        f"http://localhost/SpiffeWorkloadAPI/{method}",
        "POST",
        headers={"content-type": "application/grpc"},
        role=role,
        at=1_000,
    )


def said(raw, at, side="response"):
    return Frame(at, "grpc", "", "", side=side, raw=raw)


def listen(method, *frames, trailers=(("grpc-status", "0"),)):
    question = call(method)
    listener = EFFECT.open(question, content=False)
    heard = [*listener.begin()]
    for frame in frames:
        heard += listener.frame(frame)
    answer = Response(9_000, 200, trailers=Headers(trailers), ended=9_000)
    heard += listener.close(replace(question.exchange, response=answer, facts=4))
    assert [heard[0]] == [one for one in heard if isinstance(one, Begun)]
    return [one for one in heard if isinstance(one, Done)]


def test_an_identity_document_is_a_credential():
    (one,) = listen(
        "FetchJWTSVID", said(field(1, "orders") + field(1, "billing"), 2_000, "request"), said(JWT, 3_000)
    )

    assert {
        "provider": "spiffe", "credential.operation": "FetchJWTSVID", "credential.audience": "orders billing", "spiffe.id": ID,
    } == dict(one.operation.facts)  # fmt: skip
    assert (1_000, 3_000, 0) == (one.exchange.began, one.exchange.ended, one.exchange.facts)
    assert "eyJ" not in repr(one)


def test_each_document_that_replaces_the_last_is_another_and_took_no_time():
    first, second = listen("FetchX509SVID", said(b"", 1_500, "request"), said(X509, 2_000), said(X509, 8_000))

    assert [ID, ID] == [dict(one.operation.facts)["spiffe.id"] for one in (first, second)]
    assert ["", "1"] == [one.exchange.part for one in (first, second)]
    assert [(1_000, 2_000), (8_000, 8_000)] == [
        (one.exchange.began, one.exchange.ended) for one in (first, second)
    ]


def test_a_workload_that_nobody_knows_gets_none():
    (one,) = listen("FetchX509SVID", trailers=(("grpc-status", "7"), ("grpc-message", "no identity issued")))

    assert (Failure("PERMISSION_DENIED"), "") == (one.operation.failure, one.operation.uses)


@pytest.mark.parametrize("method", ["FetchX509Bundles", "FetchJWTBundles", "ValidateJWTSVID"])
def test_bundles_and_checks_are_no_credentials(method):
    assert isinstance(EFFECT.open(call(method), content=False), Quiet)


def test_only_a_clients_end_is_claimed():
    assert Claim.HOST is EFFECT.claim(call("FetchX509SVID"))
    assert Claim.NO is EFFECT.claim(call("FetchX509SVID", role="server"))
    assert Claim.NO is EFFECT.claim(asked("http://h/SpiffeWorkloadAPI", "POST"))


@given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from(["request", "response"])), max_size=5))
def test_any_bytes_are_survived(messages):
    found = listen("FetchX509SVID", *(said(raw, 2_000 + n, side) for n, (raw, side) in enumerate(messages)))

    assert len(found) == max(1, sum(side == "response" for _, side in messages))
