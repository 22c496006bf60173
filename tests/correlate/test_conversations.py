"""Scenarios of conversations: which turn a model's call stands in, under which tool, and what nobody guesses."""

from dataclasses import replace

import pytest

from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.operation import Failure, Thread, ToolCall, ToolResult
from hexr_autoinst.model.story import Ambiguous, Invocation, InvocationOpened, Placed, ToolRun
from tests.correlate.play import END, KEY, Play, at, call, exchange, exited, process, talk, tick

OTHER = Key(200, 7000)


@pytest.fixture
def play():
    playing = Play()
    playing >> process(0)
    yield playing
    playing >> END
    assert playing.balance()["open"] == 0
    assert playing.balance()["taken"] == playing.balance()["spent"]
    assert sum(t.change for t in playing.all(InvocationOpened)) == len(playing.all(Invocation))
    kinds = (Placed, Invocation, ToolRun)
    ids = [p.place.span_id for kind in kinds for p in playing.all(kind)]
    assert len(set(ids)) == len(ids)
    assert len(playing.room._invocations) == 0
    assert all(s.busy == 0 for s in playing.room._stands.conversations.strands._all)


def history(*said):
    """The digests of a list of messages: of each beginning one."""
    return tuple("/".join(said[: n + 1]).encode() for n in range(len(said)))


def thread(*said, results=(), tools=True, fresh=None, **more):
    return Thread(
        history=history(*said),
        tools=tools,
        fresh=not results if fresh is None else fresh,
        results=tuple(r if isinstance(r, ToolResult) else ToolResult(r) for r in results),
        **more,
    )


def wants(*calls, **more):
    made = tuple(c if isinstance(c, ToolCall) else ToolCall(c, f"id-{c}") for c in calls)
    return replace(call(finish_reasons=("tool_calls",), **more), tool_calls=made)


def says(**more):
    return call(finish_reasons=("stop",), **more)


def step(play, id_, began, ended, answer, asks, key=KEY, **more):
    """A model's call from its request to its answer."""
    ex = exchange(id_, began, ended, key=key, facts=0, **more)
    return play.ask(ex, asks).end(ex, answer)


def tools(play):
    return {t.call.name: t for t in play.all(ToolRun)}


def roots(play):
    return [(r.boundary, r.model_calls, r.tool_calls) for r in play.all(Invocation)]


def one_tool(play):
    step(play, "a", 1, 2, wants("search"), thread("u"))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-search"]))
    return play >> END


def test_a_tool_lasts_from_the_answer_that_asks_for_it_to_the_request_that_brings_its_result(play):
    one_tool(play)

    run = tools(play)["search"]
    (root,) = play.all(Invocation)
    assert (run.began, run.ended, run.result) == (at(2), at(5), ToolResult("id-search"))
    assert (run.place.trace_id, run.place.parent_id) == (root.place.trace_id, root.place.span_id)
    assert roots(play) == [("turn", 2, 1)]
    assert run.sources == ("ebpf",)


def test_parallel_tools_are_told_apart_by_id_however_their_results_are_ordered(play):
    step(play, "a", 1, 2, wants("one", "two", "three"), thread("u"))
    results = ["id-three", ToolResult("id-one", failed=True), "id-two"]
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=results))
    play >> END

    assert {n: (t.ended, t.result.failed) for n, t in tools(play).items()} == {
        "one": (at(5), True), "two": (at(5), False), "three": (at(5), False),
    }  # fmt: skip
    assert [r.tool_calls for r in play.all(Invocation)] == [3]


def test_without_ids_a_result_is_paired_by_name_and_order_where_there_are_as_many(play):
    asked = [ToolCall("look", None), ToolCall("look", None), ToolCall("find", None)]
    step(play, "a", 1, 2, wants(*asked), thread("u"))
    results = [
        ToolResult(name="find", failed=True),
        ToolResult(name="look"),
        ToolResult(name="look", failed=True),
    ]
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=results))
    play >> END

    assert [(t.call.name, t.result.failed) for t in sorted(play.all(ToolRun), key=lambda t: t.call.name)] == [
        ("find", True), ("look", False), ("look", True),
    ]  # fmt: skip


