"""CrewAI: a crew of one with tools; a crew of two, one after the other; one that delegates to a coworker; two crews at one time."""

import subprocess
import sys
import threading

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool


@tool("look")
def look(what: str) -> str:
    """Run a command."""
    return str(subprocess.run(["/bin/bash", "-c", what], check=False).returncode)


@tool("fail")
def fail(what: str) -> str:
    """Does not work."""
    raise RuntimeError("no such thing")


def member(role, **more):
    return Agent(
        role=role,
        goal="Do it.",
        backstory="None.",
        llm=LLM(model="openai/gpt-4o"),
        tools=[look, fail],
        **more,
    )


def job(agent, part, **more):
    return Task(description=f"Please play {part}.", expected_output="A word.", agent=agent, **more)


def single():
    one = member("assistant")
    Crew(agents=[one], tasks=[job(one, "single")]).kickoff()


def team():
    cook, waiter = member("cook"), member("waiter")
    Crew(agents=[cook, waiter], tasks=[job(cook, "inner"), job(waiter, "other")]).kickoff()


def delegate():
    lead, helper = member("lead", allow_delegation=True), member("helper")
    Crew(agents=[lead, helper], tasks=[job(lead, "delegating")]).kickoff()


def two():
    crews = []
    for part in ("left", "right"):
        one = member("assistant")
        crews.append(Crew(agents=[one], tasks=[job(one, part)]))
    jobs = [threading.Thread(target=c.kickoff) for c in crews]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
