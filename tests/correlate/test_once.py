from dataclasses import replace

from hexr_autoinst.correlate import once
from hexr_autoinst.correlate.once import Once
from hexr_autoinst.model.operation import ModelCall, ToolCall, Usage

USED = Usage(input=100, output=20)
MADE = ModelCall("chat", "chat", "openai", response_id="resp_1", usage=USED, cost_usd=0.5)
SEEN = replace(MADE, fetched=True)


def test_what_was_told_when_it_was_made_is_not_told_when_it_is_looked_at():
    room = Once()

    assert MADE == room.tell(MADE)
    assert replace(SEEN, usage=Usage(), cost_usd=None) == room.tell(SEEN)


def test_the_first_look_at_what_ran_in_the_background_tells_it_and_no_later_one():
    room = Once()
    room.tell(replace(MADE, usage=Usage(), cost_usd=None))  # queued

    assert [USED, Usage(), Usage()] == [room.tell(SEEN).usage for _ in range(3)]


def test_a_call_that_was_made_is_told_in_full_however_often():
    room = Once()

    assert [MADE, MADE] == [room.tell(MADE), room.tell(MADE)]


def test_an_id_is_its_providers():
    room = Once()
    room.tell(MADE)

    assert room.tell(replace(SEEN, provider="x_ai")).usage == USED


def test_an_answer_without_an_id_is_left_alone():
    room = Once()

    assert [USED, USED] == [room.tell(replace(SEEN, response_id=None)).usage for _ in range(2)]
    assert len(room) == 0


def test_each_tool_call_of_a_run_is_told_once_and_those_without_an_id_always():
    room = Once()
    first = replace(SEEN, usage=Usage(), tool_calls=(ToolCall("f", "call_1"), ToolCall("g")))
    second = replace(first, tool_calls=(ToolCall("f", "call_1"), ToolCall("f", "call_2")))

    assert first == room.tell(first)
    assert room.tell(first).tool_calls == (ToolCall("g"),)
    assert room.tell(second).tool_calls == (ToolCall("f", "call_2"),)


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first(monkeypatch):
    monkeypatch.setattr(once, "REMEMBERED", 2)
    room = Once()
    for id_ in ("a", "b", "a", "c"):
        room.tell(replace(MADE, response_id=id_))

    told = {id_: room.tell(replace(SEEN, response_id=id_)).usage == USED for id_ in ("a", "c", "b")}

    assert told == {"a": False, "c": False, "b": True}
    assert len(room) == 2
