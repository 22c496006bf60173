"""Scenarios of agents that talk to each other on one host, and across hosts: who is under whom, and what nobody guesses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.correlate.identity import join_key, join_span
from hexr_autoinst.model.facts import Address, Conn, Key
from hexr_autoinst.model.operation import Failure
from hexr_autoinst.model.story import Ambiguous, Invocation, InvocationOpened, Placed
from tests.correlate.play import END, KEY, PROXY, Play, exchange, exited, opened, process, talk, tick

BOSS, WORKER = KEY, Key(200, 6000)
A, B = Address("127.0.0.1", 40000), Address("127.0.0.1", 9000)
MESSAGE = talk(join=("message", "0b7c6f9e-8e0b-4b63-93a5-5d0c9a3a7a10"))
KEY_OF_IT = join_key("a2a", MESSAGE.join)
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
NAMED = [("traceparent", f"00-{TRACE}-{SPAN}-01")]


@pytest.fixture
def play():
    playing = Play()
    yield playing
    playing >> END
    assert playing.balance()["open"] == 0
    assert playing.balance()["taken"] == playing.balance()["spent"]
    assert sum(t.change for t in playing.all(InvocationOpened)) == len(playing.all(Invocation))
    ids = [p.place.span_id for p in (*playing.all(Placed), *playing.all(Invocation))]
    assert len(set(ids)) == len(ids)
    stands = playing.room._stands
    assert (len(stands.pairs), stands._serving, len(playing.room._invocations)) == (0, {}, 0)


def both(play, boss="boss.py", worker="worker.py"):
    play >> process(0, BOSS, args=("python3", boss)) >> process(0, WORKER, args=("python3", worker))
    return play


def send(id_="s", began=2.0, ended=9.0, **more):
    return exchange(id_, began, ended, **{"key": BOSS, "local": A, "peer": B, "facts": 0, **more})


def serve(id_="r", began=2.1, ended=8.9, **more):
    return exchange(
        id_, began, ended, **{"key": WORKER, "local": B, "peer": A, "role": "server", "facts": 0, **more}
    )


def one_delegation(play, operation=MESSAGE, sent=None, served=None):
    """Boss asks a model, sends; worker asks a model; all answer."""
    sent, served = sent or send(), served or serve()
    both(play).exchange(exchange("b1", 1, 1.5, key=BOSS))
    play.ask(sent, operation).ask(served, operation)
    play.exchange(exchange("w1", 3, 4, key=WORKER))
    play.end(served, operation).end(sent, operation)
    return play >> END


def test_both_ends_of_a_call_on_one_host_are_one_trace(play):
    one_delegation(play)

    sent, served = play.placed("s"), play.placed("r")
    boss, worker = play.root("boss"), play.root("worker")
    assert sent.place.parent_id == boss.place.span_id
    assert served.place.parent_id == sent.place.span_id
    assert (served.place.trace_id, served.place.span_id) in sent.place.links
    assert worker.place.parent_id == served.place.span_id
    assert play.placed("w1").place.parent_id == worker.place.span_id
    assert {t.place.trace_id for t in (*play.all(Placed), boss, worker)} == {boss.place.trace_id}
    assert (boss.boundary, worker.boundary) == ("turn", "request")
    assert (sent.other, served.other) == ("worker", "boss")
    assert (worker.began, worker.ended) == (served.exchange.began, served.exchange.ended)
    assert (worker.model_calls, boss.model_calls) == (1, 1)


@pytest.mark.parametrize(
    ("change", "paired"),
    [
        ({}, True),
        ({"peer": Address("::ffff:127.0.0.1", 40000)}, True),
        ({"peer": Address("127.0.0.1", 40001)}, False),
        ({"ordinal": 1}, False),  # another place on the connection, and nothing that says it is the same call
        ({"local": None, "peer": None}, False),
    ],
)
def test_ends_without_an_id_are_paired_by_their_addresses_and_their_place_alone(play, change, paired):
    one_delegation(play, talk(), served=serve(**change))

    assert (play.placed("r").place.parent_id == play.placed("s").place.span_id) is paired
    assert (play.placed("r").place.trace_id == play.placed("s").place.trace_id) is paired


def test_a_place_that_is_off_is_forgiven_where_the_ids_agree(play):
    one_delegation(play, talk(request_id="17"), served=serve(ordinal=4))

    assert play.placed("r").place.parent_id == play.placed("s").place.span_id


def test_a_message_that_came_through_a_proxy_is_paired_by_its_id(play):
    one_delegation(play, served=serve(peer=Address("127.0.0.1", 55555)))

    assert play.placed("r").place.parent_id == play.placed("s").place.span_id


def test_the_end_that_is_called_may_be_heard_first(play):
    both(play).exchange(exchange("b1", 1, 1.5, key=BOSS))
    play.ask(serve(began=2.0), talk()).ask(send(began=2.1), talk())
    play.end(serve(began=2.0), talk()).end(send(began=2.1), talk())
    play >> END

    assert play.placed("r").place.parent_id == play.placed("s").place.span_id
    assert play.root("worker").place.trace_id == play.root("boss").place.trace_id


def test_an_end_whose_spans_are_told_moves_no_more_but_is_linked(play):
    both(play)
    play.ask(serve(began=2.0), talk()).exchange(exchange("w1", 2.2, 2.4, key=WORKER))
    play.ask(send(began=2.5), talk()).end(serve(began=2.0), talk()).end(send(began=2.5), talk())
    play >> END

    sent, served = play.placed("s"), play.placed("r")
    assert served.place.trace_id == play.placed("w1").place.trace_id != sent.place.trace_id
    assert (served.place.trace_id, served.place.span_id) in sent.place.links


def test_addresses_that_are_known_late_still_pair(play):
    both(play)
    conn = Conn(BOSS, 0x7F00, 1)
    blind = send(local=None, peer=None, conn=conn)
    play.ask(blind, talk()).ask(serve(), talk())
    play >> opened(2.2, conn, BOSS, A, B, connect_ns=None)
    play.end(serve(), talk()).end(send(conn=conn), talk()) >> END

    assert play.placed("r").place.parent_id == play.placed("s").place.span_id


def test_the_ends_of_a_pipe_are_paired_by_its_name_and_their_ids_by_part(play):
    ours, theirs = Address("pipe:11", 0), Address("pipe:12", 0)
    both(play, worker="files.py")
    ends = []
    for n in range(3):
        rpc = talk("mcp", request_id=str(n), target="read")
        ends.append(
            (send("s", 2 + n, part=f"c{n}", local=ours, peer=theirs), serve("r", 2.1 + n, part=f"c{n + 1}", local=theirs, peer=ours), rpc)
        )  # fmt: skip
    for sent, served, rpc in ends:
        play.ask(sent, rpc).ask(served, rpc)
    for sent, served, rpc in ends:
        play.end(served, rpc).end(sent, rpc)
    play >> END

    for n in range(3):
        assert play.placed("r", f"c{n + 1}").place.parent_id == play.placed("s", f"c{n}").place.span_id
    assert [r.agent.name for r in play.all(Invocation)] == ["boss"]  # a server of tools is no agent
    assert play.root("boss").tool_calls == 3
    assert {p.agent.name for p in play.all(Placed)} == {"boss", "files"}


def test_a_caller_that_names_itself_is_the_parent_at_both_ends(play):
    one_delegation(play, sent=send(headers=NAMED), served=serve(headers=NAMED))

    sent, served, worker = play.placed("s"), play.placed("r"), play.root("worker")
    assert [(p.place.trace_id, p.place.parent_id) for p in (sent, served)] == [(TRACE, SPAN)] * 2
    assert (sent.join, served.join) == ("", "")
    assert (worker.place.trace_id, worker.place.parent_id) == (TRACE, served.place.span_id)
    assert (served.place.trace_id, served.place.span_id) in sent.place.links


def test_the_message_outranks_the_header_of_its_connection(play):
    one_delegation(play, talk(parent=f"00-{TRACE}-{SPAN}-01"), served=serve(headers=[("traceparent", f"00-{'ab' * 16}-{'cd' * 8}-01")]))  # fmt: skip

    assert play.placed("r").place.trace_id == play.placed("s").place.trace_id == TRACE


def test_a_receiver_alone_stands_where_its_sender_expects_it(play):
    play >> process(0, WORKER, args=("python3", "worker.py"))
    play.ask(serve(), MESSAGE).exchange(exchange("w1", 3, 4, key=WORKER)).end(serve(), MESSAGE)
    play >> END

    served = play.placed("r")
    assert (served.place.trace_id, served.place.span_id) == (KEY_OF_IT, join_span(KEY_OF_IT))
    assert served.place.parent_id is None
    assert served.join == KEY_OF_IT
    assert play.root("worker").place.trace_id == play.placed("w1").place.trace_id == KEY_OF_IT


def test_a_sender_with_nothing_open_takes_the_trace_of_its_message(play):
    play >> process(0, BOSS, args=("python3", "boss.py"))
    play.exchange(send(), MESSAGE) >> END

    sent = play.placed("s")
    assert sent.place.trace_id == play.root("boss").place.trace_id == KEY_OF_IT
    assert sent.place.links == ((KEY_OF_IT, join_span(KEY_OF_IT)),)
    assert sent.join == KEY_OF_IT


def test_a_sender_in_an_invocation_keeps_its_trace_and_links_to_the_receiver(play):
    play >> process(0, BOSS, args=("python3", "boss.py"))
    play.exchange(exchange("b1", 1, 1.5, key=BOSS)).exchange(send(), MESSAGE) >> END

    sent = play.placed("s")
    assert sent.place.trace_id == play.placed("b1").place.trace_id != KEY_OF_IT
    assert sent.place.links == ((KEY_OF_IT, join_span(KEY_OF_IT)),)


def test_what_is_sent_again_is_linked_to_the_first_and_owns_nothing(play):
    play >> process(0, WORKER, args=("python3", "worker.py")) >> process(0, BOSS, args=("python3", "boss.py"))
    for n in (0, 20):
        play.exchange(send(f"s{n}", 2 + n, 3 + n, peer=PROXY), MESSAGE)
        play.exchange(serve(f"r{n}", 2.1 + n, 2.9 + n, peer=PROXY), MESSAGE)
    play >> END

    for end in "sr":
        first, again = play.placed(f"{end}0"), play.placed(f"{end}20")
        assert (first.join, again.join) == (KEY_OF_IT, "")
        assert (first.place.trace_id, first.place.span_id) in again.place.links
    assert play.placed("r20").place.span_id != join_span(KEY_OF_IT)


def test_one_that_came_to_nothing_was_not_the_first(play):
    both(play).ask(send("s0"), MESSAGE)
    play.room.discard("s0")
    play.exchange(send("s1", 10, 11), MESSAGE) >> END

    assert play.placed("s1").join == KEY_OF_IT


def test_two_requests_at_once_are_two_invocations_and_what_is_made_meanwhile_is_nobodys_guess(play):
    both(play)
    first, second = serve("r1"), serve("r2", 2.2, 8, peer=Address("127.0.0.1", 40001))
    play.ask(first, talk()).ask(second, talk())
    play.exchange(exchange("w1", 3, 4, key=WORKER))
    play.end(second, talk()).end(first, talk())
    play >> END

    roots = [r for r in play.all(Invocation) if r.boundary == "request"]
    spots = {(r.place.trace_id, r.place.span_id) for r in roots}
    assert len({r.place.trace_id for r in roots}) == 2
    assert set(play.placed("w1").place.links) == spots
    assert play.placed("w1").place.trace_id not in {t for t, _ in spots}
    assert len(play.all(Ambiguous)) == 1


def test_a_poll_invokes_nobody_and_is_no_parent(play):
    both(play)
    poll = talk(method="GetTask", operation="get_task")
    play.ask(serve("r1"), talk()).ask(serve("r2", 2.5, 7, peer=Address("127.0.0.1", 40001)), poll)
    play.exchange(exchange("w1", 3, 4, key=WORKER))
    play.end(serve("r2", 2.5, 7), poll).end(serve("r1"), talk())
    play >> END

    assert play.placed("w1").place.parent_id == play.root("worker").place.span_id
    assert play.placed("r2").place.parent_id is None
    assert play.all(Ambiguous) == []


def test_what_an_agent_does_just_after_its_answer_belongs_to_it_and_what_it_does_later_does_not(play):
    both(play).exchange(serve(ended=3), talk())
    play.exchange(exchange("w1", 3.5, 4, key=WORKER)) >> tick(6)
    play.exchange(exchange("w2", 7, 8, key=WORKER)) >> END

    by_boundary = {r.boundary: r.place.span_id for r in play.all(Invocation)}
    assert play.placed("w1").place.parent_id == by_boundary["request"]
    assert play.placed("w2").place.parent_id == by_boundary["turn"]


def test_a_task_that_goes_on_after_the_answer_keeps_its_invocation(play):
    working = talk(facts=(("a2a.state", "working"),))
    both(play).exchange(serve(ended=3), working) >> tick(20)
    play.exchange(exchange("w1", 30, 31, key=WORKER)) >> tick(89)
    assert play.all(Invocation) == []
    play >> tick(92)

    assert play.placed("w1").place.parent_id == play.root("worker").place.span_id


def test_a_failed_call_is_a_failed_invocation_and_a_failed_task_is_none(play):
    both(play).exchange(serve("r1", 2, 3), talk(failure=Failure("-32603")))
    play.exchange(serve("r2", 10, 11), talk(facts=(("a2a.state", "failed"),))) >> END

    assert [r.failed for r in play.all(Invocation)] == [True, False]


def test_a_server_of_tools_that_asks_a_model_is_an_agent_from_then_on(play):
    both(play, worker="research.py")
    tool = talk("mcp", target="research")
    play.ask(serve("r1"), tool).exchange(exchange("w1", 3, 4, key=WORKER)).end(serve("r1"), tool)
    play.ask(serve("r2", 20, 29), tool).exchange(exchange("w2", 23, 24, key=WORKER)).end(
        serve("r2", 20, 29), tool
    )
    play >> END

    assert play.placed("w1").place.parent_id == play.placed("r1").place.span_id
    assert play.placed("w2").place.parent_id == play.root("research").place.span_id
    assert play.root("research").place.parent_id == play.placed("r2").place.span_id


def test_a_server_that_asks_its_client_is_served_within_the_call_that_it_answers(play):
    """Sampling: the tool asks the agent's model, over the exchange that called the tool."""
    both(play, worker="tool.py")
    tool, sampling = talk("mcp", target="t"), talk("mcp", method="sampling/createMessage", backwards=True)
    play.exchange(exchange("b1", 1, 1.5, key=BOSS))
    play.ask(send(), tool).ask(serve(), tool)
    asks, answers = serve(began=3, ended=6, part="s0"), send(began=3.1, ended=5.9, part="s0")
    play.ask(asks, sampling).ask(answers, sampling)
    play.exchange(exchange("b2", 4, 5, key=BOSS))
    play.end(answers, sampling).end(asks, sampling)
    play.end(serve(), tool).end(send(), tool) >> END

    served, asks, answers = play.placed("r"), play.placed("r", "s0"), play.placed("s", "s0")
    assert asks.place.parent_id == served.place.span_id
    assert answers.place.parent_id == asks.place.span_id
    assert play.placed("b2").place.parent_id == answers.place.span_id
    assert {p.place.trace_id for p in play.all(Placed)} == {play.root("boss").place.trace_id}
    assert (asks.serves, answers.serves) == (False, True)
    assert play.root("boss").model_calls == 2


