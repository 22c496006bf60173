from dataclasses import replace

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols import mcp_session
from hexr_autoinst.dissect.protocols.jsonrpc import Message
from hexr_autoinst.dissect.protocols.mcp_call import Call
from hexr_autoinst.dissect.protocols.mcp_session import Session
from hexr_autoinst.model.facts import Key
from tests.dissect.protocols.asking import exchange


def call(id_, *, backwards=False, token=None):
    return Call(exchange(), id_, "tools/call", backwards, token=token)


def test_direction_and_type_are_part_of_a_calls_key():
    session = Session()
    forwards, backwards, text = call(1), call(1, backwards=True), call("1")
    for one in (forwards, backwards, text):
        session.add(one)

    assert session.answered(Message(1, result={}), backwards=False) is forwards
    assert session.answered(Message(1, result={}), backwards=True) is backwards
    assert session.answered(Message("1", result={}), backwards=False) is text
    assert session.answered(Message("1", result={}), backwards=True) is None


def test_of_two_that_can_be_meant_none_is_but_one_of_the_same_exchange():
    session = Session()
    one, two = call(1), call(1)
    session.add(one)
    session.add(two)

    assert session.answered(Message(1, result={}), backwards=False, own=[two]) is two
    assert session.answered(Message(1, result={}), backwards=False) is None
    assert session.doubtful() == []
    assert session.answered(Message(1, result={}), backwards=False) is None
    assert session.doubtful() == [one, two]


def test_the_oldest_call_is_given_up_where_there_are_too_many():
    session = Session()
    first = call(0)
    given_up = [session.add(c) for c in [first, *(call(n) for n in range(1, 1024))]]

    assert set(given_up) == {None}
    assert session.add(call("more")) is first
    assert (session.count, len(session.all())) == (1024, 1024)


def test_a_token_of_one_open_call_names_it():
    session = Session()
    one = call(1, token="p")
    session.add(one)
    session.add(call(2, token=1))

    assert session.of_token("p", backwards=False) is one
    assert session.of_token("p", backwards=True) is None
    assert session.of_token("1", backwards=False) is None
    assert session.of_token(None, backwards=False) is None


def test_a_client_and_a_server_on_one_host_are_two_sessions():
    asked = exchange()
    client = mcp_session.scope(asked, "s")

    assert client == mcp_session.scope(exchange(url="http://other.test/x"), "s")
    assert client != mcp_session.scope(replace(asked, role="server"), "s")
    assert client != mcp_session.scope(replace(asked, key=Key(1, 1)), "s")
    assert client != mcp_session.scope(replace(asked, source="proxy"), "s")


def test_an_address_is_found_by_its_query_wherever_the_path_was_put():
    asked = exchange()

    assert mcp_session.endpoint(asked, "/messages?s=1") == mcp_session.endpoint(
        asked, "/proxied/messages?s=1"
    )
    assert mcp_session.endpoint(asked, "/messages") != mcp_session.endpoint(asked, "/other")


def test_a_chain_is_told_from_others_by_a_state_that_is_whole():
    memory, first, second = Memory(), call(1), call(2)
    for state, told in (("s1", "1"), ("[redacted]", None), ("x" * 5000, None), (7, None)):
        second.facts.clear()
        mcp_session.chain(memory, first, Message(1, result={"requestState": state}), ("w",))
        mcp_session.chained(memory, second, Message(2, "tools/call", {"requestState": state}), ("w",))

        assert second.facts.get("mcp.continues") == told


def test_a_session_is_remembered_named_and_forgotten():
    memory = Memory()
    session = mcp_session.session_at(memory, ("a",))
    mcp_session.name(memory, ("b",), session)

    assert mcp_session.known(memory, ("b",)) is session
    assert mcp_session.forget(memory, ("b",)) is session
    assert mcp_session.known(memory, ("b",)) is None
