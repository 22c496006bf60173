from dataclasses import replace

import pytest

from hexr_autoinst.correlate import links as table
from hexr_autoinst.correlate.connections import HELD, Connections
from hexr_autoinst.model.facts import END_OF_TIME, Address, Conn, Key
from hexr_autoinst.model.story import Connection, Uncounted
from tests.correlate.play import HERE, KEY, MS, THERE, S, at, closed, handshake, health, opened, process
from tests.correlate.test_agents import make as make_agents
from tests.correlate.test_agents import read

STREAM = Conn(KEY, 0x7F00, 1)
CHILD = Key(101, 1)


class Desk:
    """Connections over a small world; `taken` and `spent` count facts."""

    def __init__(self, *processes, agents=(KEY,)):
        self.agents, self.world = make_agents(*processes)
        for key in agents:
            self.agents.acted(key)
        self.room = Connections(self.world, self.agents)
        self.taken = self.spent = 0

    def take(self, *facts):
        out = []
        for fact in facts:
            self.taken += 1
            out += getattr(self.room, type(fact).__name__.lower())(fact)
        return self.note(out)

    def note(self, out):
        self.spent += sum(t.n if isinstance(t, Uncounted) else t.facts for t in out)
        assert self.taken == self.spent + self.room.open_facts
        return [(t.what, t.agent.name) if isinstance(t, Connection) else (t.reason, t.n) for t in out]


def test_the_life_of_an_agents_connection_is_told_as_it_happens():
    desk = Desk(process())

    assert desk.take(opened(1)) == [("opened", "analyst")]
    assert desk.take(handshake(2)) == [("handshake", "analyst")]
    assert desk.take(health(3)) == []
    assert desk.take(closed(3)) == [("closed", "analyst")]
    assert len(desk.room.links) == 1  # the stream's own end has not been seen


def test_a_stream_over_a_connection_is_no_second_connection():
    desk = Desk(process())
    desk.take(opened(1), handshake(1))

    assert desk.take(opened(2, STREAM, connect_ns=None)) == [("tls_stream", 1)]
    assert desk.take(closed(3, STREAM)) == [("tls_stream", 1)]
    assert desk.take(closed(3), health(3)) == [("closed", "analyst")]


@pytest.mark.parametrize("kind", ["pipe", "unix"])
def test_what_is_no_networks_is_no_connection(kind):
    desk = Desk(process())
    news = opened(2, STREAM, connect_ns=None)
    news = replace(news, local=Address(f"{kind}:7", 0), peer=Address(f"{kind}:8", 0))

    assert desk.take(news) == [("local_stream", 1)]
    assert desk.take(closed(3, STREAM)) == [("local_stream", 1)]


def test_a_stream_on_a_connection_older_than_us_opens_none():
    desk = Desk(process())

    assert desk.take(opened(2, STREAM, connect_ns=9)) == [("tls_stream", 1)]
    assert desk.room.links.get(STREAM).connect_ns == 9


def test_two_ends_used_again_without_a_close_between_are_a_new_connection():
    desk = Desk(process())
    desk.take(opened(1))

    assert desk.take(opened(2, Conn(KEY, 8, 0))) == [("opened", "analyst")]


def test_a_connection_that_failed_is_told_and_over():
    desk = Desk(process())

    assert desk.take(opened(1, failed=True)) == [("failed", "analyst")]
    assert desk.take(closed(2)) == [("opening_unseen", 1)]
    assert len(desk.room.links) == 0


def test_a_close_without_measures_is_told_after_a_while():
    desk = Desk(process())
    desk.take(opened(1), closed(3))

    assert desk.note(desk.room.settle(at(3) + 299 * MS)) == []
    (end,) = desk.room.settle(at(3) + 300 * MS)
    assert (end.what, end.seconds, end.bytes_sent, end.rtt_seconds, end.facts) == ("closed", 2.0, 0, None, 1)


def test_what_began_before_us_is_counted_and_not_told():
    desk = Desk(process())

    assert desk.take(health(1), closed(1)) == [("opening_unseen", 1), ("opening_unseen", 1)]


def test_repeats_are_counted():
    desk = Desk(process())
    desk.take(opened(1))

    assert desk.take(opened(1)) == [("opened_again", 1)]
    assert desk.take(health(2), health(3)) == [("measured_again", 1)]
    assert desk.take(closed(3)) == [("closed", "analyst")]
    assert desk.take(closed(3)) == [("opening_unseen", 1)]


def test_a_second_close_before_the_measures_is_counted():
    desk = Desk(process())
    desk.take(opened(1), closed(2))

    assert desk.take(closed(2)) == [("closed_again", 1)]


def test_a_handle_used_again_is_another_connection():
    desk = Desk(process())
    desk.take(opened(1), health(2), closed(2))

    assert desk.take(opened(3)) == [("opened", "analyst")]


def test_news_of_a_stranger_waits_until_it_is_an_agent_with_a_name():
    desk = Desk(agents=())
    assert desk.take(opened(1)) == []

    desk.agents.acted(KEY)
    assert desk.note(desk.room.known(KEY)) == []
    read(desk.agents, desk.world, process(1.5))
    assert desk.note(desk.room.known(KEY)) == [("opened", "analyst")]


