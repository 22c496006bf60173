import pytest

from hexr_autoinst.correlate.hosts import Hint, Host, choose, leaves
from hexr_autoinst.correlate.lineage import Opening, Turns
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.strands import Strands
from hexr_autoinst.correlate.windows import close, opened
from hexr_autoinst.model.operation import Thread, ToolCall
from tests.correlate.play import KEY, RULES, at, exchange


class Scene:
    """Turns of one process, their windows and conversations."""

    def __init__(self):
        self.turns, self.count = Turns(RULES), 0

    def turn(self, *names, waits=False, within=None):
        self.count += 1
        turn = self.turns.begin(KEY, exchange(f"x{self.count}"), Opening(inner=within is not None))
        where = Standing(turn, f"{self.count:016x}", turn.under)
        turn.windows += opened(
            where, tuple(ToolCall(n, f"{n}{self.count}", words=(n.encode(),)) for n in names), at(2)
        )
        if waits:
            strand = Strands().begin(KEY, Thread())
            strand.home(turn, turn.under)
            strand.busy = 1
        if within is not None:
            self.turns.adopt(turn, within.turn)
            within.inner.append(turn)
        return turn


@pytest.fixture
def scene():
    return Scene()


def found(*turns, when=None):
    return [leaf for turn in turns for leaf in leaves(turn, turn.under, when)]


def spans(windows):
    return {w.spot for w in windows}


def test_a_turn_without_windows_is_the_place(scene):
    turn = scene.turn()

    assert choose(found(turn)) == Host(turn, turn.under)


def test_the_only_window_is_the_place_whatever_it_is_called(scene):
    turn = scene.turn("search")
    (window,) = turn.windows

    assert choose(found(turn), Hint("else")) == Host(turn, window.span_id, window)


def test_a_window_that_was_left_behind_is_no_place(scene):
    turn = scene.turn("search")
    turn.windows[0].left = True

    assert choose(found(turn)).window is None


def test_of_several_windows_the_one_that_agrees_or_their_turn_with_a_link_to_each(scene):
    turn = scene.turn("one", "two")

    assert choose(found(turn), Hint("two")).window is turn.windows[1]
    assert choose(found(turn), Hint(words=(b"one",))).window is turn.windows[0]
    host = choose(found(turn), Hint("three"))
    assert (host.turn, host.window, set(host.rivals), host.agreed) == (turn, None, spans(turn.windows), False)


def test_a_conversation_within_a_tool_is_the_innermost(scene):
    outer = scene.turn("task")
    inner = scene.turn("search", within=outer.windows[0])

    assert choose(found(outer)).window is inner.windows[0]
    inner.windows.clear()
    assert choose(found(outer)) == Host(inner, inner.root_id)
    inner.left = at(3)
    assert choose(found(outer)).window is outer.windows[0]


def test_what_two_conversations_in_two_tools_may_have_done_stands_above_both(scene):
    outer = scene.turn("one", "two")
    inner = [scene.turn(within=w) for w in outer.windows]
    host = choose(found(outer))

    assert host.turn is outer
    assert set(host.rivals) == {(t.trace_id, t.root_id) for t in inner}


def test_of_two_turns_the_one_that_waits_for_its_model_does_nothing_else(scene):
    waiting, working = scene.turn(waits=True), scene.turn("t")

    assert choose(found(waiting, working)).window is working.windows[0]


def test_of_two_turns_neither_is_guessed(scene):
    one, two = scene.turn(), scene.turn()
    host = choose(found(one, two))

    assert (host.turn, host.apart) == (None, True)
    assert set(host.rivals) == {(t.trace_id, t.root_id) for t in (one, two)}


def test_what_began_within_a_window_that_is_closed_since_is_of_that(scene):
    turn = scene.turn("one")
    (window,) = turn.windows
    close(window, at(5), None)

    assert choose(found(turn, when=at(4))).window is window
    assert choose(found(turn, when=at(6))).window is None
    assert choose(found(turn)).window is None
