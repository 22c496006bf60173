"""Google ADK: an agent with tools, one that is handed over to, one that is a tool; two at one time. With Gemini's API, and `litellm`: OpenAI's, by LiteLLM."""

import asyncio
import subprocess
import sys

from google.adk.agents import LlmAgent
from google.adk.runners import InMemoryRunner
from google.adk.tools.agent_tool import AgentTool
from google.genai import types

if "litellm" in sys.argv:
    from google.adk.models.lite_llm import LiteLlm

    MODEL = LiteLlm("openai/gpt-4o")
else:
    MODEL = "gemini-2.5-flash"


def look(what: str) -> dict:
    """Run a command."""
    return {"code": subprocess.run(["/bin/bash", "-c", what], check=False).returncode}


def fail(what: str) -> dict:
    """Does not work."""
    return {"error": "no such thing"}


def plain(name="assistant", instruction="Use the tools.", **more):
    return LlmAgent(name=name, model=MODEL, instruction=instruction, tools=[look, fail], **more)


async def run(agent, task):
    runner = InMemoryRunner(agent, app_name="app")
    session = await runner.session_service.create_session(app_name="app", user_id="me")
    message = types.Content(role="user", parts=[types.Part(text=task)])
    async for _ in runner.run_async(user_id="me", session_id=session.id, new_message=message):
        pass


async def single():
    await run(plain(), "Please play single.")


async def handoff():
    helper = plain("helper", "Your part is after.", description="Helps.")
    await run(
        LlmAgent(name="front", model=MODEL, instruction="You hand over.", tools=[look], sub_agents=[helper]),
        "Please play transfer.",
    )


async def team():
    helpers = [
        AgentTool(plain(name, "You help.", description="Helps.")) for name in ("ask_helper", "ask_other")
    ]
    await run(
        LlmAgent(name="lead", model=MODEL, instruction="You lead.", tools=[look, *helpers]),
        "Please play lead_request.",
    )


async def two():
    await asyncio.gather(*(run(plain(), f"Please play {p}.") for p in ("left", "right")))


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]]())
