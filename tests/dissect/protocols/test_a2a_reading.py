from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun
from hexr_autoinst.dissect.protocols.a2a import PROTOCOL
from hexr_autoinst.model.exchange import Frame
from tests.dissect.protocols.asking import answered, any_json, asked, event, rpc

SEND = rpc(1, "message/stream", {"message": {"messageId": "m"}})


def stream(body=SEND, *events, missing=(), status=200, answer=None):
    question = asked(body)
    call = PROTOCOL.open(question, content=False)
    call.begin()
    for one in events:
        call.frame(event(one))
    return call.close(answered(question.exchange, answer, status=status, missing=missing))


WORKING = rpc(
    1, result={"kind": "status-update", "taskId": "t", "contextId": "c", "status": {"state": "working"}}
)
FINAL = rpc(
    1,
    result={
        "kind": "status-update",
        "taskId": "t",
        "contextId": "c",
        "status": {"state": "completed"},
        "final": True,
    },
)


@pytest.mark.parametrize(
    ("events", "missing", "failure", "ended"),
    [
        ([], ("truncated:response",), "stream_truncated", False),
        ([], ("closed_by_client",), None, False),
        ([WORKING], ("unterminated:response",), None, False),
        ([WORKING], ("closed_by_server",), "stream_truncated", False),
        ([WORKING, FINAL], ("unterminated:response",), None, True),
        ([rpc(1, error={"code": -32603})], (), "-32603", False),
        ([WORKING, rpc(1, error={"code": -32603})], (), "-32603", False),
    ],
)
def test_how_a_stream_ends(events, missing, failure, ended):
    (done,) = stream(SEND, *events, missing=missing)

    assert (done.operation.failure.type if done.operation.failure else None, done.operation.ended) == (
        failure,
        ended,
    )


def test_no_answer_is_the_servers_failure_only_if_it_hung_up():
    for missing, failure in (
        (("closed_by_server",), "closed_by_server"),
        (("closed_by_client",), None),
        ((), None),
    ):
        question = asked(SEND)
        call = PROTOCOL.open(question, content=False)
        call.begin()
        (done,) = call.close(replace(question.exchange, missing=missing))

        assert (done.operation.failure.type if done.operation.failure else None) == failure


def test_a_call_that_nobody_has_specified_is_told_only_if_it_fails():
    def unknown(answer):
        question = asked(rpc(1, "acme/custom"), headers={"a2a-version": "1.0"})
        call = PROTOCOL.open(question, content=False)
        assert [b.operation.operation for b in call.begin()] == ["_other"]
        return call.close(answered(question.exchange, answer))

    assert unknown(rpc(1, result={})) is None
    (done,) = unknown(rpc(1, error={"code": -32601}))
    assert (done.operation.method, done.operation.operation, done.operation.failure.type) == (
        "acme/custom",
        "_other",
        "-32601",
    )


def test_what_only_the_answer_shows_begins_with_it():
    question = asked(method="GET", url="http://h.test/v1/tasks/t")
    call = PROTOCOL.open(question, content=False)
    assert call.begin() == ()
    begun, done = call.close(
        answered(question.exchange, {"id": "t", "contextId": "c", "status": {"state": "working"}})
    )

    assert isinstance(begun, Begun)
    assert done.operation.method == "GetTask"
    assert PROTOCOL.open(question, content=False).close(answered(question.exchange, {"id": "t"})) is None


def test_a_target_without_a_card_is_none_and_its_address_a_fact():
    question = asked(SEND, url="http://h.test/a/")
    question.exchange = replace(
        question.exchange, request=replace(question.exchange.request, host="::1", port=9)
    )
    call = PROTOCOL.open(question, content=False)
    (done,) = [
        h
        for h in (*call.begin(), *call.close(answered(question.exchange, FINAL)))
        if not isinstance(h, Begun)
    ]

    assert (done.operation.target, dict(done.operation.facts)["a2a.endpoint"]) == (None, "[::1]:9/a")


@given(any_json, st.lists(any_json, max_size=6), any_json, st.sampled_from([200, 404, 500]))
def test_any_exchange_is_read_and_what_begins_ends(params, events, answer, status):
    question = asked(rpc(1, "message/stream", params if isinstance(params, dict) else {}))
    call = PROTOCOL.open(question, content=True)
    begun = call.begin()
    for one in events:
        assert call.frame(event(one)) == ()
    (done,) = call.close(answered(question.exchange, answer, status=status))

    assert len(begun) == 1
    assert done.exchange.facts == 0
    assert dict(done.operation.facts).get("a2a.events", 0) <= len(events) + 1


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=8))
def test_any_messages_of_grpc_are_read(messages):
    question = asked(url="http://h.test/lf.a2a.v1.A2AService/SendStreamingMessage")
    call = PROTOCOL.open(question, content=False)
    heard = [*call.begin()]
    for server, raw in messages:
        heard += call.frame(Frame(1, "grpc", "", "", side="response" if server else "request", raw=raw))
    heard += call.close(answered(question.exchange, headers={"grpc-status": "0"}))

    assert [isinstance(h, Begun) for h in heard] == [True, False]
