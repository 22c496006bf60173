from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.correlate import world
from hexr_autoinst.model.facts import Address, Conn, Key, Tick
from hexr_autoinst.model.operation import ModelCall
from hexr_autoinst.model.story import Ambiguous, Connection, Invocation, InvocationOpened, Placed
from tests.correlate.play import (
    END,
    HERE,
    KEY,
    MS,
    PROXY,
    RULES,
    THERE,
    Play,
    S,
    at,
    call,
    closed,
    exchange,
    exited,
    handshake,
    health,
    opened,
    process,
    tick,
)


@pytest.fixture
def play():
    playing = Play()
    yield playing
    playing >> END
    assert playing.balance()["open"] == 0
    assert playing.balance()["taken"] == playing.balance()["spent"]
    assert sum(t.change for t in playing.all(InvocationOpened)) == len(playing.all(Invocation))


def test_one_call_of_a_script_that_exits_is_one_trace_with_the_process_as_its_root(play):
    play >> process(0, started=at(0))
    play.ask(exchange()) << []
    play.end(exchange(), call(tools=2)) << ["open analyst", "span x1 of analyst"]
    play >> exited(3)
    play << []
    play >> tick(4)
    play << ["tool t0 unanswered", "tool t1 unanswered", "root analyst process"]

    placed, root = play.all(Placed)[0], play.all(Invocation)[0]
    assert root.place.span_id == placed.place.parent_id
    assert root.place.trace_id == placed.place.trace_id
    assert root.place.parent_id is None
    assert (root.began, root.ended) == (at(0), at(3))
    assert (root.model_calls, root.tool_calls, root.input_tokens, root.output_tokens) == (1, 2, 10, 5)
    assert (root.exit_code, root.signal) == (0, None)
    assert root.sources == ("ebpf",)


def test_an_answer_that_is_fetched_again_is_counted_once_in_its_turn(play):
    play >> process()
    made = call(response_id="resp_1")
    for n, one in enumerate((made, replace(made, fetched=True), replace(made, fetched=True))):
        play.exchange(exchange(f"x{n}", 1.0 + n, 1.5 + n), one)
    play >> END

    assert [p.operation.usage.input for p in play.all(Placed)] == [10, None, None]
    assert [(r.model_calls, r.input_tokens) for r in play.all(Invocation)] == [(3, 10)]


def test_the_invocation_is_announced_while_its_first_call_is_open(play):
    play >> process()
    play.ask(exchange())
    play >> tick(1.1)
    play << ["open analyst"]
    play.end(exchange()) << ["span x1 of analyst"]


def test_identity_that_arrives_after_the_data_still_names_the_span(play):
    play.exchange(exchange()) << []
    assert play.balance()["open"] == 3
    play >> process(2.4)
    play << ["open analyst", "span x1 of analyst"]


def test_identity_that_never_arrives_is_waited_for_one_second_and_no_longer(play):
    play.exchange(exchange()) << []
    play >> tick(2.9)
    play << []
    play >> tick(3.1)
    play << ["open unknown", "span x1 of unknown"]
    play >> process(3.5)
    play.exchange(exchange("x2", 4, 5)) << ["span x2 of unknown"]


def test_an_exit_that_is_heard_before_the_last_exchange_waits_for_it(play):
    play >> process()
    play.ask(exchange(ended=2.0)) >> exited(2.0, code=1)
    play.end(exchange(ended=2.0)) << ["open analyst", "span x1 of analyst"]
    play >> tick(2.6)
    play << ["root analyst process failed"]
    assert play.all(Invocation)[0].exit_code == 1


def test_an_exit_while_an_exchange_stays_open_does_not_close_the_turn_before_it(play):
    play >> process()
    play.ask(exchange(ended=9)) >> exited(2, code=None, signal=9)
    play >> tick(8)
    play << ["open analyst"]
    play.end(exchange(ended=9)) << ["span x1 of analyst"]
    play >> tick(9.1)
    play << ["root analyst process failed"]
    assert play.all(Invocation)[0].signal == 9
    assert play.all(Invocation)[0].ended == at(9)


def test_silence_closes_a_turn_and_the_next_call_opens_another(play):
    play >> process()
    play.exchange(exchange("a", 1, 2)).exchange(exchange("b", 30, 31))
    play >> tick(90.9)
    play << ["open analyst", "span a of analyst", "span b of analyst"]
    play >> tick(91.1)
    play << ["root analyst turn"]
    play.exchange(exchange("c", 100, 101)) << ["open analyst", "span c of analyst"]
    play >> exited(102)
    play >> tick(103)
    play << ["root analyst turn"]

    first, second = play.all(Invocation)
    assert (first.began, first.ended, first.model_calls) == (at(1), at(31), 2)
    assert first.place.trace_id != second.place.trace_id


