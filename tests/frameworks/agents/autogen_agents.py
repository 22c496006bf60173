"""AutoGen: an agent with tools; a swarm that hands over; two who speak in turn; an agent as a tool; two at one time."""

import asyncio
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat, Swarm
from autogen_agentchat.tools import AgentTool
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def look(what: str) -> str:
    """Run a command."""
    child = await asyncio.create_subprocess_exec("/bin/bash", "-c", what)
    return str(await child.wait())


async def fail(what: str) -> str:
    """Does not work."""
    raise RuntimeError("no such thing")


def client(**more):
    return OpenAIChatCompletionClient(model="gpt-4o", **more)


def plain(name="assistant", prompt="Use the tools.", **more):
    return AssistantAgent(
        name, client(), tools=[look, fail], system_message=prompt, max_tool_iterations=6, **more
    )


async def single():
    await plain().run(task="Please play single.")


async def handoff():
    front = AssistantAgent(
        "front",
        client(),
        tools=[look],
        handoffs=["helper"],
        system_message="You hand over.",
        max_tool_iterations=6,
    )
    helper = plain("helper", "Your part is after.")
    team = Swarm([front, helper], termination_condition=TextMentionTermination("and done"))
    await team.run(task="Please play handoff.")


async def turns():
    team = RoundRobinGroupChat(
        [plain("cook", "Your part is cook."), plain("waiter", "Your part is waiter.")],
        termination_condition=MaxMessageTermination(3),
    )
    await team.run(task="Make and bring a meal, please.")


async def team():
    helper = AgentTool(plain("ask_helper", "You help.", description="Asks the helper."))
    lead = AssistantAgent(
        "lead",
        client(parallel_tool_calls=False),
        tools=[look, helper],
        system_message="You lead.",
        max_tool_iterations=6,
    )
    await lead.run(task="Please play lead_task.")


async def two():
    await asyncio.gather(*(plain().run(task=f"Please play {p}.") for p in ("left", "right")))


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]]())
