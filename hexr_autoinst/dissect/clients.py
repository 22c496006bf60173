"""How known clients name their conversation in header fields of a model call. A table, and nothing of what it is used for.

Claude Code: `x-claude-code-session-id` since 2.1.86, and the sub-agent in `x-claude-code-agent-id`
(https://code.claude.com/docs/en/llm-gateway). Codex: `session_id` and `conversation_id`, later `session-id` and `thread-id`
(https://github.com/openai/codex, codex-api). Others do as these two.
"""

from typing import Final

from hexr_autoinst.dissect.lenient import text
from hexr_autoinst.model.exchange import Headers

# Kind of id → the fields that may hold it. A session may hold several threads, and those of sub-agents.
_IDS: Final = (
    ("session", ("x-claude-code-session-id", "session-id", "session_id", "x-opencode-session", "x-qwen-code-session-id")),
    ("thread", ("thread-id", "conversation_id")),
    ("agent", ("x-claude-code-agent-id", "x-openai-subagent")),
)  # fmt: skip
FIELDS: Final = tuple(name for _, names in _IDS for name in names)


def ids(headers: Headers) -> tuple[tuple[str, str], ...]:
    """What the client says."""
    found = ((kind, next((s for n in names if (s := text(headers.get(n)))), None)) for kind, names in _IDS)
    return tuple((kind, said) for kind, said in found if said)


def conversation(headers: Headers) -> str | None:
    """The conversation's own id: its thread's, where the client has a name for that, else its session's."""
    said = dict(ids(headers))
    return said.get("thread") or said.get("session")
