"""Which framework an agent is built on: a table of marks, the most telling first. Nothing else."""

from functools import lru_cache
from typing import Final

# (mark, framework). A mark is compared with a process's hints (whole) and sought in a client's own
# description of itself (User-Agent and the like). Frameworks stand before the client libraries they
# carry: a program that has both langgraph and openai loaded is a langgraph program.
_TABLE: Final = (
    ("claude-code", "claude-code"), ("claude-cli", "claude-code"), ("codex", "codex"), ("codex_cli", "codex"),
    ("gemini-cli", "gemini-cli"), ("opencode", "opencode"), ("aider", "aider"),
    ("langgraph", "langgraph"), ("crewai", "crewai"), ("autogen", "autogen"), ("autogen_agentchat", "autogen"),
    ("autogen_core", "autogen"), ("ag2", "ag2"), ("openai-agents", "openai-agents"),
    ("openai_agents", "openai-agents"), ("agents/python", "openai-agents"), ("agents/javascript", "openai-agents"),
    ("pydantic_ai", "pydantic-ai"), ("pydantic-ai", "pydantic-ai"), ("smolagents", "smolagents"),
    ("google-adk", "google-adk"), ("google.adk", "google-adk"), ("google_adk", "google-adk"),
    ("strands", "strands"), ("strands-agents", "strands"), ("semantic_kernel", "semantic-kernel"),
    ("semantic-kernel", "semantic-kernel"), ("agent_framework", "agent-framework"), ("agno", "agno"),
    ("mastra", "mastra"), ("claude_agent_sdk", "claude-agent-sdk"), ("claude-agent-sdk", "claude-agent-sdk"),
    ("dspy", "dspy"), ("haystack", "haystack"), ("llama_index", "llamaindex"), ("llama-index", "llamaindex"),
    ("llamaindex", "llamaindex"), ("langchain", "langchain"), ("langchain_core", "langchain"),
    ("browser_use", "browser-use"),
    ("instructor", "instructor"), ("ai-sdk", "ai-sdk"), ("litellm", "litellm"),
    ("openai", "openai"), ("anthropic", "anthropic"), ("google-genai", "google-genai"),
    ("mistralai", "mistralai"), ("mistral-client", "mistralai"), ("cohere", "cohere"), ("groq", "groq"),
    ("ollama", "ollama"),
)  # fmt: skip


@lru_cache(maxsize=1024)  # the same few clients say the same of themselves with every call
def framework(hints: tuple[str, ...], client: str = "") -> str:
    """The first of the table that a hint names or that the client's description holds; "" if none."""
    marks = {h.lower() for h in hints}
    told = client.lower()
    return next((name for mark, name in _TABLE if mark in marks or _said(mark, told)), "")


def _said(mark: str, told: str) -> bool:
    """At the start of a word: `OpenAI/Python 1.2` says openai, `notopenai/1` and `x-strandsome` do not."""
    at = told.find(mark)
    while at >= 0:
        end = at + len(mark)
        before = at == 0 or not told[at - 1].isalnum()
        after = end == len(told) or not told[end].isalnum()
        if before and after:
            return True
        at = told.find(mark, at + 1)
    return False