def test_a_child_that_serves_tools_belongs_to_the_agent_that_started_it(play):
    play >> process(0, BOSS, args=("python3", "boss.py"))
    play >> process(0, WORKER, parent=BOSS, args=("python3", "files.py"))
    play.ask(exchange("b1", 1, 10, key=BOSS)).exchange(
        serve(peer=None, local=None), talk("mcp", target="read")
    )
    play.end(exchange("b1", 1, 10, key=BOSS)) >> END

    assert play.placed("r").place.parent_id == play.root("boss").place.span_id
    assert play.placed("r").place.trace_id == play.root("boss").place.trace_id


def test_a_call_that_both_planes_saw_is_told_once_with_its_other_end(play):
    both(play)
    play >> opened(0.5, Conn(BOSS, 7, 0), BOSS, A, PROXY)
    kernel = send("k", local=A, peer=PROXY, part="p")
    proxy = send("p", local=A, peer=B, source="proxy", began=2.01, part="p")
    served = serve(peer=Address("127.0.0.1", 50000))
    play.ask(kernel, MESSAGE).ask(proxy, MESSAGE).ask(served, MESSAGE)
    play.end(served, MESSAGE).end(kernel, MESSAGE).end(proxy, MESSAGE) >> END

    assert [p.exchange.id for p in play.all(Placed)] == ["r", "k"]
    sent = play.placed("k", "p")
    assert (sent.seen_by, sent.exchange.source) == (("ebpf", "proxy"), "proxy")
    assert play.placed("r").place.parent_id == sent.place.span_id


