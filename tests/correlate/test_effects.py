"""Effects in a scenario: whose they are, when they are told, and that they make nobody an agent."""

from hexr_autoinst.correlate.held import HOLD
from hexr_autoinst.model.facts import Conn, Key
from tests.correlate.play import END, KEY, MS, Play, S, effect, exchange, exited, process, talk, tick

CHILD = Key(101, 6000)
TOKEN = effect("credential", "exchange")


def one(id_, began, ended, key=KEY, **more):
    return exchange(id_, began, ended, key=key, conn=Conn(key, 0x7F00, 1), **more)


def balanced(play):
    found = play.balance()
    assert found["taken"] == found["spent"] + found["open"]
    return found["open"]


def test_an_effect_makes_nobody_an_agent():
    play = Play() >> process()
    play.exchange(one("e", 1, 2), TOKEN)

    assert ([], 3) == (play.said(), balanced(play))
    play >> exited(3) >> END
    assert ["ignored 1 process", "ignored 3 not_an_agent"] == ["ignored 1 process", *play.said()]
    assert 0 == balanced(play)


def test_what_a_process_did_before_it_was_an_agent_is_told_in_its_turn():
    play = Play() >> process()
    play.exchange(one("token", 1, 2), TOKEN).exchange(one("model", 3, 4, ordinal=1))
    play >> exited(5) >> END

    assert [
        "open analyst",
        "span token of analyst",
        "span model of analyst",
        "root analyst process",
    ] == play.said()
    token, model = play.placed("token"), play.placed("model")
    assert token.place.trace_id == model.place.trace_id
    assert token.place.parent_id == model.place.parent_id == play.root("analyst").place.span_id
    assert 0 == balanced(play)


def test_an_effect_of_an_agent_is_told_at_once_and_counts_as_no_call():
    play = Play() >> process()
    play.exchange(one("model", 1, 2)).exchange(one("tool", 3, 4, ordinal=1), effect(service="aws_s3"))

    assert "span tool of analyst" in play.said()
    play >> exited(5) >> END
    root = play.root("analyst")
    assert (1, 0) == (root.model_calls, root.tool_calls)


def test_an_effect_hangs_under_the_call_that_is_served():
    play = Play() >> process()
    inbound = exchange("in", 1, 4, role="server", source="ebpf", conn=Conn(KEY, 9, 0))
    play.ask(inbound, talk("a2a")).exchange(one("out", 2, 3), effect())
    play.end(inbound, talk("a2a"))
    play >> tick(10) >> END

    assert play.placed("out").place.parent_id == play.root("analyst").place.span_id


def test_what_a_child_of_an_agent_does_is_the_agents_doing():
    play = Play() >> process() >> process(0.1, CHILD, parent=KEY, args=("curl", "x"), exe="/usr/bin/curl")
    play.exchange(one("early", 0.2, 0.3, CHILD), effect())
    play.exchange(one("model", 1, 2)).exchange(one("late", 3, 4, CHILD, ordinal=1), effect())
    play >> END

    assert ["analyst"] * 2 == [play.placed(i).agent.name for i in ("early", "late")]
    assert 0 == balanced(play)


def test_what_nobody_claims_in_time_is_told_of_nobody():
    play = Play() >> process()
    play.exchange(one("token", 1, 2), TOKEN)
    play >> tick(2 + HOLD / S)
    play.exchange(one("model", 400, 401, ordinal=1)) >> END

    assert "ignored 3 not_an_agent" in play.said()


def test_where_no_process_is_known_an_effect_is_told_at_once():
    play = Play()
    play.exchange(exchange("e", key=None, source="har"), TOKEN)

    assert ["open har", "span e of har"] == play.said()


def test_a_process_that_is_declared_later_gets_what_was_held():
    play = Play() >> process()
    play.exchange(one("e", 1, 2), TOKEN) >> process(3, env={"HEXR_AGENT_NAME": "named"})

    assert "span e of named" in play.said()


def test_both_planes_views_of_a_held_effect_are_told_once():
    play = Play() >> process()
    play.exchange(one("k", 1, 2), TOKEN)
    play.exchange(exchange("p", 1.001, 1.999, source="proxy"), TOKEN)
    play.exchange(one("model", 3, 4, ordinal=1)) >> END

    assert 1 == len([s for s in play.said() if s.startswith(("span k", "span p"))])
    assert 0 == balanced(play)


def test_a_servers_end_is_ignored_and_counted():
    play = Play() >> process()
    play.exchange(exchange("s", role="server"), effect("vault", "get"))

    assert ["ignored 3 server_end"] == play.said()


def test_an_effect_that_is_open_when_its_process_becomes_an_agent_is_told_when_it_ends():
    play = Play() >> process()
    lookup = one("e", 1, 5)
    play.ask(lookup, effect()).exchange(one("model", 2, 3, ordinal=1)).end(lookup, effect())
    play >> END

    assert "span e of analyst" in play.said()
    assert MS < play.root("analyst").ended - play.root("analyst").began


def test_what_is_only_counted_waits_for_nobody_and_makes_no_invocation():
    write = effect("cache", "write", counted=True)
    play = Play() >> process(env={"HEXR_AGENT_NAME": "named"})
    play.exchange(one("w", 1, 2), write) >> END

    assert ["open named", "span w of named", "undo named"] == play.said()
    assert 0 == balanced(play)
    play = Play() >> process()
    play.exchange(one("w", 1, 2), write)
    assert ["ignored 3 not_an_agent"] == play.said()


def test_a_parent_that_is_heard_of_late_makes_its_childs_effects_its_own():
    middle = Key(102, 6500)
    play = Play() >> process() >> process(0.1, CHILD, parent=middle, args=("curl",), exe="/usr/bin/curl")
    play.exchange(one("model", 1, 2)).exchange(one("e", 3, 4, CHILD, ordinal=1), effect())
    assert "span e of analyst" not in play.said()

    play >> process(5, middle, parent=KEY, args=("sh",), exe="/bin/sh")
    assert "span e of analyst" in play.said()
