from hexr_autoinst.correlate.lineage import Turns
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.windows import agreeing, close, match, opened
from hexr_autoinst.model.operation import Thread, ToolCall, ToolResult
from tests.correlate.play import KEY, RULES, at, exchange


def standing(**more):
    turn = Turns(RULES).begin(KEY, exchange())
    return Standing(turn, "a" * 16, turn.under, **more)


def windows(*calls):
    where = standing()
    where.turn.windows += opened(where, calls, at(2))
    return where.turn.windows


def paired(found):
    return {w.call.id or w.span_id: r for w, r in found}


def test_each_call_has_a_window_of_its_own_and_an_answer_that_is_read_again_none_more():
    where = standing()
    calls = (ToolCall("a", "x"), ToolCall("b", "y"), ToolCall("", "nameless"))
    where.turn.windows += opened(where, calls, at(2))

    assert [(w.call.name, w.began, w.under) for w in where.turn.windows] == [
        ("a", at(2), where.under), ("b", at(2), where.under),
    ]  # fmt: skip
    assert len({w.span_id for w in where.turn.windows}) == 2
    assert opened(where, calls, at(3)) == []
    close(where.turn.windows[0], at(4), ToolResult("x"))
    assert opened(where, calls[:1], at(5)) == []


def test_what_had_to_be_called_is_left_from_its_beginning():
    (window,) = opened(standing(thread=Thread(forced=True)), (ToolCall("a", "x"),), at(2))

    assert window.left


def test_a_result_is_its_calls_by_id_alone_where_both_have_one():
    there = windows(ToolCall("a", "x"), ToolCall("a", "y"))

    assert match(there, [ToolResult("z", "a"), ToolResult("w", "a")]) == []
    assert paired(match(there, [ToolResult("y", "a")])) == {"y": ToolResult("y", "a")}


def test_two_calls_of_one_id_are_answered_by_neither():
    there = [*windows(ToolCall("a", "x")), *windows(ToolCall("a", "x"))]

    assert match(there, [ToolResult("x")]) == []


def test_a_result_with_an_id_of_its_own_may_answer_a_call_without_one_by_name():
    there = windows(ToolCall("a"), ToolCall("b"))

    assert [(w.call.name, r.id) for w, r in match(there, [ToolResult("made-up", "b")])] == [("b", "made-up")]


def test_closing_takes_it_from_its_turn_and_never_ends_before_it_began():
    (window,) = windows(ToolCall("a", "x"))
    close(window, at(1), ToolResult("x"))

    assert (window.ended, window.answered) == (at(2), True)
    assert (window.turn.windows, window.turn.shut, list(window.turn.recent)) == ([], [window], [window])
    assert window.held(at(2))
    assert not window.held(at(3))


def test_agreement_is_by_name_then_by_arguments():
    one, two, other = windows(
        ToolCall("srv__read", "x", digest=b"1"), ToolCall("read", "y", digest=b"2"), ToolCall("spread", "z")
    )
    there = [one, two, other]

    assert agreeing(there, "read", b"", ()) == [one, two]
    assert agreeing(there, "read", b"2", ()) == [two]
    assert agreeing(there, "read", b"3", ()) == [one, two]
    assert agreeing(there, "write", b"1", ()) == []
    assert agreeing(there, "", b"1", ()) == []


def test_agreement_of_a_conversation_is_by_what_its_tool_was_asked_with():
    one, two = windows(ToolCall("a", "x", words=(b"p", b"q")), ToolCall("a", "y", words=(b"r",)))

    assert agreeing([one, two], "", b"", (b"s", b"q")) == [one]
    assert agreeing([one, two], "", b"", (b"s",)) == []