def test_silence_is_seen_by_the_next_call_even_where_no_tick_came_between(play):
    play.exchange(exchange("a", 1, 2, key=None, source="har"))
    play.exchange(exchange("b", 62.01, 63, key=None, source="har"))

    play << ["open har", "span a of har", "root har turn", "open har", "span b of har"]


def test_an_open_exchange_is_no_silence(play):
    play >> process()
    play.ask(exchange("a", 1, 200)) >> tick(150)
    play.end(exchange("a", 1, 200)) << ["open analyst", "span a of analyst"]
    play >> tick(259)
    play << []
    play >> tick(260.1)
    play << ["root analyst turn"]


def test_a_call_that_meant_nothing_takes_its_invocation_back(play):
    play >> process()
    play.ask(exchange()) >> tick(1.5)
    play << ["open analyst"]
    play.room.discard("x1")
    play >> tick(1.6)
    play << ["undo analyst"]
    play.exchange(exchange("x2", 3, 4)) >> exited(5)
    play >> tick(6)
    play << ["open analyst", "span x2 of analyst", "root analyst process"]


def test_a_server_end_is_ignored_and_counted(play):
    play >> process()
    play.exchange(exchange(role="server")) << ["ignored 3 server_end"]


def test_a_role_that_is_known_only_at_the_end_is_respected(play):
    play >> process()
    play.ask(exchange(role="unknown"))
    play.end(exchange(role="server"))
    play >> tick(3)
    play << ["open analyst", "undo analyst", "ignored 3 server_end"]


def test_an_agent_started_by_an_agent_stands_under_its_open_turn(play):
    child = Key(101, 5100)
    play >> process()
    play.ask(exchange("a", 1, 10))
    play >> process(2, child, parent=KEY, args=("python3", "worker.py"))
    play.exchange(exchange("b", 3, 4, key=child)).end(exchange("a", 1, 10))
    play >> exited(11, child)
    play >> exited(11)
    play >> tick(12)

    roots = {r.agent.name: r for r in play.all(Invocation)}
    assert roots["worker"].place.parent_id == roots["analyst"].place.span_id
    assert roots["worker"].place.trace_id == roots["analyst"].place.trace_id
    assert {p.place.trace_id for p in play.all(Placed)} == {roots["analyst"].place.trace_id}


def test_a_grandchild_is_found_through_the_shell_between(play):
    shell, child = Key(101, 5100), Key(102, 5200)
    play >> process() >> process(1, shell, parent=KEY, exe="/bin/sh", args=("sh", "-c", "worker"))
    play >> process(1, child, parent=shell, args=("python3", "worker.py"))
    play.ask(exchange("a", 1, 10)).exchange(exchange("b", 3, 4, key=child)).end(exchange("a", 1, 10))
    play >> END

    roots = {r.agent.name: r for r in play.all(Invocation)}
    assert roots["worker"].place.parent_id == roots["analyst"].place.span_id


def test_an_open_child_is_no_silence_for_its_parent(play):
    child = Key(101, 5100)
    play >> process() >> process(0, child, parent=KEY, args=("python3", "worker.py"))
    play.exchange(exchange("a", 1, 2)).ask(exchange("b", 3, 200, key=child))
    play >> tick(120)
    play << ["open analyst", "span a of analyst", "open worker"]
    play.end(exchange("b", 3, 200, key=child))
    play >> exited(201, child) >> tick(202)
    play << ["span b of worker", "root worker process"]
    play >> tick(259)
    play << []
    play >> tick(260.1)
    play << ["root analyst turn"]


def test_a_child_of_an_agent_with_no_turn_open_stands_alone(play):
    child = Key(101, 5100)
    play >> process() >> process(0, child, parent=KEY, args=("python3", "worker.py"))
    play.exchange(exchange("a", 1, 2)) >> tick(70)
    play.exchange(exchange("b", 71, 72, key=child)) >> END

    assert [r.place.parent_id for r in play.all(Invocation)] == [None, None]


