"""Code that an agent runs, as processes show it."""

import pytest

from hexr_autoinst.model.facts import Exited, Key
from hexr_autoinst.model.operation import ToolCall
from hexr_autoinst.model.sample import of_text
from hexr_autoinst.model.story import Ambiguous, CodeRun, Invocation
from tests.correlate.play import END, KEY, Play, at, call, exchange, exited, process, talk, tick
from tests.correlate.test_conversations import says, step, thread, tools, wants

CHILD, GRANDCHILD = Key(101, 5100), Key(102, 5200)
SHELL = {"exe": "/usr/bin/bash", "args": ("bash", "-c", "python3 x.py | tee log")}


@pytest.fixture
def play():
    return Play() >> process(0)


def run(play, began, ended, key=CHILD, code=0, signal=None, parent=KEY, **more):
    play >> process(began, key, parent=parent, started=at(began), **more)
    return play >> Exited(at(ended), "ebpf", key, code, signal, 5_000_000)


def test_code_that_a_tool_runs_is_told_below_its_window(play):
    step(play, "a", 1, 2, wants("bash"), thread("u"))
    run(play, 3, 4, code=2, **SHELL)
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-bash"]))
    play >> END

    (told,) = play.all(CodeRun)
    assert told.place.parent_id == tools(play)["bash"].place.span_id
    assert (told.language, told.began, told.exited.at, told.exited.code) == ("bash", at(3), at(4), 2)
    assert told.agent.name == "analyst"


def test_code_outside_of_any_window_hangs_under_the_turn(play):
    step(play, "a", 1, 2, says(), thread("u"))
    run(play, 3, 4, exe="/usr/bin/node", args=("node", "-e", "1"))
    play >> END

    (told,), (root,) = play.all(CodeRun), play.all(Invocation)
    assert (told.place.parent_id, told.language) == (root.place.span_id, "javascript")


def test_code_that_runs_in_one_of_two_windows_is_linked_to_each(play):
    step(play, "a", 1, 2, wants("one", "two"), thread("u"))
    run(play, 3, 4, **SHELL)
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-one", "id-two"]))
    play >> END

    (told,) = play.all(CodeRun)
    assert {s for _, s in told.place.links} == {t.place.span_id for t in tools(play).values()}


def test_what_code_starts_is_a_part_of_it(play):
    step(play, "a", 1, 2, wants("bash"), thread("u"))
    play >> process(3, CHILD, parent=KEY, started=at(3), **SHELL)
    run(play, 3.1, 3.5, GRANDCHILD, parent=CHILD, args=("python3", "x.py"))
    play >> exited(4, CHILD)

    assert [c.process.key for c in play.all(CodeRun)] == [CHILD]


def test_a_shell_that_becomes_an_interpreter_is_told_as_what_it_became(play):
    step(play, "a", 1, 2, wants("bash"), thread("u"))
    play >> process(3, CHILD, parent=KEY, exe="/bin/sh", args=("sh", "-c", "python3 x.py"))
    run(play, 3.1, 4, args=("python3", "x.py"))

    assert [(c.language, c.began) for c in play.all(CodeRun)] == [("python", at(3))]


@pytest.mark.parametrize(
    ("exe", "args"),
    [
        ("/usr/bin/git", ("git", "status")),
        ("/usr/bin/python3", ("python3", "-m", "mcp_server")),
        ("/usr/bin/python3", ("python3", "-c", "from multiprocessing.spawn import spawn_main; spawn_main()")),
        ("/usr/bin/python3.11", ("python3", "/srv/analyst.py")),  # a fork of its parent
        ("/usr/bin/java", ("java", "-jar", "server.jar")),
    ],
)
def test_a_program_that_is_no_code_of_the_agents_makes_nothing(play, exe, args):
    step(play, "a", 1, 2, wants("t"), thread("u"))
    run(play, 3, 4, exe=exe, args=args)

    assert play.all(CodeRun) == []


def test_what_serves_the_agent_is_a_helper(play):
    step(play, "a", 1, 2, wants("t"), thread("u"))
    play >> process(2.5, CHILD, parent=KEY, args=("python3", "server.py"))
    served = exchange("r", 3, 4, key=CHILD, role="server", facts=0)
    play.ask(served, talk("mcp", method="initialize")).end(served, talk("mcp", method="initialize"))
    play >> exited(5, CHILD)

    assert play.all(CodeRun) == []


