"""OpenAI Agents SDK: a loop of tools; agents as tools and a handoff; two at one time. On the Responses API, and `chat`: on chat completions."""

import asyncio
import subprocess
import sys

from agents import Agent, Runner, function_tool, set_default_openai_api, set_tracing_disabled

set_tracing_disabled(disabled=True)


@function_tool
def look(what: str) -> str:
    """Run a command."""
    return str(subprocess.run(["/bin/bash", "-c", what], check=False).returncode)


@function_tool
def fail(what: str) -> str:
    """Does not work."""
    raise RuntimeError("no such thing")


def plain(name="assistant", instructions="Use the tools."):
    return Agent(name=name, instructions=instructions, tools=[look, fail], model="gpt-4o")


async def single():
    await Runner.run(plain(), "Please play single.")


async def team():
    helper = plain("helper", "You help.").as_tool("ask_helper", "Asks the helper.")
    other = plain("other", "You help, too.").as_tool("ask_other", "Asks the other.")
    lead = Agent(name="lead", instructions="You lead.", tools=[look, helper, other], model="gpt-4o")
    await Runner.run(lead, "Please play lead.")


async def handoff():
    front = Agent(
        name="front",
        instructions="You hand over.",
        tools=[look],
        handoffs=[plain("helper", "You help.")],
        model="gpt-4o",
    )
    await Runner.run(front, "Please play handoff.")


async def two():
    await asyncio.gather(*(Runner.run(plain(), f"Please play {part}.") for part in ("left", "right")))


if __name__ == "__main__":
    if "chat" in sys.argv:
        set_default_openai_api("chat_completions")
    asyncio.run(globals()[sys.argv[1]]())
