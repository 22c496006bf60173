from dataclasses import replace

import pytest

from hexr_autoinst.correlate.lineage import EXIT_GRACE, Turns, told
from hexr_autoinst.correlate.world import Life
from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.story import Agent
from tests.correlate.play import KEY, RULES, S, at, call, exchange, exited, process

AGENT = Agent("analyst")
SILENCE = RULES.turn_silence_ns


def life(**more):
    known = Life(KEY, **more)
    known.gone_at = known.exited.at if known.exited else known.gone_at
    return known


def test_the_ids_of_a_root_are_known_from_the_start_and_each_turn_has_its_own():
    turns = Turns(RULES)
    first = turns.begin(KEY, exchange("a"))
    first.add(exchange("a"), call(), ("ebpf",))
    before = first.place
    turns.close(first, at(2))
    second = turns.begin(KEY, exchange("b", 5, 6))

    assert first.place == before
    assert (first.ordinal, second.ordinal) == (0, 1)
    assert len({first.trace_id, second.trace_id}) == 2


def test_a_turn_of_nothing_never_was():
    turns = Turns(RULES)
    turns.close(turns.begin(KEY, exchange("a")), at(2))

    assert turns.begin(KEY, exchange("b")).ordinal == 0


def test_silence_is_measured_from_the_last_end_and_only_with_nothing_open():
    turns = Turns(RULES)
    turn = turns.begin(KEY, exchange())
    turn.add(exchange(), call(), ())

    assert not turns.due(turn, at(2) + SILENCE - 1, None)
    assert turns.due(turn, at(2) + SILENCE, None)
    turn.pending = 1
    assert not turns.due(turn, at(2) + SILENCE * 10, None)


def test_an_exit_closes_after_its_grace_and_with_nothing_open():
    turns = Turns(RULES)
    turn = turns.begin(KEY, exchange())
    gone = life(exited=exited(10))

    assert not turns.due(turn, at(10) + EXIT_GRACE - 1, gone)
    assert turns.due(turn, at(10) + EXIT_GRACE, gone)
    turn.pending = 1
    assert not turns.due(turn, at(1000), gone)


def test_an_adopted_turn_is_in_its_parents_trace_and_holds_it_open():
    turns = Turns(RULES)
    parent, child = turns.begin(KEY, exchange("a")), turns.begin(Key(2, 2), exchange("b", 3, 4))
    turns.adopt(child, parent)

    assert (child.place.trace_id, child.place.parent_id) == (parent.trace_id, parent.root_id)
    assert not turns.due(parent, at(1000), None)
    turns.close(child, at(500))
    assert parent.children == 0


def test_the_silence_of_a_parent_begins_when_its_child_was_last_heard():
    turns = Turns(RULES)
    parent, child = turns.begin(KEY, exchange("a")), turns.begin(Key(2, 2), exchange("b"))
    turns.adopt(child, parent)
    child.add(exchange("b", 3, 100), call(), ())
    turns.close(child, at(160))

    assert parent.last == at(100)


def test_a_turn_of_which_an_id_was_told_moves_no_more_nor_do_those_above():
    turns = Turns(RULES)
    top, middle, low = (turns.begin(Key(n, 1), exchange(f"x{n}")) for n in range(3))
    turns.adopt(low, middle)
    turns.fix(low)
    turns.adopt(middle, top)

    assert middle.parent is None
    assert low.trace_id == middle.own_trace


def test_no_turn_stands_below_itself():
    turns = Turns(RULES)
    one, other = turns.begin(Key(1, 1), exchange("a")), turns.begin(Key(2, 1), exchange("b"))
    turns.adopt(one, other)
    turns.adopt(other, one)
    turns.adopt(other, other)

    assert (one.parent, other.parent) == (other, None)


@pytest.mark.parametrize(
    ("code", "signal", "failed"), [(0, None, False), (1, None, True), (None, 9, True), (None, None, False)]
)
def test_a_bad_end_of_the_process_is_a_failed_invocation(code, signal, failed):
    turn = Turns(RULES).begin(KEY, exchange())
    root = told(
        turn, AGENT, life(process=process(0, started=at(0)), exited=exited(9, code=code, signal=signal))
    )

    assert (root.boundary, root.failed, root.exit_code, root.signal) == ("process", failed, code, signal)
    assert (root.began, root.ended) == (at(0), at(9))


def test_only_the_only_turn_is_the_process():
    turns = Turns(RULES)
    first = turns.begin(KEY, exchange())
    first.add(exchange(), call(), ())
    turns.close(first, at(70))
    second = turns.begin(KEY, exchange("b", 80, 81))
    second.add(exchange("b", 80, 81), call(), ())
    root = told(second, AGENT, life(exited=exited(90, code=2)))

    assert (root.boundary, root.failed, root.exit_code) == ("turn", True, None)
    assert (root.began, root.ended) == (at(80), at(81))


def test_a_process_whose_start_was_not_seen_begins_with_its_first_call():
    turn = Turns(RULES).begin(KEY, exchange())

    assert told(turn, AGENT, life(exited=exited(9))).began == at(1)


def test_a_root_covers_what_stands_in_it():
    turn = Turns(RULES).begin(KEY, exchange("a", 5, 6))
    turn.add(exchange("b", 4, 20), call(), ())
    root = told(turn, AGENT, life(process=process(0, started=at(4.5)), exited=exited(9)))

    assert (root.began, root.ended) == (at(4), at(20))


def test_totals_are_sums_and_unions_over_the_operations():
    turn = Turns(RULES).begin(KEY, exchange())
    turn.add(
        replace(exchange(), missing=("lost_events",)),
        call(2, (10, None), conversation="c1"),
        ("ebpf", "proxy"),
    )
    turn.add(exchange("b", 3, 4), call(1, (5, 7), missing=("truncated:response",)), ("ebpf",))
    root = told(turn, AGENT, None)

    assert (root.model_calls, root.tool_calls, root.input_tokens, root.output_tokens) == (2, 3, 15, 7)
    assert root.sources == ("ebpf", "proxy")
    assert root.missing == ("lost_events", "truncated:response")
    assert root.conversation == "c1"
    assert root.boundary == "turn"


def test_a_forgotten_process_leaves_no_count():
    turns = Turns(RULES)
    turn = turns.begin(KEY, exchange())
    turn.add(exchange(), call(), ())
    turns.close(turn, 3 * S)
    turns.forget([KEY])

    assert turns._count == {}


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ((call(cost_usd=0.25), call(cost_usd=0.5)), 0.75),
        ((call(cost_usd=0.25), call()), None),
        ((call(cost_usd=0.25), call(tokens=(None, None))), 0.25),
        ((call(),), None),
    ],
)
def test_a_cost_is_told_only_where_every_token_has_its_price(calls, expected):
    turn = Turns(RULES).begin(KEY, exchange())
    for one in calls:
        turn.add(exchange(), one, ())

    assert expected == told(turn, AGENT, None).cost_usd