def test_an_agent_without_a_name_is_waited_for_one_second():
    desk = Desk()
    desk.take(opened(1))

    assert desk.note(desk.room.settle(at(2) - 1)) == []
    assert desk.note(desk.room.settle(at(2))) == [("opened", "unknown")]


def test_a_child_that_is_no_agent_belongs_to_the_agent_above():
    desk = Desk(process(), process(0, CHILD, parent=KEY, args=("curl",), exe="/usr/bin/curl"))
    assert desk.take(opened(1, key=CHILD)) == []

    assert desk.note(desk.room.settle(at(2))) == [("opened", "analyst")]
    assert desk.take(health(3, key=CHILD, conn=Conn(CHILD, 7, 0)), closed(3, key=CHILD)) == []
    assert desk.note(desk.room.settle(at(4))) == [("closed", "analyst")]


def test_a_child_that_becomes_an_agent_ends_its_connections_as_whom_they_were_opened():
    desk = Desk(process(), process(0, CHILD, parent=KEY, args=("python", "worker.py")))
    desk.take(opened(1, key=CHILD))
    desk.note(desk.room.settle(at(2)))
    desk.agents.acted(CHILD)

    assert desk.take(closed(3, key=CHILD), health(3, key=CHILD, conn=Conn(CHILD, 7, 0))) == [
        ("closed", "analyst")
    ]
    assert desk.take(opened(4, key=CHILD)) == [("opened", "worker")]


def test_a_stranger_keeps_only_so_much_and_what_is_cut_stays_in_step():
    desk = Desk(process(), agents=())
    for n in range(HELD + 10):
        desk.take(opened(1 + n, Conn(KEY, n, 0), local=Address("10.0.0.1", n)))
    assert desk.room.open_facts == HELD

    desk.agents.acted(KEY)
    assert len(desk.note(desk.room.known(KEY))) == HELD
    assert desk.take(health(99, Conn(KEY, 0, 0)), closed(99, Conn(KEY, 0, 0))) == [("opening_untold", 2)]
    assert desk.take(health(99, Conn(KEY, 50, 0)), closed(99, Conn(KEY, 50, 0))) == [("closed", "analyst")]


def test_a_process_of_which_nothing_else_is_heard_is_given_up_after_a_minute():
    desk = Desk(agents=())
    desk.take(opened(1))

    assert desk.note(desk.room.settle(at(60))) == []
    assert desk.note(desk.room.settle(at(61))) == [("not_an_agent", 1)]


def test_a_forgotten_process_ends_its_connections_without_a_fact():
    desk = Desk(process())
    desk.take(opened(1))

    assert desk.note(desk.room.forget([KEY])) == [("closed", "analyst")]
    assert len(desk.room.links) == 0


def test_the_oldest_connection_makes_room(monkeypatch):
    monkeypatch.setattr(table, "WATCHED", 2)
    desk = Desk(process())
    for n in (1, 2):
        desk.take(opened(1, Conn(KEY, n, 0), local=Address("10.0.0.1", n)))

    assert desk.take(opened(1, Conn(KEY, 3, 0))) == [("opened", "analyst"), ("closed", "analyst")]


def test_nothing_is_held_after_the_end_of_time():
    desk = Desk(process(), agents=())
    desk.take(opened(1), health(2), closed(2), opened(3, Conn(KEY, 8, 0)), health(4, Conn(KEY, 8, 0)))
    desk.note(desk.room.settle(END_OF_TIME))

    assert desk.room.open_facts == 0


@pytest.mark.parametrize(("duration", "seconds"), [(20 * MS, 0.02), (None, None), (2 * S, 2.0)])
def test_a_handshakes_time_is_told_where_it_is_known(duration, seconds):
    desk = Desk(process())
    (told,) = desk.room.handshake(handshake(1, duration_ns=duration))

    assert (told.seconds, told.library, told.outcome, told.role) == (seconds, "libssl", "ok", "client")


def test_a_failed_handshake_is_no_phase():
    desk = Desk(process())
    desk.take(handshake(1, outcome="failed"))

    assert desk.room.links.get(STREAM).tls_ns is None


def test_what_was_agreed_on_is_kept_for_the_first_exchange():
    desk = Desk(process())
    desk.take(handshake(1, version="TLSv1.3", alpn="h2"))
    desk.take(handshake(2, version="TLSv1.2", alpn="", outcome="failed"))

    link = desk.room.links.get(STREAM)
    assert (link.tls_version, link.alpn) == ("TLSv1.3", "h2")


def test_a_reopened_pair_of_ends_belongs_to_the_living_connection():
    desk = Desk(process())
    desk.take(opened(1), health(2), closed(2), opened(3, Conn(KEY, 8, 0), connect_ns=9))
    desk.take(handshake(3.1), opened(3.2, STREAM, connect_ns=None))

    assert desk.room.links.get(STREAM).connect_ns == 9
    assert desk.room.links.get(STREAM).ends == (HERE, THERE)
