"""MCP's words: its methods in every revision from 2024-11-05 to 2026-07-28. https://modelcontextprotocol.io/specification"""

import re
from typing import Final

_ASKED: Final = frozenset(
    {
        "initialize", "ping", "server/discover", "subscriptions/listen",
        "tools/list", "tools/call", "prompts/list", "prompts/get",
        "resources/list", "resources/read", "resources/templates/list", "resources/subscribe", "resources/unsubscribe",
        "completion/complete", "logging/setLevel", "tasks/get", "tasks/list", "tasks/cancel", "tasks/result", "tasks/update",
    }
)  # fmt: skip
# What a server asks of its client.
BACKWARDS: Final = frozenset({"sampling/createMessage", "elicitation/create", "roots/list"})
_TOLD: Final = frozenset(
    f"notifications/{name}"
    for name in (
        "initialized", "cancelled", "progress", "message", "resources/updated", "resources/list_changed", "tools/list_changed",
        "prompts/list_changed", "roots/list_changed", "elicitation/complete", "tasks/status", "subscriptions/acknowledged",
    )
)  # fmt: skip
METHODS: Final = _ASKED | BACKWARDS | _TOLD
# Only a client says these, so they tell which end of a pipe is which.
CLIENTS: Final = _ASKED - {"ping"} - frozenset(m for m in _ASKED if m.startswith("tasks/"))

TOOL_CALL: Final = "tools/call"
LISTEN: Final = "subscriptions/listen"  # a stream that its client closes when it has heard enough
STATELESS: Final = "2026-07-28"  # from this revision on, hanging up is how a call over HTTP is cancelled
_FORM: Final = re.compile(r"[A-Za-z][\w$.\-]{0,40}(?:/[\w$.\-]{1,40}){0,4}")
_META: Final = "io.modelcontextprotocol/"
VERSION_META: Final = _META + "protocolVersion"
CLIENT_META: Final = _META + "clientInfo"
SERVER_META: Final = _META + "serverInfo"


def operation(method: str) -> str:
    """The word that a span is named by: the method itself. One of an extension is told if it has a method's form."""
    if method == TOOL_CALL:
        return "call"
    return method if _FORM.fullmatch(method) else "_other"
