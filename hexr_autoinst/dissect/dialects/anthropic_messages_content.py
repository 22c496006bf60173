"""Messages' history in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """`system` stands beside the history."""
    return Content(
        input_messages=dumped(
            [message(m.get("role"), _parts(m.get("content"))) for m in objects(body.get("messages"))]
        ),
        system_instructions=dumped(_parts(body.get("system"))),
        tool_definitions=dumped([_definition(t) for t in objects(body.get("tools"))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    kind = tool.get("type") or "function"
    told = {"type": "function" if kind == "custom" else kind, "name": tool.get("name")}
    if "description" in tool:
        told["description"] = tool["description"]
    return {**told, "parameters": tool["input_schema"]} if "input_schema" in tool else told


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
        case "tool_use":
            return call_part(part.get("name"), part.get("id"), part.get("input"))
        case "tool_result":
            return result_part(part.get("tool_use_id"), part.get("content"))
        case "image" | "document" as modality:
            return _source(str(modality), mapping(part, "source"))
        case other:
            return {"type": str(other)}


def _source(modality: str, source: dict[str, Any]) -> Part:
    match source.get("type"):
        case "base64":
            return {
                "type": "blob",
                "modality": modality,
                "mime_type": source.get("media_type"),
                "content": source.get("data"),
            }
        case "url":
            return {"type": "uri", "modality": modality, "uri": source.get("url")}
        case "file":
            return {"type": "file", "modality": modality, "file_id": source.get("file_id")}
        case _:
            return text_part(str(source.get("data")))
