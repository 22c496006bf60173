"""Which AI packages a process runs from: by its files, its arguments and the imports of its own script. Data first.

What is merely installed is no hint. A script is read (64 KiB of it) for its import lines alone; nothing of it is kept.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

# Spelled as packages are; dots and dashes of a distribution's name become what the table says.
_PACKAGES: Final = frozenset({
    "langgraph", "langchain", "langchain_core", "crewai", "autogen", "autogen_agentchat", "autogen_core", "ag2",
    "pydantic_ai", "smolagents", "google.adk", "strands", "semantic_kernel", "agent_framework", "agno",
    "claude_agent_sdk", "dspy", "haystack", "llama_index", "instructor", "litellm", "aider", "browser_use",
    "openai", "anthropic", "google.genai", "mistralai", "cohere", "groq", "ollama", "mcp", "fastmcp",
})  # fmt: skip
_RENAMED: Final = {
    "agents": "openai-agents",  # the OpenAI Agents SDK imports as `agents`: only with its own names is it a hint
    "google.adk": "google-adk", "google.genai": "google-genai",
    "@openai/agents": "openai-agents", "@openai/codex": "codex", "@anthropic-ai/claude-code": "claude-code",
    "@anthropic-ai/claude-agent-sdk": "claude-agent-sdk", "@anthropic-ai/sdk": "anthropic",
    "@langchain/langgraph": "langgraph", "@langchain/core": "langchain", "@google/adk": "google-adk",
    "@google/gemini-cli": "gemini-cli", "@google/genai": "google-genai", "@mastra/core": "mastra",
    "@modelcontextprotocol/sdk": "mcp", "@mistralai/mistralai": "mistralai", "ai": "ai-sdk",
    "llamaindex": "llamaindex", "opencode-ai": "opencode", "openai": "openai", "cohere-ai": "cohere",
    "groq-sdk": "groq", "ollama": "ollama", "langchain": "langchain",
}  # fmt: skip
_COMMANDS: Final = {
    "claude": "claude-code", "codex": "codex", "gemini": "gemini-cli", "opencode": "opencode", "aider": "aider",
    "crewai": "crewai", "langgraph": "langgraph", "adk": "google-adk", "smolagent": "smolagents",
    "autogenstudio": "autogen", "litellm": "litellm", "ollama": "ollama",
}  # fmt: skip
_AGENTS_SDK: Final = re.compile(
    rb"^\s*from\s+agents\s+import\s.*\b(Agent|Runner|function_tool)\b", re.MULTILINE
)
_PYTHON: Final = re.compile(
    rb"^\s*(?:from\s+([A-Za-z_][\w.]*)\s+import\s+([\w, ]*)|import\s+([\w., ]+))", re.MULTILINE
)
_NODE: Final = re.compile(rb"""(?:\bfrom\s*|\brequire\(\s*|\bimport\(?\s*)['"](@?[\w./-]+)['"]""")
_PLACED: Final = re.compile(
    r"/(?:site-packages|dist-packages|node_modules)/(@[^/]+/[^/]+|[^/]+)(?:/([^/]+))?"
)
_SCRIPTS: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts")
_LONGEST_SCRIPT: Final = 1 << 16
_MOST: Final = 16


def hints(place: Path, exe: str, args: tuple[str, ...], mapped: tuple[str, ...]) -> tuple[str, ...]:
    """Names of packages, most telling last place not implied; `place` is the process's folder in /proc."""
    found: dict[str, None] = {}
    for path in (exe, *args[:4], *mapped):
        found.update(dict.fromkeys(_by_path(path)))
    for name in (PurePosixPath(a).name for a in (exe, *args[:2])):
        if name in _COMMANDS:
            found[_COMMANDS[name]] = None
    module = _module(args)
    if module:
        found.update(dict.fromkeys(_python_name(module)))
    script = _script(place, args, module)
    if script:
        found.update(dict.fromkeys(_imports(script)))
    return tuple(found)[:_MOST]


def _by_path(path: str) -> Iterator[str]:
    """A file below a package's own folder: it runs from there."""
    for match in _PLACED.finditer(path):
        package, below = match.groups()
        if package.startswith("@") or "/node_modules/" in match.group(0):
            yield from _node_name(package)
        else:
            yield from _python_name(f"{package}.{below}" if below else package)


def _python_name(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    for name in (parts[0], ".".join(parts[:2])):
        if name in _PACKAGES:
            yield _RENAMED.get(name, name)


def _node_name(path: str) -> Iterator[str]:
    parts = path.split("/")
    name = "/".join(parts[:2]) if path.startswith("@") else parts[0]
    if name in _RENAMED and name != "agents":
        yield _RENAMED[name]


def _module(args: tuple[str, ...]) -> str:
    """The module of `python -m module`."""
    after = args[args.index("-m") + 1 :] if "-m" in args[:8] else ()
    return after[0] if after and "python" in PurePosixPath(args[0]).name else ""


def _script(place: Path, args: tuple[str, ...], module: str) -> bytes:
    """The beginning of the agent's own source file, if it is one we can name."""
    if module:
        below = module.replace(".", "/")
        names = [f"{below}.py", f"{below}/__main__.py", f"{below}/__init__.py"]
    else:
        names = [a for a in args[1:6] if a.endswith(_SCRIPTS)][:1]
        # A console script or a shebang has no suffix: the first argument that is a path.
        names += [a for a in args[1:2] if a.startswith("/") and a not in names]
    return next((data for name in names if (data := _source(place, name))), b"")


def _source(place: Path, name: str) -> bytes:
    """A regular file as the process itself would find it. Looked at before it is opened: a device or pipe is left alone."""
    base = "root" if name.startswith("/") else "cwd"
    path = place / base / name.lstrip("/")
    try:
        held = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):
        return b""
    try:
        if not stat.S_ISREG(os.fstat(held).st_mode):
            return b""
        with Path(f"/proc/self/fd/{held}").open("rb") as file:
            return file.read(_LONGEST_SCRIPT)
    except OSError:
        return b""
    finally:
        os.close(held)


def _imports(source: bytes) -> Iterator[str]:
    if _AGENTS_SDK.search(source):
        yield _RENAMED["agents"]
    for base, names, plain in _PYTHON.findall(source):
        spelled = [base, *(base + b"." + n.strip() for n in names.split(b","))] if base else plain.split(b",")
        for one in spelled:
            yield from _python_name(one.strip().decode("ascii", "replace").partition(" ")[0])
    for name in _NODE.findall(source):
        yield from _node_name(name.decode("ascii", "replace"))
