"""smolagents: an agent that calls tools, one that writes code, a manager with an agent of its own; two at one time."""

import subprocess
import sys
import threading

from smolagents import CodeAgent, OpenAIServerModel, ToolCallingAgent, tool


@tool
def look(what: str) -> str:
    """Run a command.

    Args:
        what: the command.
    """
    return str(subprocess.run(["/bin/bash", "-c", what], check=False).returncode)


@tool
def fail(what: str) -> str:
    """Does not work.

    Args:
        what: anything.
    """
    raise RuntimeError("no such thing")


def plain(**more):
    return ToolCallingAgent(tools=[look, fail], model=OpenAIServerModel("gpt-4o"), **more)


def single():
    plain().run("Please play single_final.")


def team():
    helper = plain(name="ask_helper", description="Asks the helper.")
    ToolCallingAgent(tools=[look], model=OpenAIServerModel("gpt-4o"), managed_agents=[helper]).run(
        "Please play lead_final."
    )


def code():
    CodeAgent(tools=[look, fail], model=OpenAIServerModel("gpt-4o")).run("Please play code.")


def two():
    jobs = [
        threading.Thread(target=plain().run, args=(f"Please play {p}_final.",)) for p in ("left", "right")
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
