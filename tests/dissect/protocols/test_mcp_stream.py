from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.mcp_http import Post
from hexr_autoinst.dissect.protocols.mcp_stream import Ending, Fetched
from tests.dissect.protocols.asking import answered, any_json, asked, event, rpc

TARGET = "/messages/?session_id=3a219c372af14278bc17b632e32ba32e"


def fetched(memory, **more):
    question = asked(method="GET", memory=memory, **{"url": "http://h.test/sse", **more})
    return Fetched(question, content=False), question.exchange


def post(memory, body, **more):
    question = asked(body, memory, **more)
    one = Post(question, content=False)
    one.begin()
    return one, question.exchange


def test_a_stream_that_says_no_endpoint_is_none_of_ours():
    one, asked_ = fetched(Memory())

    assert one.frame(event(rpc(1, "ping"))) == ()
    assert one.close(answered(asked_)) is None


def test_an_endpoint_may_be_a_whole_url():
    memory = Memory()
    one, _ = fetched(memory)
    one.frame(event(f"https://public.test{TARGET}", name="endpoint"))
    posted, exchange = post(memory, rpc(1, "tools/list"), url=f"http://h.test{TARGET}")

    assert posted.close(answered(exchange, status=202)) == ()
    (done,) = one.frame(event(rpc(1, result={}), at=7_000))
    assert (done.exchange.request.method, done.exchange.ended) == ("POST", 7_000)


def test_after_the_stream_has_ended_nothing_waits_for_it():
    memory = Memory()
    one, asked_ = fetched(memory)
    one.frame(event(TARGET, name="endpoint"))
    first, exchange = post(memory, rpc(1, "tools/list"), url=f"http://h.test{TARGET}")
    first.close(answered(exchange, status=202))
    (done,) = one.close(answered(asked_, missing=("closed_by_client",)))
    assert done.operation.missing == ("closed_by_client",)

    second, exchange = post(memory, rpc(2, "tools/list"), url=f"http://h.test{TARGET}")
    (late,) = second.close(answered(exchange, status=202))
    assert late.operation.missing == ("unanswered",)


def test_the_end_of_a_session_ends_what_waits_for_a_stream_to_go_on():
    memory, headers = Memory(), {"mcp-session-id": "s"}
    one, exchange = post(memory, rpc(1, "tools/call", {"name": "a"}), headers=headers)
    one.frame(event(""))
    assert one.close(answered(exchange)) == ()

    question = asked(method="DELETE", memory=memory, headers=headers)
    end = Ending(question, content=False)
    assert (end.begin(), end.frame(event(""))) == ((), ())
    (done,) = end.close(answered(question.exchange))
    assert (done.operation.target, done.operation.missing) == ("a", ("unanswered",))


@given(st.lists(any_json, max_size=8), st.booleans())
def test_any_events_are_heard_and_what_begins_ends(events, sure):
    one, asked_ = fetched(Memory(), headers={"mcp-session-id": "s"} if sure else {})
    one.begin()
    heard = [h for e in events for h in one.frame(event(e))]
    heard += one.close(answered(asked_)) or ()

    parts = [h.exchange.part for h in heard if isinstance(h, Begun)]
    assert sorted(parts) == sorted(h.exchange.part for h in heard if not isinstance(h, Begun))
    assert sure or heard == []
