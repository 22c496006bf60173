from dataclasses import replace

from hexr_autoinst.model.facts import Conn
from hexr_autoinst.model.story import StreamChanged
from tests.correlate.play import END, KEY, Play, at, call, effect, exchange, process, talk, tick


def changes(play):
    return [(t.change, t.agent.name, t.speaks, t.serves) for t in play.all(StreamChanged)]


def streaming(play, id_, seconds):
    play._note(play.room.streaming(id_, at(seconds)))
    return play


def test_a_stream_is_open_from_its_first_event_until_its_call_is_told():
    play = Play() >> process()
    play.ask(exchange(ended=9))
    streaming(play, "x1", 1.5)

    assert [(1, "analyst", "model", False)] == changes(play)
    streaming(play, "x1", 1.6).end(exchange(ended=9), call())
    assert [1, -1] == [c[0] for c in changes(play)]


def test_each_end_of_a_call_has_its_own_and_says_which():
    play = Play() >> process()
    inbound = exchange("in", role="server", conn=Conn(KEY, 9, 0))
    play.ask(inbound, talk("a2a"))
    streaming(play, "in", 1.5).end(inbound, talk("a2a"))

    assert [(1, "analyst", "a2a", True), (-1, "analyst", "a2a", True)] == changes(play)


def test_a_call_that_comes_to_nothing_has_none_open_either():
    play = Play() >> process()
    play.ask(exchange(ended=9))
    streaming(play, "x1", 1.5).room.discard("x1")
    play >> tick(3)

    assert [1, -1] == [c[0] for c in changes(play)]


def test_both_planes_views_are_one_stream():
    play = Play() >> process()
    seen, other = exchange(ended=9), exchange("p", 1.001, 9, source="proxy")
    play.ask(seen).ask(other)
    streaming(streaming(play, "x1", 1.5), "p", 1.5).end(seen, call()).end(other, call())
    play >> END

    assert [1, -1] == [c[0] for c in changes(play)]


def test_the_calls_of_a_batch_share_one():
    play = Play() >> process()
    one, two = (replace(exchange("b", ended=4), part=p) for p in ("1", "2"))
    play.ask(one, talk("mcp")).ask(two, talk("mcp"))
    streaming(play, "b", 1.5).end(one, talk("mcp")).end(two, talk("mcp"))

    assert [(1, "analyst", "mcp", False), (-1, "analyst", "mcp", False)] == changes(play)


def test_what_is_no_call_of_an_agent_has_none():
    play = Play() >> process()
    play.ask(exchange(ended=9), effect("tool"))
    streaming(streaming(play, "x1", 1.5), "nobody", 2)

    assert [] == changes(play)