def test_a_traceparent_on_the_wire_is_the_parent_and_gives_the_turn_its_trace(play):
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    play >> process()
    play.exchange(exchange(headers=[("Traceparent", f"00-{trace}-{span}-01")])) >> END

    placed, root = play.all(Placed)[0], play.all(Invocation)[0]
    assert (placed.place.trace_id, placed.place.parent_id) == (trace, span)
    assert placed.place.links == ((trace, root.place.span_id),)
    assert root.place.trace_id == trace


def test_a_second_trace_on_the_wire_is_kept_and_linked_to_the_turn(play):
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    play >> process()
    play.exchange(exchange("a")).exchange(
        exchange("b", 3, 4, headers=[("traceparent", f"00-{trace}-{span}-01")])
    )
    play >> END

    root = play.all(Invocation)[0]
    first, second = play.all(Placed)
    assert first.place.parent_id == root.place.span_id
    assert (second.place.trace_id, second.place.parent_id) == (trace, span)
    assert second.place.links == ((root.place.trace_id, root.place.span_id),)


def test_two_processes_on_one_connection_are_ambiguous_and_linked_never_guessed(play):
    other = Key(200, 6000)
    for key in (KEY, other):
        play >> process(0, key) >> opened(0.5, Conn(key, 7, 0), key)
        play.ask(exchange(f"own{key.pid}", 1, 5, key=key))
    shared = exchange("p", 2, 3, key=None, source="proxy", local=HERE, peer=THERE)
    play.exchange(shared)
    for key in (KEY, other):
        play.end(exchange(f"own{key.pid}", 1, 5, key=key))
    play >> END

    placed = next(p for p in play.all(Placed) if p.exchange.id == "p")
    roots = {(r.place.trace_id, r.place.span_id) for r in play.all(Invocation) if r.agent.name == "analyst"}
    assert set(placed.place.links) == roots
    assert len(roots) == 2
    assert placed.agent.name == "unknown"
    assert len(play.all(Ambiguous)) == 1


def test_a_call_without_a_process_is_given_to_the_only_owner_of_its_connection(play):
    play >> process() >> opened(0.5)
    play.exchange(exchange("p", key=None, source="proxy", local=HERE, peer=THERE)) >> tick(3)
    play << ["open analyst", "opened analyst", "span p of analyst"]
    assert [p.agent.name for p in play.all(Placed)] == ["analyst"]


def test_a_pid_that_is_used_again_is_another_agent(play):
    later = Key(KEY.pid, KEY.start + 1000)
    play >> process()
    play.exchange(exchange("a", 1, 2))
    play >> process(20, later, args=("python3", "writer.py"))
    play.exchange(exchange("b", 21, 22, key=later))
    play >> tick(23)
    play << ["open analyst", "span a of analyst", "root analyst turn", "open writer", "span b of writer"]

    names = [(p.exchange.id, p.agent.name) for p in play.all(Placed)]
    assert names == [("a", "analyst"), ("b", "writer")]
    assert [r.agent.name for r in play.all(Invocation)] == ["analyst"]
    assert play.all(Placed)[0].agent.instance != play.all(Placed)[1].agent.instance


def test_phases_of_the_connection_stand_on_its_first_exchange_only(play):
    play >> process() >> opened(0.5) >> handshake(0.6)
    play >> opened(0.7, Conn(KEY, 0x7F00, 1), connect_ns=None)
    play.exchange(exchange("a", 1, 2)).exchange(exchange("b", 3, 4, ordinal=1))

    first, second = play.all(Placed)
    assert (first.phases.connect_ns, first.phases.tls_ns) == (3 * MS, 20 * MS)
    assert second.phases is None


def test_the_tie_of_a_stream_to_its_socket_may_come_after_the_request(play):
    play >> process() >> opened(0.5) >> handshake(0.6)
    play.ask(exchange("a", 1, 2))
    play >> opened(1.5, Conn(KEY, 0x7F00, 1), connect_ns=None)
    play.end(exchange("a", 1, 2))

    assert play.all(Placed)[0].phases.connect_ns == 3 * MS


def test_connections_of_a_process_wait_until_it_is_an_agent(play):
    play >> process() >> opened(0.5) >> handshake(0.6)
    play << []
    assert play.balance()["open"] == 2
    play.exchange(exchange()) << ["open analyst", "opened analyst", "handshake analyst", "span x1 of analyst"]
    play >> closed(3) >> health(3.01)
    play << ["closed analyst"]

    end = play.all(Connection)[-1]
    assert (end.seconds, end.bytes_sent, end.bytes_received, end.retransmits) == (2.5, 1000, 9000, 2)
    assert (end.rtt_seconds, end.facts) == (0.0015, 2)


