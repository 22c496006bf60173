from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.mcp_http import Post, header_name
from tests.dissect.protocols.asking import answered, any_json, asked, event, exchange, rpc


def post(body, memory=None, **more):
    question = asked(body, memory, **more)
    return Post(question, content=False), question.exchange


def calls(heard):
    return [
        (h.operation.method, h.operation.failure and h.operation.failure.type)
        for h in heard
        if not isinstance(h, Begun)
    ]


def test_a_name_in_base64():
    assert [header_name(n) for n in ("add", "=?base64?w6R0?=", "=?base64?x?=", "")] == [
        "add",
        "ät",
        None,
        None,
    ]


def test_a_header_says_what_a_body_that_was_cut_cannot():
    cut = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"argum'
    one, asked_ = post(None, text=cut, headers={"mcp-name": "add"})
    one.begin()
    (done,) = one.close(answered(asked_, rpc(1, result={})))

    assert (done.operation.target, dict(done.operation.facts)["tool"]) == ("add", "add")


def test_a_whole_answer_belongs_to_the_one_call_whatever_its_id():
    one, asked_ = post(rpc(1, "tools/list"))
    one.begin()

    assert calls(one.close(answered(asked_, rpc("1", result={})))) == [("tools/list", None)]


def test_in_a_stream_only_an_error_without_a_readable_id_does():
    one, asked_ = post(rpc(1, "tools/list"))
    one.begin()

    assert one.frame(event(rpc("1", result={}))) == ()
    assert calls(one.frame(event(rpc(None, error={"code": -32700})))) == [("tools/list", "-32700")]
    assert one.close(answered(asked_)) == ()


def test_initialize_waits_for_the_head_that_names_the_session():
    memory = Memory()
    one, asked_ = post(rpc(0, "initialize", {"protocolVersion": "2025-03-26"}), memory)
    one.begin()
    assert one.frame(event(rpc(0, result={"protocolVersion": "2025-03-26"}))) == ()
    (done,) = one.close(answered(asked_, headers={"mcp-session-id": "s-1"}))

    assert dict(done.operation.facts)["mcp.session"] == "s-1"
    assert done.exchange.ended == 2_000
    later, again = post(rpc(1, "ping"), memory, headers={"mcp-session-id": "s-1"})
    later.begin()
    (ping,) = later.close(answered(again, rpc(1, result={})))
    assert dict(ping.operation.facts)["mcp.version"] == "2025-03-26"


def test_an_accepted_request_without_a_stream_to_answer_on_is_told_as_unanswered():
    one, asked_ = post(rpc(1, "tools/list"))
    one.begin()
    (done,) = one.close(answered(asked_, status=202))

    assert (done.operation.failure, done.operation.missing) == (None, ("unanswered",))


@given(any_json, st.lists(any_json, max_size=5), any_json)
def test_any_exchange_is_heard_and_what_begins_ends(body, events, answer):
    one, asked_ = post(body)
    begun = one.begin()
    heard = [*begun, *(h for e in events for h in one.frame(event(e))), *one.close(answered(asked_, answer))]

    parts = [h.exchange.part for h in heard if isinstance(h, Begun)]
    assert sorted(parts) == sorted(h.exchange.part for h in heard if not isinstance(h, Begun))
    assert all(h.exchange.id == exchange().id for h in heard)
