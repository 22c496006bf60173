from dataclasses import replace

import pytest

from hexr_autoinst.dissect.claim import Begun, listens
from hexr_autoinst.dissect.effects.opening import Opening, lasts
from hexr_autoinst.dissect.effects.tool import EFFECT
from hexr_autoinst.model.exchange import Frame
from hexr_autoinst.model.operation import Effect, Failure
from tests.dissect.effects.asking import asked, request
from tests.dissect.protocols.asking import answered, exchange

TOOL = Effect("tool", "invoke", "x.test")


def opening(fail=None):
    return Opening(replace(exchange(), facts=7), TOOL, lambda effect, _: replace(effect, failure=fail), ())


def frame(kind, side, at=5_000):
    return Frame(at, kind, "", "x", side=side)


@pytest.mark.parametrize(
    ("kind", "side"), [("sse", "response"), ("grpc", "response"), ("ws", "request"), ("ws", "response")]
)
def test_the_first_that_is_said_in_answer_ends_the_call(kind, side):
    one = opening()
    (begun,), (done,) = one.begin(), one.frame(frame(kind, side))

    assert begun == Begun(replace(exchange(), facts=0), TOOL)
    assert (5_000, 0, TOOL) == (done.exchange.ended, done.exchange.facts, done.operation)
    assert () == one.frame(frame(kind, side, 9_000)) == one.close(answered(exchange()))


def test_what_is_asked_meanwhile_is_no_answer():
    one = opening()

    assert () == one.frame(frame("grpc", "request"))
    assert listens(one)


def test_a_refusal_ends_it_too():
    refused = answered(exchange(), status=403)
    (done,) = opening(Failure("403")).close(refused)

    assert (Failure("403"), 0, refused.response) == (
        done.operation.failure,
        done.exchange.facts,
        done.exchange.response,
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"upgrade": "websocket"}, True), ({"accept": "text/event-stream"}, True), ({"content-type": "application/grpc+proto"}, True),
        ({"accept": "application/json, text/event-stream, */*"}, False), ({}, False),
    ],
)  # fmt: skip
def test_what_has_no_end_of_its_own(headers, expected):
    assert expected == lasts(request(headers=headers))
    assert expected == isinstance(EFFECT.open(asked(headers=headers), content=False), Opening)