def test_without_ids_results_that_may_be_of_several_calls_answer_none(play):
    step(play, "a", 1, 2, wants(ToolCall("look", None), ToolCall("look", None)), thread("u"))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=[ToolResult(name="look")]))
    play >> END

    assert [t.result for t in play.all(ToolRun)] == [None, None]


def test_results_with_neither_id_nor_name_are_paired_by_order_where_there_are_as_many(play):
    step(play, "a", 1, 2, wants("one", "two"), thread("u"))
    results = [ToolResult(failed=True), ToolResult()]
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=results))
    play >> END

    assert {n: t.result.failed for n, t in tools(play).items()} == {"one": True, "two": False}


def test_a_result_whose_call_was_never_seen_makes_nothing(play):
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-before-us"]))
    play >> END

    assert play.all(ToolRun) == []
    assert roots(play) == [("turn", 1, 0)]


def test_a_call_that_is_never_answered_ends_with_the_turn(play):
    step(play, "a", 1, 2, wants("extract"), thread("u"))
    step(play, "b", 5, 6, says(), thread("u", "a", "never mind", tools=False))
    play >> tick(70)

    run, (root,) = tools(play)["extract"], play.all(Invocation)
    assert run.result is None
    assert (run.began, run.ended, root.ended) == (at(2), at(6), at(6))


def test_a_retry_stays_in_its_turn_and_closes_no_window_twice(play):
    step(play, "a", 1, 2, wants("search"), thread("u"))
    again = thread("u", "a", "t", results=["id-search"])
    step(play, "b", 5, 6, call(failure=Failure("500")), again)
    step(play, "c", 7, 8, says(), again)
    play >> END

    assert tools(play)["search"].ended == at(5)
    assert roots(play) == [("turn", 3, 1)]


def test_what_happens_within_the_one_open_window_hangs_under_it(play):
    step(play, "a", 1, 2, wants("search"), thread("u"))
    got = exchange("m", 3, 4, facts=0)
    play.ask(got, talk("mcp", target="anything")).end(got, talk("mcp", target="anything"))
    vector = exchange("e", 3.5, 3.6, facts=0)
    play.ask(vector).end(vector, call())
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-search"]))
    play >> END

    under = tools(play)["search"].place.span_id
    assert {play.placed(x).place.parent_id for x in ("m", "e")} == {under}
    assert play.placed("m").within
    assert play.all(Ambiguous) == []
    assert [r.tool_calls for r in play.all(Invocation)] == [1]


def test_of_two_open_windows_the_name_says_which(play):
    step(play, "a", 1, 2, wants("mcp__files__read", "write"), thread("u"))
    got = exchange("m", 3, 4, facts=0)
    play.ask(got, talk("mcp", target="read")).end(got, talk("mcp", target="read"))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-mcp__files__read", "id-write"]))
    play >> END

    assert play.placed("m").place.parent_id == tools(play)["mcp__files__read"].place.span_id
    assert [r.tool_calls for r in play.all(Invocation)] == [2]


def test_of_two_windows_of_one_name_the_arguments_say_which(play):
    asked = [ToolCall("read", "x", digest=b"one"), ToolCall("read", "y", digest=b"two")]
    step(play, "a", 1, 2, wants(*asked), thread("u"))
    got = talk("mcp", target="read", digest=b"two")
    play.ask(exchange("m", 3, 4, facts=0), got).end(exchange("m", 3, 4, facts=0), got)
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["x", "y"]))
    play >> END

    (second,) = (t for t in play.all(ToolRun) if t.call.id == "y")
    assert play.placed("m").place.parent_id == second.place.span_id