def test_parts_of_one_exchange_are_calls_of_their_own_and_go_together_when_it_meant_nothing(play):
    both(play)
    for part in ("", "s0", "s1"):
        play.ask(send(part=part), talk("mcp"))
    play.end(send(part="s0"), talk("mcp"))
    play.room.discard("s")
    play >> END

    assert [p.exchange.part for p in play.all(Placed)] == ["s0"]


def test_an_answer_that_never_comes_elsewhere_is_waited_for_and_then_is_not_told(play):
    both(play).ask(send(ended=3), talk("mcp"))
    play.room.closed(send(ended=3))
    play >> tick(600)
    assert len(play.room._standing) == 1
    play >> tick(905)
    assert len(play.room._standing) == 0


def test_a_server_end_that_nobody_foretold_is_placed_when_it_is_over(play):
    both(play).ask(serve()).end(serve(), talk()) >> END

    assert play.root("worker").boundary == "request"
    assert play.root("worker").place.parent_id == play.placed("r").place.span_id


def test_a_process_that_dies_while_it_serves_has_failed(play):
    both(play).ask(serve(ended=5), talk())
    play >> exited(5, WORKER, code=None, signal=9)
    play.end(serve(ended=5), talk()) >> tick(7)

    assert (play.root("worker").boundary, play.root("worker").failed) == ("request", True)


