"""LangGraph: its ready-made loop of tools; agents as tools and a handoff within a graph; two at one time."""

import asyncio
import subprocess
import sys
from typing import Annotated

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import ToolMessage
from langchain_core.tools import InjectedToolCallId, tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import InjectedState
from langgraph.types import Command

model = ChatOpenAI(model="gpt-4o")


@tool
def look(what: str) -> str:
    """Run a command."""
    return str(subprocess.run(["/bin/bash", "-c", what], check=False).returncode)


@tool
def fail(what: str) -> str:
    """Does not work."""
    raise RuntimeError("no such thing")


class Told(AgentMiddleware):
    """A tool that fails is told to the model."""

    def wrap_tool_call(self, request, handler):
        try:
            return handler(request)
        except RuntimeError as error:
            return self.told(request, error)

    async def awrap_tool_call(self, request, handler):
        try:
            return await handler(request)
        except RuntimeError as error:
            return self.told(request, error)

    def told(self, request, error):
        return ToolMessage(content=f"Error: {error}", tool_call_id=request.tool_call["id"], status="error")


def plain(prompt="Use the tools.", more=()):
    return create_agent(model, [look, fail, *more], system_prompt=prompt, middleware=[Told()])


def ask(agent, task):
    return agent.invoke({"messages": [("user", task)]})["messages"][-1].content


@tool
def ask_helper(input: str) -> str:  # noqa: A002 - what the model is told
    """Asks the helper."""
    return ask(plain("You help."), input)


@tool
def ask_other(input: str) -> str:  # noqa: A002 - what the model is told
    """Asks the other."""
    return ask(plain("You help, too."), input)


@tool
def transfer_to_helper(
    state: Annotated[dict, InjectedState], tool_call_id: Annotated[str, InjectedToolCallId]
) -> Command:
    """Hands over."""
    done = ToolMessage(content="handed over", tool_call_id=tool_call_id)
    return Command(goto="helper", graph=Command.PARENT, update={"messages": [*state["messages"], done]})


def single():
    ask(plain(), "Please play single.")


def team():
    ask(plain("You lead.", [ask_helper, ask_other]), "Please play lead.")


def handoff():
    graph = StateGraph(MessagesState)
    graph.add_node("front", create_agent(model, [look, transfer_to_helper], system_prompt="You hand over."))
    graph.add_node("helper", plain("You help."))
    graph.add_edge(START, "front")
    ask(graph.compile(), "Please play handoff.")


def two():
    async def both():
        tasks = [{"messages": [("user", f"Please play {part}.")]} for part in ("left", "right")]
        await asyncio.gather(*(plain().ainvoke(t) for t in tasks))

    asyncio.run(both())


if __name__ == "__main__":
    globals()[sys.argv[1]]()
