from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.facts import Key
from tests.correlate.play import KEY, RULES, process

CHILD, GRANDCHILD = Key(101, 1), Key(102, 1)


def make(*processes):
    world = World()
    agents = Agents(RULES, world)
    for one in processes:
        world.process(one)
        agents.read(one)
    return agents, world


def read(agents, world, fact):
    world.process(fact)
    agents.read(fact)


def test_a_process_is_an_agent_once_it_acted():
    agents, _ = make(process())

    assert not agents.is_one(KEY)
    agents.acted(KEY)
    assert agents.is_one(KEY)


def test_a_declared_process_is_one_from_the_start_until_it_is_read_otherwise():
    agents, world = make(process(env={"HEXR_AGENT_NAME": "x"}))
    assert agents.is_one(KEY)

    read(agents, world, process(1))
    assert not agents.is_one(KEY)


def test_the_nearest_agent_above_is_found_past_those_that_are_none():
    agents, _ = make(process(), process(0, CHILD, parent=KEY), process(0, GRANDCHILD, parent=CHILD))
    assert agents.above(GRANDCHILD) is None

    agents.acted(KEY)
    assert agents.above(GRANDCHILD) == KEY
    agents.acted(CHILD)
    assert agents.above(GRANDCHILD) == CHILD


def test_a_new_reading_gives_a_new_name():
    agents, world = make(process(args=("sh", "-c", "x"), exe="/bin/sh"))
    assert agents.who(KEY).name == "sh"

    read(agents, world, process(1))
    assert agents.who(KEY).name == "analyst"


def test_the_first_client_that_named_itself_is_kept():
    agents, _ = make(process())
    for client in ("", "Anthropic/Python 1", "OpenAI/Python 1"):
        agents.acted(KEY, client)

    assert agents.who(KEY).framework == "anthropic"


def test_an_unknown_process_and_nobody_are_told_too():
    agents, _ = make()

    assert (agents.who(KEY).name, agents.who(KEY).key) == ("unknown", KEY)
    assert (agents.who(None, "har").name, agents.who(None, "har").key) == ("har", None)


def test_what_the_world_forgets_is_forgotten():
    agents, _ = make(process(env={"HEXR_AGENT_NAME": "x"}))
    agents.acted(KEY)
    agents.forget([KEY])

    assert not agents.is_one(KEY)
