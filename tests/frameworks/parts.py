"""What the model says in each part: a text, or the tools that it asks for at once. `one|other`: whichever of them is offered."""


def look(what):
    return ("look", {"what": f"sleep 0.1; exit 3 # {what}"})


def fail(what):
    return ("fail", {"what": what})


def ask(name, part, **more):
    """A tool that another agent stands behind."""
    return (name, {"input": f"Please play {part}.", **more})


def plain(name):
    """One tool, then two at once of which one fails, then an answer."""
    return [[look(f"{name} 1")], [look(f"{name} 2"), fail(f"{name} 3")], "It is done."]


PARTS = {
    "single": plain("single"),
    "left": plain("left"),
    "right": plain("right"),
    "inner": [[look("inner 1")], "The helper has found it."],
    "other": [[look("other 1")], "The other has found it."],
    # Agents as tools, two at one time.
    "lead": [
        [look("lead 1")],
        [ask("ask_helper", "inner"), ask("ask_other", "other")],
        "The helpers have done it.",
    ],
    # A handoff: the conversation goes on with another agent.
    "handoff": [
        [look("before")],
        [("transfer_to_helper", {})],
        [look("after")],
        "It is handed over and done.",
    ],
}
FINAL = [("final_answer", {"answer": "It is done."})]
PARTS |= {
    # One helper alone, asked with `task` (AutoGen, smolagents) or `request` (ADK).
    "lead_task": [[look("lead 1")], [("ask_helper", {"task": "Please play inner."})], "The helper has done it."],
    "lead_request": [
        [look("lead 1")],
        [("ask_helper", {"request": "Please play inner."}), ("ask_other", {"request": "Please play other."})],
        "The helpers have done it.",
    ],
    "transfer": [[look("before")], [("transfer_to_agent", {"agent_name": "helper"})], [look("after")], "It is handed over and done."],
    # smolagents ends with a tool.
    **{f"{name}_final": [*plain(name)[:2], FINAL] for name in ("single", "left", "right")},
    "lead_final": [[look("lead 1")], [("ask_helper", {"task": "Please play inner_final."})], FINAL],
    "inner_final": [[look("inner 1")], FINAL],
    "code": ["Thought: look.\n<code>\nprint(look(what='sleep 0.1; exit 3 # code 1'))\n</code>", "Thought: fail.\n<code>\nfail(what='code 2')\n</code>",
             "Thought: done.\n<code>\nfinal_answer('It is done.')\n</code>"],
    "after": [[look("after")], "It is handed over and done."],
    "cook": [[look("cook 1")], "The meal is made."],
    "waiter": [[look("waiter 1")], "The meal is brought."],
    "delegating": [
        [("delegate_work_to_coworker", {"task": "Please play inner.", "context": "None.", "coworker": "helper"})],
        "The coworker has done it.",
    ],
    "structured": [[look("structured 1")], [("final_result", {"answer": "yes"})]],
}  # fmt: skip


def bash(what):
    return ("Bash", {"command": f"sleep 0.1; exit 3 # {what}", "description": "Runs it."})


def task(part):
    return (
        "Task|Agent",
        {"description": "Help", "prompt": f"Please play {part}.", "subagent_type": "general-purpose"},
    )


def shell(what):
    return ("exec_command", {"cmd": f"sleep 0.1; exit 3 # {what}"})


PARTS |= {
    "claude": [
        [bash("claude 1")],
        [bash("claude 2"), ("Read", {"file_path": "/no/such/file"})],
        "It is done.",
    ],
    "claude_team": [
        [bash("team 1")],
        [task("claude_inner"), task("claude_other")],
        "The helpers have done it.",
    ],
    "claude_inner": [[bash("inner 1")], "The helper has found it."],
    "claude_other": [[bash("other 1")], "The other has found it."],
    "codex": [
        [shell("codex 1")],
        [shell("codex 2"), ("view_image", {"path": "/no/such/file"})],
        "It is done.",
    ],
}
