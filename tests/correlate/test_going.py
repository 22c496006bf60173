"""A call that outlasts its exchange: told when it ends, else as far as it went."""

from dataclasses import replace

from tests.correlate.play import END, KEY, Play, at, call, effect, exchange, exited, process, tick

BROWSE = effect("browser", "browse")


def so_far(n):
    return effect("browser", "browse", facts=(("actions", n),))


def until(seconds):
    first = exchange("s", 3, 3.1)
    return replace(first, facts=0, response=replace(first.response, ended=at(seconds)))


def open_session():
    play = Play() >> process()
    play.exchange(exchange("m", 1, 2), call())
    play.ask(exchange("s", 3, 3.1, ordinal=1), BROWSE)
    play.room.going(until(3.1), so_far(0))
    play.room.closed(exchange("s", 3, 3.1))
    return play


def actions(play):
    return [dict(p.operation.facts)["actions"] for p in [play.placed("s")]]


def test_the_end_of_it_is_what_is_told():
    play = open_session()
    play.room.going(until(5), so_far(1))
    play.end(until(9), so_far(2))
    play >> END

    assert [2] == actions(play)
    assert at(9) == play.placed("s").exchange.ended


def test_where_nothing_ends_it_the_last_that_was_said_is_told():
    play = open_session()
    play.room.going(until(5), so_far(1))
    play >> END

    assert [1] == actions(play)


def test_the_end_of_its_process_is_its_end_and_no_turn_waits_for_more():
    play = open_session() >> exited(10) >> tick(10.4)
    assert "span s of analyst" not in play.said()
    play >> tick(11) >> tick(12)

    assert "span s of analyst" in play.said()
    assert play.root("analyst").boundary == "process"


def test_silence_for_long_is_its_end():
    play = open_session()
    play.room.going(until(5), so_far(1))
    play >> tick(15 * 60)
    assert "span s of analyst" not in play.said()
    play >> tick(15 * 60 + 6)

    assert "span s of analyst" in play.said()


def test_one_that_began_before_its_process_was_an_agent_is_told():
    play = Play() >> process()
    play.ask(exchange("s", 3, 3.1), BROWSE)
    play.room.going(until(3.1), so_far(0))
    play.exchange(exchange("m", 4, 5, ordinal=1), call())
    play.room.going(until(6), so_far(1))
    play >> END

    assert [1] == actions(play)
    assert KEY == play.placed("s").exchange.key
