"""Agents on OpenAI's SDK, as anybody writes them: a loop of tools, two at one time, one that asks another. They know of no observer.

python agent_client.py MODE BASE_URL      what the model will say is in the task: see tests/e2e/scripted.py
"""

import json
import subprocess
import sys
import threading
import time

import openai

NAMES = ("wait", "bash", "agent", "extract")
TOOLS = [
    {"type": "function", "function": {"name": n, "parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}}
    for n in NAMES
]  # fmt: skip


def run(client, name, what):
    if name == "bash":
        return subprocess.run(["/bin/bash", "-c", what], capture_output=True, text=True, check=False).stdout
    if name == "agent":
        return agent(client, what, "You are a researcher.")
    time.sleep(0.05)
    return "done"


def agent(client, task, system="You are the lead."):
    """Ask, do what is asked for, tell, until there is nothing left to do."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": task}]
    while True:
        said = (
            client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS).choices[0].message
        )
        messages.append(said)
        if not said.tool_calls:
            return said.content
        for call in said.tool_calls:
            result = run(client, call.function.name, json.loads(call.function.arguments)["what"])
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def two(client):
    """Both have asked before either is answered: the model takes its time."""
    jobs = [
        threading.Thread(target=agent, args=(client, f"{who}: wait ; wait + wait ; say"))
        for who in ("left", "right")
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


MODES = {
    "loop": lambda c: agent(c, "wait ; bash=echo 1; exit 3 ; wait + wait ; say"),
    "circles": lambda c: agent(c, "wait=x ; wait=x ; wait=x ; wait=x ; say"),
    "two": two,
    "nested": lambda c: agent(c, "wait ; agent=dig deeper: wait , bash=echo found , say ; say"),
}

if __name__ == "__main__":
    MODES[sys.argv[1]](
        openai.OpenAI(base_url=f"{sys.argv[2]}v1", api_key="sk-planted-0123456789abcdefghij", max_retries=0)
    )
