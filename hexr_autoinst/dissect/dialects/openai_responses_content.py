"""Responses' input in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, data_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """`instructions` stand beside the history; system messages inside `input` stay in it."""
    instructions = body.get("instructions")
    said = body.get("input")
    items = (
        [message("user", [text_part(said)])] if isinstance(said, str) else [_item(i) for i in objects(said)]
    )
    return Content(
        input_messages=dumped(items),
        system_instructions=dumped([text_part(instructions)]) if isinstance(instructions, str) else None,
        tool_definitions=dumped([_definition(t) for t in objects(body.get("tools"))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    """The schema wants a name: a tool that the vendor runs is named by its server or its type."""
    kind = str(tool.get("type"))
    return {"name": tool.get("server_label") or kind, **tool, "type": kind}


def _item(item: dict[str, Any]) -> dict[str, Any]:
    kind = str(item.get("type") or "message")
    if kind.endswith("_call_output"):
        return message("tool", [result_part(item.get("call_id"), item.get("output"))])
    if kind.endswith("_call"):
        name = item.get("name") or kind.removesuffix("_call")
        arguments = item.get("arguments") or item.get("input")
        return message("assistant", [call_part(name, item.get("call_id") or item.get("id"), arguments)])
    if kind == "reasoning":
        return message("assistant", [{**_part(p), "type": "reasoning"} for p in objects(item.get("summary"))])
    content = item.get("content")
    parts = [text_part(content)] if isinstance(content, str) else [_part(p) for p in objects(content)]
    return message(item.get("role"), parts)


def _part(part: dict[str, Any]) -> Part:
    match part.get("type"):
        case "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text":
            return text_part(str(part.get("text")))
        case "refusal":
            return text_part(str(part.get("refusal")))
        case "input_image" if isinstance(part.get("image_url"), str):
            return data_part("image", part["image_url"])
        case "input_image" | "input_file":
            modality = "image" if part.get("type") == "input_image" else "document"
            return {"type": "file", "modality": modality, "file_id": part.get("file_id")}
        case other:
            return {"type": str(other)}