def test_where_nothing_says_which_window_it_is_linked_to_each_and_counted_once(play):
    asked = [ToolCall("read", "x", digest=b"same"), ToolCall("read", "y", digest=b"same")]
    step(play, "a", 1, 2, wants(*asked), thread("u"))
    got = talk("mcp", target="read", digest=b"same")
    play.ask(exchange("m", 3, 4, facts=0), got).end(exchange("m", 3, 4, facts=0), got)
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["x", "y"]))
    play >> END

    (root,), spans = play.all(Invocation), {t.place.span_id for t in play.all(ToolRun)}
    placed = play.placed("m")
    assert placed.place.parent_id == root.place.span_id
    assert {span for _, span in placed.place.links} == spans
    assert len(play.all(Ambiguous)) == 1
    assert placed.within
    assert root.tool_calls == 2


def test_what_agrees_with_no_window_of_two_is_linked_to_each(play):
    step(play, "a", 1, 2, wants("one", "two"), thread("u"))
    vector = exchange("e", 3, 4, facts=0)
    play.ask(vector).end(vector, call())
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-one", "id-two"]))
    play >> END

    assert {s for _, s in play.placed("e").place.links} == {t.place.span_id for t in play.all(ToolRun)}
    assert len(play.all(Ambiguous)) == 1


def test_a_conversation_within_a_tool_is_an_invocation_below_it(play):
    step(play, "a", 1, 2, wants("research"), thread("u"))
    step(play, "s1", 2.1, 3, wants("search"), thread("task"))
    step(play, "s2", 3.5, 4, says(), thread("task", "x", "y", results=["id-search"]))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-research"]))
    play >> exited(7) >> tick(8)

    inner, outer = play.all(Invocation)
    runs = tools(play)
    assert (inner.boundary, outer.boundary) == ("turn", "process")
    assert inner.place.parent_id == runs["research"].place.span_id
    assert {play.placed(x).place.parent_id for x in ("s1", "s2")} == {inner.place.span_id}
    assert runs["search"].place.parent_id == inner.place.span_id
    assert {play.placed(x).place.parent_id for x in ("a", "b")} == {outer.place.span_id}
    assert {t.place.trace_id for kind in (Placed, ToolRun, Invocation) for t in play.all(kind)} == {
        outer.place.trace_id
    }
    assert roots(play) == [("turn", 2, 1), ("process", 2, 1)]


def test_of_two_tools_the_one_that_was_asked_with_its_words_has_the_conversation(play):
    asked = [ToolCall("agent", "x", words=(b"left",)), ToolCall("agent", "y", words=(b"right",))]
    step(play, "a", 1, 2, wants(*asked), thread("u"))
    play.ask(exchange("s1", 2.1, 4, facts=0), thread("right task", words=(b"right",)))
    play.ask(exchange("s2", 2.2, 4, facts=0), thread("left task", words=(b"left",)))
    play.end(exchange("s1", 2.1, 4, facts=0), says()).end(exchange("s2", 2.2, 4, facts=0), says())
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["x", "y"]))
    play >> END

    spans = {t.call.id: t.place.span_id for t in play.all(ToolRun)}
    inner = {r.place.span_id: r.place.parent_id for r in play.all(Invocation)}
    assert inner[play.placed("s1").place.parent_id] == spans["y"]
    assert inner[play.placed("s2").place.parent_id] == spans["x"]
    assert play.all(Ambiguous) == []


def test_of_two_tools_without_words_a_conversation_is_linked_to_each(play):
    step(play, "a", 1, 2, wants("one", "two"), thread("u"))
    step(play, "s", 2.1, 4, says(), thread("task"))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-one", "id-two"]))
    play >> END

    inner, outer = play.all(Invocation)
    assert inner.place.parent_id == outer.place.span_id
    assert {s for _, s in inner.place.links} == {t.place.span_id for t in play.all(ToolRun)}
    assert len(play.all(Ambiguous)) == 1


