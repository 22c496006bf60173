"""Pydantic AI: a loop of tools, one of which asks for another try; agents that agents ask; two at one time."""

import asyncio
import sys

from pydantic import BaseModel
from pydantic_ai import Agent, ModelRetry


class Form(BaseModel):
    answer: str


async def look(what: str) -> str:
    """Run a command."""
    child = await asyncio.create_subprocess_exec("/bin/bash", "-c", what)
    return str(await child.wait())


async def fail(what: str) -> str:
    """Does not work."""
    raise ModelRetry("no such thing")


def plain(instructions="Use the tools."):
    return Agent("openai-chat:gpt-4o", instructions=instructions, tools=[look, fail], retries=3)


async def single():
    await plain().run("Please play single.")


async def team():
    async def ask_helper(input: str) -> str:  # noqa: A002 - what the model is told
        """Asks the helper."""
        return (await plain("You help.").run(input)).output

    async def ask_other(input: str) -> str:  # noqa: A002 - what the model is told
        """Asks the other."""
        return (await plain("You help, too.").run(input)).output

    lead = Agent("openai-chat:gpt-4o", instructions="You lead.", tools=[look, ask_helper, ask_other])
    await lead.run("Please play lead.")


async def structured():
    lead = Agent("openai-chat:gpt-4o", instructions="Answer in the form.", tools=[look], output_type=Form)
    await lead.run("Please play structured.")


async def two():
    await asyncio.gather(*(plain().run(f"Please play {part}.") for part in ("left", "right")))


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]]())
