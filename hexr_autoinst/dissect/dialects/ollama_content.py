"""Ollama's messages and prompts in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import elements, mapping, objects
from hexr_autoinst.model.operation import Content


def chat_content(body: dict[str, Any]) -> Content:
    """System messages stay where they stand in the history."""
    definitions = [{"type": "function", **mapping(t, "function")} for t in objects(body.get("tools"))]
    return Content(
        input_messages=dumped([_message(m) for m in objects(body.get("messages"))]),
        tool_definitions=dumped(definitions),
    )


def prompt_content(body: dict[str, Any]) -> Content:
    """The prompt as the user's only message; `system` stands beside it."""
    parts = _said(body.get("prompt")) + _images(body)
    return Content(
        input_messages=dumped([message("user", parts)] if parts else []),
        system_instructions=dumped(list(_said(body.get("system")))),
    )


def _message(said: dict[str, Any]) -> dict[str, Any]:
    role = said.get("role")
    if role == "tool":
        return message(role, [result_part(said.get("tool_call_id"), said.get("content"))])
    thinking = said.get("thinking")
    parts: list[Part] = [{"type": "reasoning", "content": thinking}] if isinstance(thinking, str) else []
    parts += _said(said.get("content")) + _images(said)
    for call in objects(said.get("tool_calls")):
        function = mapping(call, "function")
        parts.append(call_part(function.get("name"), call.get("id"), function.get("arguments")))
    return message(role, parts)


def _said(said: Any) -> list[Part]:
    return [text_part(said)] if isinstance(said, str) and said else []


def _images(said: dict[str, Any]) -> list[Part]:
    """Base64, of a type that nobody states."""
    return [
        {"type": "blob", "modality": "image", "content": i}
        for i in elements(said.get("images"))
        if isinstance(i, str)
    ]
