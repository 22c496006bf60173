from dataclasses import replace

import pytest

from hexr_autoinst.correlate import strands
from hexr_autoinst.correlate.lineage import Turns
from hexr_autoinst.correlate.strands import Strands, apart, differ
from hexr_autoinst.model.operation import Failure, Thread, ToolCall, ToolResult
from tests.correlate.play import KEY, RULES, call, exchange


def history(*said):
    return tuple("/".join(said[: n + 1]).encode() for n in range(len(said)))


def begun(room, *said, **more):
    asked = Thread(history=history(*said), **more)
    strand = room.begin(KEY, asked)
    room.asked(strand, asked)
    return strand


def answered(room, strand, **more):
    strand.busy -= 1
    room.answered(strand, replace(call(), **{"finish_reasons": ("stop",), **more}))


def test_a_history_that_begins_with_anothers_goes_on_with_it_by_the_longest():
    room = Strands()
    short, long = begun(room, "u"), begun(room, "u", "a", "v")

    assert room.find(KEY, Thread(history=history("u", "a", "v", "b", "w"))) == [long]
    assert room.find(KEY, Thread(history=history("u", "x", "y"))) == [short]
    assert room.find(KEY, Thread(history=history("v", "u"))) == []
    assert room.find("nobody:har", Thread(history=history("u", "x"))) == []


def test_the_same_request_is_a_retry_only_where_the_first_has_failed():
    room = Strands()
    strand, again = begun(room, "u"), Thread(history=history("u"))

    assert room.find(KEY, again) == []
    answered(room, strand)
    assert room.find(KEY, again) == []
    answered(room, strand, failure=Failure("500"))
    assert room.find(KEY, again) == [strand]
    room.answered(strand, call(), whole=False)
    assert room.find(KEY, again) == [strand]


def test_of_two_of_one_history_the_instructions_tell_them_apart():
    room = Strands()
    one, two = begun(room, "u", head=b"1"), begun(room, "u", head=b"2")
    more = history("u", "a", "v")

    assert room.find(KEY, Thread(history=more, head=b"2")) == [two]
    assert room.find(KEY, Thread(history=more, head=b"3")) == [one, two]


def test_evidence_has_an_order():
    room = Strands()
    by_answer, by_call, by_history = begun(room, "a"), begun(room, "b"), begun(room, "c")
    by_thread = begun(room, ids=(("thread", "t"),))
    answered(room, by_answer, response_id="resp")
    answered(room, by_call, tool_calls=(ToolCall("x", "id"),))
    asked = Thread(
        history=history("c", "d"), after="resp", results=(ToolResult("id"),), ids=(("thread", "t"),)
    )

    assert room.find(KEY, asked) == [by_answer]
    assert room.find(KEY, Thread(asked.ids, None, asked.history, results=asked.results)) == [by_call]
    assert room.find(KEY, Thread(asked.ids, None, asked.history)) == [by_history]
    assert room.find(KEY, Thread(asked.ids)) == [by_thread]


def test_ids_that_differ_keep_what_looks_alike_apart():
    room = Strands()
    begun(room, "u", ids=(("session", "one"),))

    assert room.find(KEY, Thread((("session", "two"),), history=history("u", "a", "v"))) == []


@pytest.mark.parametrize(
    ("one", "other", "two", "turns"),
    [
        ({}, {"session": "a"}, False, False),
        ({"session": "a"}, {"session": "b"}, True, True),
        ({"session": "a"}, {"session": "a", "agent": "x"}, True, False),
        ({"session": "a", "thread": "1"}, {"session": "a", "thread": "2"}, True, False),
        ({"thread": "1"}, {"thread": "2"}, True, True),
        ({"cache": "1"}, {"cache": "2"}, True, False),
        ({"user": "1"}, {"user": "2"}, True, True),
    ],
)
def test_what_ids_say_of_two_conversations(one, other, two, turns):
    assert (differ(one, other), apart(one, other)) == (two, turns)


def test_a_final_answer_is_one_that_asks_for_nothing_and_did_not_fail():
    room = Strands()
    strand = begun(room, "u")
    answered(room, strand)
    assert strand.final
    answered(room, strand, tool_calls=(ToolCall("x", "1"),))
    assert not strand.final
    answered(room, strand, finish_reasons=())
    assert not strand.final


def test_memory_is_bounded_and_what_is_forgotten_is_found_no_more(monkeypatch):
    monkeypatch.setattr(strands, "REMEMBERED", 4)
    room, turn = Strands(), Turns(RULES).begin(KEY, exchange())
    for n in range(20):
        strand = begun(room, f"u{n}", ids=(("thread", f"t{n}"),))
        strand.home(turn, turn.under)
        answered(
            room, strand, tool_calls=tuple(ToolCall("x", f"{n}-{i}") for i in range(9)), response_id=f"r{n}"
        )

    assert (len(room), len(turn.strands)) == (4, 4)
    assert room.find(KEY, Thread(history=history("u0", "a"))) == []
    assert len(room.find(KEY, Thread(history=history("u19", "a")))) == 1
    room.forget([KEY])
    assert (len(room), room._by, turn.strands, turn.live) == (0, {}, {}, {})


def test_what_is_one_call_and_over_matters_to_nobody_in_its_turn():
    room, turn = Strands(), Turns(RULES).begin(KEY, exchange())
    done, named, more, failed = (
        begun(room, w, ids=i) for w, i in (("a", ()), ("b", (("thread", "t"),)), ("c", ()), ("d", ()))
    )
    for strand in (done, named, more, failed):
        strand.home(turn, turn.under)
    assert list(turn.live) == [done, named, more, failed]
    for strand in (done, named):
        answered(room, strand, finish_reasons=("stop",))
    answered(room, more, tool_calls=(ToolCall("x", "1"),), finish_reasons=("tool_calls",))
    answered(room, failed, failure=Failure("500"))

    assert list(turn.live) == [named, more, failed]
    more.leave()
    assert (list(turn.live), list(turn.strands)) == ([named, failed], [done, named, failed])


def test_of_many_that_are_alike_the_newest_are_remembered():
    room = Strands()
    made = [begun(room, "same") for _ in range(strands._ALIKE + 9)]

    assert room.find(KEY, Thread(history=history("same", "more"))) == made[9:]


def test_what_one_conversation_can_be_known_by_is_bounded():
    room = Strands()
    strand = begun(room, "u")
    for n in range(1000):
        strand.busy += 1
        answered(room, strand, tool_calls=(ToolCall("x", f"c{n}"),), response_id=f"r{n}")

    assert len(room._by) <= strands._CALLS
    assert room.find(KEY, Thread(results=(ToolResult("c999"),))) == [strand]
