from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.model.facts import END_OF_TIME, Key
from hexr_autoinst.model.story import Invocation, InvocationOpened
from tests.correlate.play import KEY, RULES, at, call, exchange, exited, process
from tests.correlate.test_agents import make as make_agents
from tests.correlate.test_agents import read

CHILD = Key(101, 1)


def make(*processes):
    agents, world = make_agents(*processes)
    return Invocations(RULES, world, agents), agents, world


def kinds(told):
    return [(type(t).__name__, t.agent.name) for t in told]


def joined(room, *args):
    turn = room.join(*args)
    turn.pending += 1
    return turn


def ended(room, turn, ex=None):
    turn.pending -= 1
    turn.add(ex or exchange(), call(), ("ebpf",))


def test_a_turn_is_announced_once_and_only_with_a_name():
    room, agents, world = make()
    turn = joined(room, KEY, exchange())
    assert room.identified(KEY) == []

    read(agents, world, process(1))
    assert kinds(room.identified(KEY)) == [("InvocationOpened", "analyst")]
    assert room.identified(KEY) == []
    assert turn.agent.name == "analyst"


def test_calls_without_silence_between_them_join_one_turn():
    room, _, _ = make(process())
    first = joined(room, KEY, exchange("a"))
    ended(room, first)
    told = room.settle(KEY, at(61.9))

    assert (joined(room, KEY, exchange("b", 61.9, 63)) is first, told) == (True, [])


def test_the_call_after_the_silence_finds_the_turn_closed():
    room, _, _ = make(process())
    first = joined(room, KEY, exchange("a"))
    room.identified(KEY)
    ended(room, first)
    told = room.settle(KEY, at(62))

    assert joined(room, KEY, exchange("b", 62, 63)) is not first
    assert kinds(told) == [("Invocation", "analyst")]


def test_a_name_that_changes_within_a_turn_waits_for_the_next():
    room, agents, world = make(process())
    turn = joined(room, KEY, exchange())
    opened = room.identified(KEY)
    read(agents, world, process(2, args=("python3", "other.py")))
    ended(room, turn)
    closed = room.look(END_OF_TIME)

    assert kinds(opened + closed) == [("InvocationOpened", "analyst"), ("Invocation", "analyst")]


def test_a_framework_learned_within_a_turn_is_told_with_it():
    room, agents, _ = make(process())
    turn = joined(room, KEY, exchange())
    room.identified(KEY)
    agents.acted(KEY, "OpenAI/Python 1")

    assert room.agent(turn).framework == "openai"
    assert turn.agent.framework == "openai"


def test_asking_for_the_agent_does_not_announce_it():
    room, _, _ = make(process())
    turn = joined(room, KEY, exchange())
    room.agent(turn)

    assert kinds(room.announce(turn)) == [("InvocationOpened", "analyst")]


def test_a_turn_whose_calls_all_came_to_nothing_is_taken_back():
    room, _, _ = make(process())
    turn = joined(room, KEY, exchange("a"))
    joined(room, KEY, exchange("b"))
    room.identified(KEY)

    assert room.cancel(turn, at(2)) == []
    (told,) = room.cancel(turn, at(2))
    assert isinstance(told, InvocationOpened)
    assert told.change == -1
    assert len(room) == 0


def test_a_turn_that_was_never_announced_is_taken_back_in_silence():
    room, _, _ = make()
    turn = joined(room, KEY, exchange())

    assert room.cancel(turn, at(2)) == []
    assert len(room) == 0


def test_at_the_end_children_are_told_before_the_turn_they_stand_in():
    room, agents, _ = make(process(), process(0, CHILD, parent=KEY, args=("python", "worker.py")))
    agents.acted(KEY)
    for key in (KEY, CHILD):
        turn = joined(room, key, exchange(f"x{key.pid}"))
        room.identified(key)
        ended(room, turn)

    assert kinds(room.look(END_OF_TIME)) == [("Invocation", "worker"), ("Invocation", "analyst")]


def test_a_forgotten_process_closes_its_turn():
    room, _, _ = make(process())
    turn = joined(room, KEY, exchange())
    room.identified(KEY)
    ended(room, turn)

    (told,) = room.forget([KEY, CHILD], at(9))
    assert isinstance(told, Invocation)
    assert room.of(KEY) == []


def test_a_turn_with_a_call_open_outlives_the_memory_of_its_process():
    room, _, world = make(process())
    turn = joined(room, KEY, exchange())
    room.identified(KEY)
    world.exited(exited(3, code=4))
    assert room.look(at(70)) == []
    assert world.forget(at(70)) == [KEY]
    assert room.forget([KEY], at(70)) == []

    ended(room, turn, exchange(ended=80))
    (root,) = room.look(at(80))
    assert (root.boundary, root.exit_code) == ("process", 4)
