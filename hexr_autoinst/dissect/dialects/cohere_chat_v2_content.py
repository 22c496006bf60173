"""The second chat API's messages in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, data_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """System messages stay where they stand in the history; documents stand beside it and are none of its messages."""
    return Content(
        input_messages=dumped([_message(m) for m in objects(body.get("messages"))]),
        tool_definitions=dumped(
            [{"type": "function", **mapping(t, "function")} for t in objects(body.get("tools"))]
        ),
    )


def _message(said: dict[str, Any]) -> dict[str, Any]:
    role = said.get("role")
    if role == "tool":
        return message(role, [result_part(said.get("tool_call_id"), said.get("content"))])
    plan = said.get("tool_plan")
    parts: list[Part] = [{"type": "reasoning", "content": plan}] if isinstance(plan, str) and plan else []
    parts += _parts(said.get("content"))
    for call in objects(said.get("tool_calls")):
        function = mapping(call, "function")
        parts.append(call_part(function.get("name"), call.get("id"), function.get("arguments")))
    return message(role, parts)


def _parts(content: Any) -> list[Part]:
    if isinstance(content, str):
        return [text_part(content)]
    return [_part(p) for p in objects(content)]


def _part(part: dict[str, Any]) -> Part:
    match part.get("type"):
        case "text":
            return text_part(str(part.get("text")))
        case "thinking":
            return {"type": "reasoning", "content": str(part.get("thinking"))}
        case "image_url":
            return data_part("image", str(mapping(part, "image_url").get("url")))
        case other:
            return {"type": str(other)}