def test_connections_of_a_process_that_never_is_an_agent_are_ignored(play):
    play >> process() >> opened(0.5) >> closed(1) >> health(1) >> exited(2) >> tick(4)
    play << ["ignored 3 not_an_agent"]


@pytest.mark.parametrize("proxy_first", [True, False])
def test_twins_are_told_once_whichever_opened_and_ended_first(play, proxy_first):
    kernel = exchange("k", 1.0, 2.0, local=HERE, peer=PROXY, facts=4, ordinal=0)
    proxy = exchange("p", 1.001, 1.999, source="proxy", local=HERE, peer=THERE, facts=5, ordinal=0)
    play >> process() >> opened(0.1, peer=PROXY) >> handshake(0.2)
    order = [proxy, kernel] if proxy_first else [kernel, proxy]
    for one in order:
        play.ask(one)
    for one in order:
        play.end(one)

    assert play.said()[-1] == f"span {order[0].id} of analyst"
    (placed,) = play.all(Placed)
    assert (placed.exchange.source, placed.seen_by, placed.exchange.facts) == ("proxy", ("ebpf", "proxy"), 9)
    assert placed.phases.tls_ns == 20 * MS
    assert play.room.open_facts == 0


def test_the_complete_side_of_twins_gives_the_body(play):
    kernel = exchange("k", local=HERE, peer=PROXY)
    proxy = exchange("p", source="proxy", local=HERE, missing=("truncated:response",))
    play >> process()
    play.ask(kernel).ask(proxy).end(proxy, call(tokens=(1, 1))).end(kernel, call(tokens=(2, 2)))

    (placed,) = play.all(Placed)
    assert placed.exchange.source == "ebpf"
    assert placed.operation.usage.input == 2
    assert placed.exchange.complete


def test_a_whole_side_waits_300_ms_for_its_open_twin_and_the_late_one_is_counted(play):
    kernel, proxy = (
        exchange("k", 1, 5, local=HERE, peer=PROXY),
        exchange("p", 1, 2, source="proxy", local=HERE),
    )
    play >> process()
    play.ask(kernel).ask(proxy).end(proxy) << ["open analyst"]
    play >> tick(2.2)
    play << []
    play >> tick(2.35)
    play << ["span k of analyst"]
    play.end(kernel) << ["ignored 3 twin"]


def test_a_cut_side_waits_for_its_twin_to_the_end(play):
    kernel = exchange("k", 1, 2, local=HERE, peer=PROXY, missing=("truncated:response",))
    proxy = exchange("p", 1, 30, source="proxy", local=HERE)
    play >> process()
    play.ask(kernel).ask(proxy).end(kernel) >> tick(20)
    play << ["open analyst"]
    play.end(proxy) << ["span k of analyst"]
    assert play.all(Placed)[0].exchange.complete


def test_a_twin_that_is_asked_after_the_other_has_ended_is_still_one_call(play):
    kernel, proxy = exchange("k", local=HERE, peer=PROXY), exchange("p", source="proxy", local=HERE)
    play >> process()
    play.exchange(kernel) << ["open analyst"]
    play.exchange(proxy) << ["span k of analyst"]


def test_a_call_that_goes_past_the_proxy_is_told_at_once(play):
    play >> process() >> opened(0.1, peer=PROXY)
    play.exchange(exchange(local=Address("10.0.0.1", 41000), peer=THERE))

    assert play.said()[-1] == "span x1 of analyst"


def test_one_sided_calls_through_the_proxy_wait_and_are_told(play):
    play >> process()
    play.exchange(exchange(local=HERE, peer=PROXY)) >> tick(2.2)
    play << ["open analyst"]
    play >> tick(2.35)
    play << ["span x1 of analyst"]
    assert play.all(Placed)[0].seen_by == ("ebpf",)


def test_where_the_kernel_has_no_address_the_words_pair_the_twins(play):
    play >> process()
    play.ask(exchange("k1", body=b"1")).ask(exchange("k2", body=b"2"))
    play.ask(exchange("p2", body=b"2", source="proxy", local=HERE))
    play.ask(exchange("p1", body=b"1", source="proxy", local=Address("10.0.0.1", 40001)))
    for id_, body in (("p1", b"1"), ("k1", b"1"), ("k2", b"2"), ("p2", b"2")):
        source = "proxy" if id_.startswith("p") else "ebpf"
        play.end(exchange(id_, body=body, source=source))

    assert [(p.exchange.id, p.exchange.request.body) for p in play.all(Placed)] == [
        ("k1", b"1"),
        ("k2", b"2"),
    ]
    assert play.all(Ambiguous) == []


