"""Conversations' entries in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, data_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """What is new in this call: earlier entries are on the vendor's side. `instructions` stand beside them."""
    inputs = body.get("inputs")
    said = (
        [message("user", [text_part(inputs)])]
        if isinstance(inputs, str)
        else [_entry(e) for e in objects(inputs)]
    )
    instructions = body.get("instructions")
    return Content(
        input_messages=dumped(said),
        system_instructions=dumped([text_part(instructions)] if isinstance(instructions, str) else []),
        tool_definitions=dumped([_definition(t) for t in objects(body.get("tools"))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    kind = str(tool.get("type"))
    return {"type": kind, "name": kind, **mapping(tool, "function")}


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    match entry.get("type"):
        case "function.result":
            return message("tool", [result_part(entry.get("tool_call_id"), entry.get("result"))])
        case "function.call":
            call = call_part(entry.get("name"), entry.get("tool_call_id"), entry.get("arguments"))
            return message("assistant", [call])
        case _:
            return message(entry.get("role"), _parts(entry.get("content")))


def _parts(content: Any) -> list[Part]:
    if isinstance(content, str):
        return [text_part(content)]
    return [_part(p) for p in objects(content)]


def _part(part: dict[str, Any]) -> Part:
    match part.get("type"):
        case "text":
            return text_part(str(part.get("text")))
        case "image_url":
            url = part.get("image_url")
            return data_part(
                "image", str(mapping(part, "image_url").get("url") if isinstance(url, dict) else url)
            )
        case "document_url":
            return data_part("document", str(part.get("document_url")))
        case other:
            return {"type": str(other)}
