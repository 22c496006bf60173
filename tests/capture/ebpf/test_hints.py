import os

import pytest

from hexr_autoinst.capture.ebpf.hints import hints
from hexr_autoinst.correlate.framework import framework


@pytest.fixture
def place(tmp_path):
    """A process's folder in /proc with a root and a working folder of our own."""
    for name in ("root", "cwd"):
        (tmp_path / name).mkdir()

    def seen(args, source=None, name="agent.py", exe="/usr/bin/python3.11", mapped=(), base="cwd"):
        if source is not None:
            path = tmp_path / base / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return hints(tmp_path, exe, args, mapped)

    return seen


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from langgraph.graph import StateGraph\nimport openai\n", ("langgraph", "openai")),
        ("import os, crewai as c\n", ("crewai",)),
        ("from agents import Agent, Runner\n", ("openai-agents",)),
        ("from agents import something_of_my_own\n", ()),
        ("from google.adk.agents import LlmAgent\n", ("google-adk",)),
        ("from google import genai\n", ("google-genai",)),
        ("    import anthropic\n", ("anthropic",)),
        ("# import openai\nprint('import crewai')\n", ()),
        ("import openaix\nimport my.openai\n", ()),
    ],
)  # fmt: skip
def test_a_python_script_says_by_its_imports_what_it_is_built_on(place, source, expected):
    assert place(("python3", "agent.py"), source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import { Agent } from "@openai/agents"\n', ("openai-agents",)),
        ("const OpenAI = require('openai')\n", ("openai",)),
        ('await import("@langchain/langgraph/web")\n', ("langgraph",)),
        ('import x from "./openai"\n', ()),
        ('import { generateText } from "ai"\n', ("ai-sdk",)),
    ],
)
def test_a_node_script_says_it_likewise(place, source, expected):
    assert place(("node", "agent.mjs"), source, "agent.mjs", "/usr/bin/node") == expected


def test_a_module_is_looked_up_from_the_working_folder(place):
    assert place(("python3", "-m", "app.main"), "import smolagents\n", "app/main.py") == ("smolagents",)


def test_a_framework_that_is_run_as_a_module_is_a_hint_itself(place):
    assert place(("python3", "-m", "crewai", "run")) == ("crewai",)


def test_an_absolute_script_is_found_in_the_root_of_the_process(place):
    assert place(("python3", "/app/agent.py"), "import dspy\n", "/app/agent.py", base="root") == ("dspy",)


def test_a_console_script_without_suffix_is_read(place):
    assert place(("python3", "/venv/bin/serve"), "import litellm\n", "/venv/bin/serve", base="root") == (
        "litellm",
    )


@pytest.mark.parametrize(
    ("exe", "args", "expected"),
    [
        ("/usr/bin/node", ("node", "/x/node_modules/@anthropic-ai/claude-code/cli.js"), ("claude-code",)),
        ("/root/.local/share/claude/claude", ("claude",), ("claude-code",)),
        ("/usr/bin/python3", ("python3", "/usr/bin/aider"), ("aider",)),
        ("/x/node_modules/@openai/codex/bin/codex", ("codex",), ("codex",)),
        ("/usr/bin/bash", ("bash",), ()),
    ],
)  # fmt: skip
def test_known_commands_and_the_folder_they_run_from_are_hints(place, exe, args, expected):
    assert place(args, exe=exe) == expected


def test_a_mapped_file_below_a_package_is_a_hint_and_what_is_beside_it_is_not(place):
    mapped = (
        "/v/lib/python3.11/site-packages/litellm/x.so",
        "/v/lib/python3.11/site-packages/pydantic_core/y.so",
    )
    assert place(("python3",), mapped=mapped) == ("litellm",)


def test_only_the_beginning_of_a_script_is_read(place):
    assert place(("python3", "agent.py"), "#" * 70_000 + "\nimport openai\n") == ()


def test_a_pipe_in_the_place_of_the_script_is_left_alone(place, tmp_path):
    os.mkfifo(tmp_path / "cwd" / "agent.py")
    assert place(("python3", "agent.py")) == ()


@pytest.mark.parametrize("args", [(), ("python3",), ("python3", "-m"), ("python3", "\0bad.py"), ("-m", "x")])
def test_odd_arguments_are_no_hint_and_no_error(place, args):
    assert place(args) == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import langgraph, openai", "langgraph"),
        ("from agents import Runner", "openai-agents"),
        ("import google.adk", "google-adk"),
    ],
)
def test_the_hints_are_words_that_the_framework_rule_knows(place, source, expected):
    assert framework(place(("python3", "agent.py"), source)) == expected