def test_identical_calls_without_addresses_are_paired_one_to_one_and_counted_as_ambiguous(play):
    play >> process()
    for id_, source in (("k1", "ebpf"), ("k2", "ebpf"), ("p1", "proxy"), ("p2", "proxy")):
        play.ask(exchange(id_, source=source))
    for id_, source in (("k1", "ebpf"), ("k2", "ebpf"), ("p1", "proxy"), ("p2", "proxy")):
        play.end(exchange(id_, source=source))

    assert [p.exchange.id for p in play.all(Placed)] == ["k1", "k2"]
    assert len(play.all(Ambiguous)) == 1


def test_other_processes_and_other_requests_on_one_port_are_no_twins(play):
    other = Key(300, 7000)
    play >> process() >> process(0, other, args=("python3", "writer.py"))
    play.ask(exchange("k", local=HERE, peer=PROXY)).ask(exchange("p", key=other, source="proxy", local=HERE))
    play.end(exchange("k", local=HERE, peer=PROXY)).end(exchange("p", key=other, source="proxy", local=HERE))
    play >> tick(3)

    assert sorted(p.exchange.id for p in play.all(Placed)) == ["k", "p"]


def test_one_side_of_twins_that_meant_nothing_leaves_the_other(play):
    kernel, proxy = exchange("k", local=HERE, peer=PROXY), exchange("p", source="proxy", local=HERE)
    play >> process()
    play.ask(kernel).ask(proxy).end(proxy)
    play.room.discard("k")
    play >> tick(2.1)
    assert [(p.exchange.id, p.seen_by) for p in play.all(Placed)] == [("k", ("proxy",))]


def test_an_end_without_an_ask_is_told_all_the_same(play):
    play >> process()
    play.end(exchange()) << ["open analyst", "span x1 of analyst"]


def test_an_exchange_that_ends_twice_is_told_once(play):
    play >> process()
    play.exchange(exchange()).end(exchange()) << ["open analyst", "span x1 of analyst", "ignored 3 twin"]


def test_the_end_of_time_leaves_nothing_open(play):
    play >> process() >> opened(0.5)
    play.ask(exchange("never ends"))
    play.exchange(exchange("held", key=Key(9, 9)))
    play >> END

    assert {"taken": play.taken, "spent": play.taken, "open": 0} == play.balance()
    assert [p.exchange.id for p in play.all(Placed)] == ["held"]


def test_the_framework_is_learned_from_the_client_and_stays(play):
    play >> process()
    play.exchange(exchange("a"), call(client_hint="OpenAI/Python 1.99"))
    play.exchange(exchange("b", 3, 4)) >> END

    assert [p.agent.framework for p in play.all(Placed)] == ["openai", "openai"]
    assert play.all(Invocation)[0].agent.framework == "openai"


def test_a_conversation_of_the_wire_stands_on_the_invocation(play):
    play >> process()
    play.exchange(exchange("a"), call(conversation="conv_1")).exchange(exchange("b", 3, 4)) >> END

    assert play.all(Invocation)[0].conversation == "conv_1"


def test_the_same_facts_are_told_the_same_way_again():
    def run():
        play = Play()
        play >> process() >> opened(0.5) >> handshake(0.6)
        play.exchange(exchange("a")).exchange(exchange("b", 3, 4)) >> exited(5) >> END
        return play.everything

    assert run() == run()


def test_ten_thousand_processes_leave_bounded_memory_behind(play):
    for n in range(10_000):
        key = Key(1000 + n % 30_000, n)
        t = n * 0.1
        play >> process(t, key) >> opened(t, Conn(key, 7, 0), key)
        if n % 10 == 0:
            play.exchange(exchange(f"x{n}", t, t + 0.01, key=key, facts=1))
        play >> closed(t + 0.02, Conn(key, 7, 0), key) >> exited(t + 0.05, key)
    room = play.room

    assert len(play.all(Placed)) == 1000
    assert len(room._world) < 700
    assert len(room._twins) < 100
    assert len(room._invocations) < 20
    assert len(room._connections.links) < 700
    assert len(room._agents._acted) < 100
    assert len(room._invocations._turns._count) < 100
    play.told = []