def test_headers_that_name_nobody_are_no_caller(play):
    one_delegation(play, served=serve(headers=[("traceparent", "00-0-0-00")]))

    assert play.placed("r").place.parent_id == play.placed("s").place.span_id


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "end", "model", "discard", "closed", "pass"]),
        st.sampled_from(["s", "r"]),
        st.integers(0, 2),
        st.sampled_from(["", "c0"]),
        st.sampled_from(["a2a", "mcp", "poll", "back", "named"]),
        st.sampled_from([0.1, 1.5, 70.0]),
    ),
    max_size=30,
)
CALLS = {
    "a2a": MESSAGE,
    "mcp": talk("mcp", target="t", request_id="1"),
    "poll": talk(method="GetTask", operation="get_task"),
    "back": talk("mcp", method="sampling/createMessage", backwards=True),
    "named": talk("mcp", parent=f"00-{TRACE}-{SPAN}-01"),
}


@settings(deadline=None)
@given(ACTS)
def test_whatever_is_said_in_whatever_order_every_span_has_one_place(acts):
    play, now, done = both(Play()), 1.0, set()
    for kind, end, number, part, what, passed in acts:
        now += passed
        one = (send if end == "s" else serve)(f"{end}{number}", now, now + 0.05, ordinal=number, part=part)
        if kind == "begin" and (one.id, part) not in done:  # an id is never given twice
            play.ask(one, CALLS[what])
        elif kind == "end" and (one.id, part) not in done:
            done.add((one.id, part))
            play.end(one, CALLS[what])
        elif kind == "model":
            play.exchange(exchange(f"m{now}", now, now + 0.05, key=BOSS if end == "s" else WORKER))
        elif kind == "discard":  # the exchange is over with it: nothing of it begins or ends any more
            done.update((one.id, p) for p in ("", "c0"))
            play.room.discard(one.id)
        elif kind == "closed":
            play.room.closed(one)
        play >> tick(now)
        assert play.balance()["taken"] == play.balance()["spent"] + play.balance()["open"]
    play >> END

    spans = [p.place for p in play.everything if isinstance(p, Placed | Invocation)]
    assert len({(p.trace_id, p.span_id) for p in spans}) == len(spans)
    told = {p.span_id: p.trace_id for p in spans}
    for place in spans:
        # A parent of ours is in the same trace: none is left behind in a trace that a call has moved out of.
        assert told.get(place.parent_id, place.trace_id) == place.trace_id
    assert sum(t.change for t in play.all(InvocationOpened)) == len(play.all(Invocation))
    stands = play.room._stands
    assert (play.room._standing, len(stands.pairs), stands._serving, len(play.room._invocations)) == (
        {},
        0,
        {},
        0,
    )