def test_what_asks_a_model_itself_is_an_agent(play):
    step(play, "a", 1, 2, wants("t"), thread("u"))
    play >> process(2.5, CHILD, parent=KEY, args=("python3", "worker.py"))
    play.exchange(exchange("w", 3, 4, key=CHILD, facts=0), call())
    play >> exited(5, CHILD) >> END

    assert play.all(CodeRun) == []


def test_a_process_below_no_agent_makes_nothing(play):
    run(play, 1, 2, **SHELL)

    assert play.all(CodeRun) == []
    assert len(play.room._runs) == 0


def test_a_turn_waits_for_the_code_of_its_open_window(play):
    step(play, "a", 1, 2, wants("bash"), thread("u"))
    play >> process(3, CHILD, parent=KEY, started=at(3), **SHELL)
    play >> tick(100)
    assert play.all(Invocation) == []
    play >> exited(101, CHILD)
    step(play, "b", 102, 103, says(), thread("u", "a", "t", results=["id-bash"]))
    play >> END

    assert [(r.model_calls, r.tool_calls) for r in play.all(Invocation)] == [(2, 1)]
    assert tools(play)["bash"].result is not None


def asked(name, command):
    """A tool that was asked with a command."""
    return ToolCall(name, f"id-{name}", words=(of_text(command),))


FIRST, SECOND = "make build && make test", "git fetch --all --prune"


def test_code_is_the_tools_that_was_asked_with_its_command(play):
    step(play, "a", 1, 2, wants(asked("one", FIRST), asked("two", SECOND)), thread("u"))
    run(play, 3, 4, exe="/bin/bash", args=("bash", "-c", SECOND))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-one", "id-two"]))
    play >> END

    (told,) = play.all(CodeRun)
    assert (told.place.parent_id, told.place.links) == (tools(play)["two"].place.span_id, ())


def test_two_tools_that_were_asked_with_one_command_may_both_be_it(play):
    step(
        play, "a", 1, 2, wants(asked("one", FIRST), asked("two", FIRST), asked("three", SECOND)), thread("u")
    )
    run(play, 3, 4, exe="/bin/bash", args=("bash", "-c", FIRST))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-one", "id-two", "id-three"]))
    play >> END

    (told,), by_name = play.all(CodeRun), tools(play)
    assert {s for _, s in told.place.links} == {by_name[n].place.span_id for n in ("one", "two")}


def test_a_wrapper_that_becomes_the_command_is_found_by_what_it_became(play):
    step(play, "a", 1, 2, wants(asked("one", FIRST), asked("two", SECOND)), thread("u"))
    play >> process(
        3, CHILD, parent=KEY, started=at(3), exe="/bin/bash", args=("bash", "-c", "set -u; exec wrapped")
    )
    run(play, 3.1, 4, exe="/bin/bash", args=("bash", "-c", FIRST))
    step(play, "b", 5, 6, says(), thread("u", "a", "t", results=["id-one", "id-two"]))
    play >> END

    (told,) = play.all(CodeRun)
    assert (told.place.parent_id, told.place.links) == (tools(play)["one"].place.span_id, ())


@pytest.mark.parametrize("command", [FIRST, "something else entirely"])
def test_of_two_invocations_the_command_tells_whose_code_it_is_else_it_is_linked_to_both(play, command):
    play.ask(exchange("a", 1, 2), thread("u", "left")).ask(exchange("b", 1.1, 2.1), thread("u", "right"))
    play.end(exchange("a", 1, 2), wants(asked("one", FIRST))).end(
        exchange("b", 1.1, 2.1), wants(asked("two", SECOND))
    )
    run(play, 3, 4, exe="/bin/bash", args=("bash", "-c", command))
    step(play, "c", 5, 6, says(), thread("u", "left", "a", results=["id-one"]))
    step(play, "d", 5.1, 6.1, says(), thread("u", "right", "a", results=["id-two"]))
    play >> END

    (told,), roots = play.all(CodeRun), play.all(Invocation)
    assert len({r.place.trace_id for r in roots}) == 2
    if command == FIRST:
        assert (told.place.parent_id, told.place.links) == (tools(play)["one"].place.span_id, ())
        return
    assert told.place.parent_id is None
    assert {s for _, s in told.place.links} == {t.place.span_id for t in tools(play).values()}
    assert told.place.trace_id not in {r.place.trace_id for r in roots}
    assert told.agent.name == "analyst"
    assert len(play.all(Ambiguous)) == 1