def test_asked_and_ended_need_no_world_at_all(play):
    for n in range(5):
        play.exchange(exchange(f"h{n}", n, n + 0.5, key=None, source="har", conn="c"), call())
    play >> Tick(at(0) + 70 * S)

    assert [p.exchange.id for p in play.all(Placed)] == [f"h{n}" for n in range(5)]
    (root,) = play.all(Invocation)
    assert (root.agent.name, root.model_calls, root.boundary) == ("har", 5, "turn")
    assert isinstance(play.all(Placed)[0].operation, ModelCall)
    assert RULES.turn_silence_ns == 60 * S


def test_agents_of_which_nothing_else_is_ever_heard_leave_bounded_memory_behind(play, monkeypatch):
    monkeypatch.setattr(world, "REMEMBERED", 100)
    for n in range(1000):
        key = Key(1000 + n, n)
        play >> opened(n, Conn(key, 7, 0), key, peer=PROXY)
        play.exchange(exchange(f"x{n}", n, n + 0.01, key=key, facts=1))
    room = play.room

    assert len(room._world) == 100
    assert len(room._agents._acted) <= 101
    assert len(room._invocations._turns._count) <= 101
    assert len(room._twins._seen["ebpf"]) <= 101
    assert len(room._connections.links) <= 101


def test_calls_of_nobody_carry_the_framework_that_each_names(play):
    for n, client in enumerate(("OpenAI/Python 1", "", "Anthropic/JS 1")):
        play.exchange(exchange(f"h{n}", n, n + 0.5, key=None, source="har"), call(client_hint=client))

    assert [(p.agent.name, p.agent.framework) for p in play.all(Placed)] == [
        ("har", "openai"),
        ("har", ""),
        ("har", "anthropic"),
    ]


KEYS = (KEY, Key(101, 5100), Key(100, 9000))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "process",
                "exited",
                "opened",
                "tied",
                "handshake",
                "health",
                "closed",
                "tick",
                "ask",
                "end",
                "discard",
            )
        ),
        st.sampled_from(KEYS),
        st.integers(0, 5),
        st.sampled_from((0.001, 0.04, 0.4, 2.0, 70.0)),
        st.sampled_from(("ebpf", "proxy")),
    ),
    max_size=60,
)


def step(play, now, kind, key, number, source, asked_ids):
    socket, stream = Conn(key, number, 0), Conn(key, 0x7F00, 1 + number)
    local = Address("10.0.0.1", 40000 + number)
    facts = {
        "process": process(now, key, parent=KEY if key != KEY else None),
        "exited": exited(now, key, code=number),
        "opened": opened(now, socket, key, local, PROXY if number % 2 else THERE, failed=number == 5),
        "tied": opened(now, stream, key, local, PROXY if number % 2 else THERE),
        "handshake": handshake(now, stream, key),
        "health": health(now, socket, key),
        "closed": closed(now, socket if number % 2 else stream, key),
        "tick": tick(now),
    }
    id_ = f"{source}{key.pid}.{key.start}.{number}"
    ex = exchange(
        id_, now, now + 0.1, key=key if number else None, source=source, conn=stream, ordinal=number % 2,
        local=local if number % 3 else None, peer=(PROXY if source == "ebpf" else THERE) if number % 3 else None,
    )  # fmt: skip
    if kind in facts:
        play >> facts[kind]
    elif ("over", id_) in asked_ids:
        return  # an exchange ends once: wire says so of each id
    elif kind == "ask":
        play.ask(ex)
        asked_ids.add(id_)
    elif kind == "end":
        play.end(ex)
        asked_ids.discard(id_)
        asked_ids.add(("over", id_))
    elif id_ in asked_ids:
        play.room.discard(id_)
        asked_ids.discard(id_)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_comes_in_whatever_order_the_account_balances(steps):
    play, now, asked_ids = Play(), 1.0, set()
    for kind, key, number, passed, source in steps:
        now += passed
        step(play, now, kind, key, number, source, asked_ids)
        assert play.balance()["taken"] == play.balance()["spent"] + play.balance()["open"]
    play >> END

    assert play.balance() == {"taken": play.taken, "spent": play.taken, "open": 0}
    assert sum(t.change for t in play.all(InvocationOpened)) == len(play.all(Invocation))
    spans = [
        (p.place.trace_id, p.place.span_id) for p in play.everything if isinstance(p, Placed | Invocation)
    ]
    assert sorted(set(spans)) == sorted(spans)
    assert play.room._standing == {}
    assert len(play.room._invocations) == 0
