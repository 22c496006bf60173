from dataclasses import replace

import pytest

from hexr_autoinst.correlate import tasks
from hexr_autoinst.correlate.tasks import Tasks
from hexr_autoinst.model.operation import Moment
from hexr_autoinst.model.story import Agent, Place, Placed, TaskMoved
from tests.correlate.play import END, Play, S, at, exchange, process, talk

PLACE = Place("ab" * 16, "cd" * 8)


def told(*states, task="t-1", began=1.0, ended=9.0, other_tenant="", role="client", **more):
    """A call that has heard these states, each (seconds, word)."""
    moments = tuple(Moment(at(s), "task_state", (("a2a.state", w),)) for s, w in states)
    facts = (("a2a.task", task), *((("a2a.state", states[-1][1]),) if states else ()))
    operation = talk(moments=more.pop("moments", moments), facts=more.pop("facts", facts), **more)
    found = exchange(began=began, ended=ended, role=role)
    return Placed(Agent("a"), PLACE, found, operation, other_tenant=other_tenant)


def moves(found):
    return [(m.was, m.now) for m in found]


def test_a_stream_tells_every_change_and_how_long_the_task_took():
    found = list(Tasks().heard(told((2, "submitted"), (3, "working"), (5, "completed"))))

    assert [("", "submitted"), ("submitted", "working"), ("working", "completed")] == moves(found)
    assert [None, None, 4.0] == [m.seconds for m in found]
    assert [at(2), at(3), at(5)] == [m.at for m in found]


def test_a_poll_that_is_told_before_the_stream_takes_nothing_back():
    one = Tasks()
    poll = told((5, "completed"), method="GetTask", operation="get_task", began=4)

    assert [("", "completed")] == moves(one.heard(poll))
    assert [] == moves(one.heard(told((2, "submitted"), (3, "working"), (5.1, "completed"))))


def test_the_first_sight_counts_from_the_earliest_call_that_named_it():
    one = Tasks()
    list(one.heard(told((2, "working"), began=1, ended=2)))
    (end,) = one.heard(told((8, "failed"), method="GetTask", operation="get_task", began=7))

    assert ("working", "failed", 7.0) == (end.was, end.now, end.seconds)


def test_a_task_that_has_ended_has_ended():
    one = Tasks()
    list(one.heard(told((2, "canceled"))))

    assert [] == moves(one.heard(told((8, "working"))))


def test_where_this_host_has_both_ends_the_one_that_does_it_tells():
    one = Tasks()

    assert [] == moves(one.heard(told((2, "working"), other_tenant="t")))
    assert [("", "working")] == moves(one.heard(told((2, "working"), other_tenant="t", role="server")))
    push = {"method": "push_notification", "operation": "push_notification"}
    assert [] == moves(one.heard(told((9, "completed"), other_tenant="t", role="server", **push)))
    assert [("working", "completed")] == moves(one.heard(told((9, "completed"), other_tenant="t", **push)))


def test_the_last_state_counts_where_the_changes_were_too_many():
    facts = (("a2a.task", "t"), ("a2a.state", "completed"))
    moments = (Moment(at(2), "task_state", (("a2a.state", "working"),)),)

    assert [("", "working"), ("working", "completed")] == moves(
        Tasks().heard(told(facts=facts, moments=moments))
    )


@pytest.mark.parametrize(
    "nothing",
    [
        told((2, "working"), facts=()),
        told(facts=(("a2a.task", 7),)),
        replace(told((2, "working")), operation=talk("mcp", facts=(("a2a.task", "t"),))),
    ],
)
def test_without_a_task_nothing_moves(nothing):
    assert [] == list(Tasks().heard(nothing))


def test_tasks_are_bounded_in_number(monkeypatch):
    monkeypatch.setattr(tasks, "REMEMBERED", 3)
    one = Tasks()
    for n in range(10):
        list(one.heard(told((2, "working"), task=f"{n}")))

    assert 3 == len(one)


def test_the_room_tells_it_after_the_span_that_has_said_so():
    play = Play() >> process()
    call = told((2, "submitted"), (3, "completed")).operation
    play.exchange(exchange(ended=4), call) >> END
    kinds = [type(t) for t in play.everything]

    assert kinds.index(Placed) < kinds.index(TaskMoved)
    (_, end) = play.all(TaskMoved)
    assert ("analyst", 2 * S) == (end.agent.name, end.seconds * S)
    assert end.place == play.placed("x1").place
