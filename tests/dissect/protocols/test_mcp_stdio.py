from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun
from hexr_autoinst.dissect.protocols.mcp_stdio import Pipes
from tests.dissect.protocols.asking import any_json, line, piped, rpc


def pipes():
    question = piped()
    return Pipes(question, content=False), question.exchange


def test_nothing_is_told_before_a_word_of_mcp():
    one, exchange = pipes()

    assert one.frame(line(rpc(1, "ping"))) == ()
    assert one.frame(line(rpc(1, result={}), "response")) == ()
    assert one.close(exchange) is None


def test_after_many_lines_of_something_else_none_is_looked_at():
    one, exchange = pipes()
    for _ in range(20):
        one.frame(line(rpc(1, "session/update")))

    assert one.frame(line(rpc(1, "tools/call", {"name": "a"}))) == ()
    assert one.close(exchange) is None


def test_who_is_the_client_is_known_by_what_only_clients_say():
    one, _ = pipes()
    (begun,) = one.frame(line(rpc(1, "tools/call", {"name": "a"}), "response"))
    (done,) = one.frame(line(rpc(1, result={}), "request"))

    assert (begun.operation.backwards, done.operation.backwards) == (False, False)


def test_what_only_servers_say_is_said_backwards_by_the_other_side():
    one, _ = pipes()
    (begun,) = one.frame(line(rpc(1, "roots/list"), "response"))

    assert begun.operation.backwards


def test_a_batch_on_a_line():
    one, _ = pipes()

    assert len(one.frame(line([rpc(1, "tools/list"), rpc(2, "prompts/list")]))) == 2


@given(
    st.lists(st.tuples(any_json, st.sampled_from(["request", "response"])), max_size=30), st.text(max_size=20)
)
def test_any_lines_are_heard_and_what_begins_ends(lines, noise):
    one, exchange = pipes()
    heard = [*one.frame(line(noise))]
    for at, (value, side) in enumerate(lines):
        heard += one.frame(line({"jsonrpc": "2.0", **value} if isinstance(value, dict) else value, side, at))
    heard += one.close(exchange) or ()

    parts = [h.exchange.part for h in heard if isinstance(h, Begun)]
    assert len(set(parts)) == len(parts)
    assert sorted(parts) == sorted(h.exchange.part for h in heard if not isinstance(h, Begun))