def test_a_conversation_that_outlives_the_tool_was_no_part_of_it(play):
    step(play, "a", 1, 2, wants("search"), thread("u"))
    play.ask(exchange("s", 2.1, 9, facts=0), thread("elsewhere"))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-search"]))
    play.end(exchange("s", 2.1, 9, facts=0), says())
    play >> END

    run, inner = tools(play)["search"], next(r for r in play.all(Invocation) if r.model_calls == 1)
    assert inner.place.parent_id != run.place.span_id
    assert (run.place.trace_id, run.place.span_id) in inner.place.links
    assert len(play.all(Ambiguous)) == 1


@pytest.mark.parametrize("must", [True, False])
def test_a_conversation_whose_every_answer_must_be_a_call_may_end_with_one(play, must):
    """Where an answer may be words, a tool that is not answered is a tool that still runs."""
    step(play, "a", 1, 2, wants("search"), thread("u"))
    step(play, "s", 2.1, 4, wants("final_answer"), thread("task", must=must))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-search"]))
    play >> END

    run, (inner, _) = tools(play)["search"], sorted(play.all(Invocation), key=lambda r: r.model_calls)
    assert (inner.place.parent_id == run.place.span_id) is must
    assert len(play.all(Ambiguous)) == (not must)


def test_two_agents_at_one_time_are_two_turns(play):
    one, two = exchange("a1", 1, 2, facts=0), exchange("b1", 1.1, 2.1, facts=0)
    play.ask(one, thread("left")).ask(two, thread("right"))
    play.end(one, wants("l")).end(two, wants("r"))
    step(play, "b2", 3, 4, says(), thread("right", "x", "y", results=["id-r"]))
    step(play, "a2", 3.1, 4.1, says(), thread("left", "x", "y", results=["id-l"]))
    play >> END

    assert roots(play) == [("turn", 2, 1), ("turn", 2, 1)]
    assert play.placed("a1").place.trace_id == play.placed("a2").place.trace_id
    assert play.placed("b1").place.trace_id == play.placed("b2").place.trace_id
    assert play.placed("a1").place.trace_id != play.placed("b1").place.trace_id
    assert tools(play)["l"].place.trace_id == play.placed("a1").place.trace_id
    assert play.all(Ambiguous) == []


def test_two_agents_with_the_same_words_are_told_apart_by_their_tool_calls(play):
    one, two = exchange("a1", 1, 2, facts=0), exchange("b1", 1.1, 2.1, facts=0)
    play.ask(one, thread("same")).ask(two, thread("same"))
    play.end(one, wants(ToolCall("t", "left"))).end(two, wants(ToolCall("t", "right")))
    step(play, "b2", 3, 4, says(), thread("same", "x", "y", results=["right"]))
    step(play, "a2", 3.1, 4.1, says(), thread("same", "x", "z", results=["left"]))
    play >> END

    assert play.placed("a1").place.trace_id == play.placed("a2").place.trace_id
    assert play.placed("b1").place.trace_id == play.placed("b2").place.trace_id
    assert play.placed("a1").place.trace_id != play.placed("b1").place.trace_id


def test_what_goes_on_with_either_of_two_turns_is_in_neither_and_linked_to_both(play):
    one, two = exchange("a1", 1, 2, facts=0), exchange("b1", 1.1, 2.1, facts=0)
    play.ask(one, thread("same")).ask(two, thread("same")).end(one, says()).end(two, says())
    step(play, "c", 3, 4, says(), thread("same", "x", "y", fresh=False))
    play >> END

    turns = {play.placed(x).place.parent_id for x in ("a1", "b1")}
    placed = play.placed("c")
    assert {s for _, s in placed.place.links} == turns
    assert placed.place.parent_id not in turns
    assert len(play.all(Ambiguous)) == 1


