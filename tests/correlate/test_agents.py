from hexr_autoinst.correlate.agents import Agents, acts, unheard
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.facts import Key
from tests.correlate.play import KEY, RULES, call, effect, exchange, process, talk

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


def test_what_a_child_does_is_its_agents_doing():
    agents, _ = make(process(), process(0, CHILD, parent=KEY))
    assert agents.doer(CHILD) is None

    agents.acted(KEY)
    assert (KEY, KEY) == (agents.doer(CHILD), agents.doer(KEY))
    agents.acted(CHILD)
    assert agents.doer(CHILD) == CHILD


def test_models_tools_and_agents_make_an_agent_and_effects_do_not():
    served = exchange(role="server")

    assert acts(exchange(), None)
    assert acts(exchange(), call())
    assert acts(exchange(), talk("mcp"))
    assert acts(served, talk("a2a"))
    assert not acts(served, talk("mcp"))
    assert not acts(exchange(), effect())


def test_the_server_of_a_model_or_a_vault_is_not_heard():
    served = exchange(role="server")

    assert unheard(served, call())
    assert unheard(served, effect("vault", "get"))
    assert unheard(served, None)
    assert not unheard(served, talk("mcp"))
    assert not unheard(exchange(), effect())
