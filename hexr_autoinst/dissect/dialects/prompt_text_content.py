"""A prompt in the convention's schema. Only built when content may be kept."""

from typing import Any, Final

from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.lenient import objects
from hexr_autoinst.model.operation import Content

_PROMPTS: Final = ("prompt", "inputText", "inputs", "inputPrompt", "message")
_ROLES: Final = {"USER": "user", "CHATBOT": "assistant", "SYSTEM": "system", "TOOL": "tool"}


def content_of(body: dict[str, Any]) -> Content:
    """The prompt is what a user said; Command R has a history before it and a preamble beside it."""
    said = [body[k] for k in _PROMPTS if isinstance(body.get(k), str)]
    history = [
        message(_ROLES.get(str(h.get("role")), "user"), [text_part(h["message"])])
        for h in objects(body.get("chat_history"))
        if isinstance(h.get("message"), str)
    ]
    preamble = body.get("preamble")
    tools = [t for t in objects(body.get("tools")) if isinstance(t.get("name"), str)]
    return Content(
        input_messages=dumped([*history, *(message("user", [text_part(s)]) for s in said)]),
        system_instructions=dumped([text_part(preamble)]) if isinstance(preamble, str) else None,
        tool_definitions=dumped([{"type": "function", **t} for t in tools]),
    )