def test_a_call_of_one_of_two_agents_goes_to_the_one_that_does_not_wait_for_its_model(play):
    one, two = exchange("a1", 1, 2, facts=0), exchange("b1", 1.1, 9, facts=0)
    play.ask(one, thread("left")).ask(two, thread("right")).end(one, wants("l"))
    got = talk("mcp", target="unlike")
    play.ask(exchange("m", 3, 4, facts=0), got).end(exchange("m", 3, 4, facts=0), got)
    play.end(two, says()) >> END

    assert play.placed("m").place.parent_id == tools(play)["l"].place.span_id


def test_calls_at_one_time_that_offer_no_tools_are_one_turn(play):
    made = [exchange(f"x{n}", 1 + n / 10, 3, facts=0) for n in range(4)]
    for n, ex in enumerate(made):
        play.ask(ex, thread(f"part {n}", tools=False))
    for ex in made:
        play.end(ex, says())
    play >> END

    assert roots(play) == [("turn", 4, 0)]


def test_one_conversation_after_another_is_one_turn_until_silence(play):
    step(play, "a", 1, 2, says(), thread("plan"))
    step(play, "b", 3, 4, says(), thread("write"))
    step(play, "c", 70, 71, says(), thread("again"))
    play >> END

    assert roots(play) == [("turn", 2, 0), ("turn", 1, 0)]


def test_a_new_message_after_a_final_answer_is_a_new_turn_that_links_to_the_one_before(play):
    step(play, "a", 1, 2, says(), thread("u"))
    step(play, "b", 10, 11, says(), thread("u", "a", "v"))
    play >> END

    first, second = play.all(Invocation)
    assert first.place.trace_id != second.place.trace_id
    assert second.place.links == ((first.place.trace_id, first.place.span_id),)


def test_without_tools_a_new_message_may_be_what_a_tool_has_said(play):
    step(play, "a", 1, 2, says(), thread("u", tools=False))
    step(play, "b", 3, 4, says(), thread("u", "a", "observation", tools=False))
    play >> END

    assert roots(play) == [("turn", 2, 0)]


def test_a_new_message_stays_where_more_is_going_on(play):
    step(play, "a", 1, 2, says(), thread("u"))
    other = exchange("e", 2.5, 20, facts=0)
    play.ask(other)
    step(play, "b", 10, 11, says(), thread("u", "a", "v"))
    play.end(other, call()) >> END

    assert roots(play) == [("turn", 3, 0)]


def test_a_conversation_that_goes_on_after_silence_links_to_what_it_was(play):
    step(play, "a", 1, 2, wants("approve"), thread("u"))
    step(play, "b", 200, 201, says(), thread("u", "a", "t", results=["id-approve"]))
    play >> END

    first, second = play.all(Invocation)
    assert second.place.links == ((first.place.trace_id, first.place.span_id),)
    assert tools(play)["approve"].result is None


def test_sessions_that_differ_are_turns_apart_though_one_follows_the_other(play):
    step(play, "a", 1, 2, wants("t"), thread("u", ids=(("session", "one"),)))
    step(play, "b", 3, 4, says(), thread("v", ids=(("session", "two"),)))
    play >> END

    assert sorted(roots(play)) == [("turn", 1, 0), ("turn", 1, 1)]
    assert play.all(Ambiguous) == []


def test_a_call_that_the_answer_had_to_be_is_no_tool_that_anything_runs_in(play):
    for n in range(3):
        step(
            play,
            f"a{n}",
            n,
            n + 0.5,
            wants(ToolCall("extract", f"c{n}")),
            thread(f"doc {n}", forced=True, head=b"h"),
        )
    play >> END

    assert roots(play) == [("turn", 3, 3)]
    assert [t.result for t in play.all(ToolRun)] == [None] * 3


def test_the_same_agent_that_begins_anew_while_a_tool_runs_is_another_one_at_the_same_time(play):
    step(play, "a", 1, 2, wants("t"), thread("u", head=b"me"))
    step(play, "b", 3, 4, says(), thread("v", head=b"me"))
    step(play, "c", 5, 6, says(), thread("u", "a", "t", results=["id-t"], head=b"me"))
    play >> END

    assert sorted(roots(play)) == [("turn", 1, 0), ("turn", 2, 1)]
    assert {r.place.parent_id for r in play.all(Invocation)} == {None}


def test_a_sub_agent_of_the_same_session_is_one_though_its_history_is_its_own(play):
    ids = (("session", "one"),)
    step(play, "a", 1, 2, wants("Task"), thread("u", ids=ids))
    step(play, "s", 2.5, 4, says(), thread("task", ids=(*ids, ("agent", "sub"))))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-Task"], ids=ids))
    play >> END

    inner, _ = play.all(Invocation)
    assert inner.place.parent_id == tools(play)["Task"].place.span_id


def test_a_response_that_is_gone_on_from_needs_no_history(play):
    step(play, "a", 1, 2, wants("t", response_id="resp_1"), thread("u"))
    step(play, "b", 3, 4, says(), thread("t", after="resp_1", results=["id-t"]))
    play >> END

    assert tools(play)["t"].result is not None
    assert roots(play) == [("turn", 2, 1)]


def test_a_child_process_is_a_part_of_the_tool_that_it_was_started_in(play):
    step(play, "a", 1, 2, wants("delegate"), thread("u"))
    play >> process(2.5, OTHER, parent=KEY, args=("python3", "worker.py"))
    step(play, "w", 3, 4, says(), thread("task"), key=OTHER)
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-delegate"]))
    play >> END

    assert play.root("worker").place.parent_id == tools(play)["delegate"].place.span_id
    assert play.root("worker").place.trace_id == play.root("analyst").place.trace_id


def test_an_inbound_call_has_its_conversation_even_where_another_is_served(play):
    mine, other = (talk("mcp", target=t, request_id=t) for t in ("one", "two"))
    step(play, "z", 0.1, 0.2, says(), thread("start"))
    r1, r2 = (exchange(f"r{n}", n, 20, role="server", facts=0) for n in (1, 2))
    play.ask(r1, mine)
    step(play, "a", 1.2, 1.5, wants("look"), thread("u"))
    play.ask(r2, other)
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-look"]))
    play.end(r1, mine).end(r2, other) >> END

    assert play.placed("b").place.parent_id == play.placed("a").place.parent_id
    assert play.all(Ambiguous) == []


def test_a_conversation_that_falls_silent_within_a_long_tool_begins_another_invocation_of_it(play):
    step(play, "a", 1, 2, wants("research"), thread("u"))
    play >> process(2.1, OTHER, parent=KEY, exe="/bin/bash", args=("bash", "-c", "sleep"), started=at(2.1))
    step(play, "s1", 2.5, 3, says(), thread("task"))
    play >> tick(70)
    step(play, "s2", 71, 72, says(), thread("task", "x", "y"))
    play >> exited(80, OTHER)
    step(play, "b", 90, 91, says(), thread("u", "a", "t", results=["id-research"]))
    play >> END

    run = tools(play)["research"]
    inner = [r for r in play.all(Invocation) if r.place.parent_id == run.place.span_id]
    assert [r.model_calls for r in inner] == [1, 1]
    assert inner[1].place.links == ((inner[0].place.trace_id, inner[0].place.span_id),)


def test_a_turn_does_not_wait_for_ever_for_code_whose_end_nobody_saw(play):
    step(play, "a", 1, 2, wants("bash"), thread("u"))
    play >> process(3, OTHER, parent=KEY, exe="/bin/bash", args=("bash", "-c", "x"), started=at(3))
    play >> tick(3000)
    assert play.all(Invocation) == []
    play >> tick(3700)

    assert len(play.all(Invocation)) == 1
