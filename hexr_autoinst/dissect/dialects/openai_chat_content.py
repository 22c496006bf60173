"""Chat completions' messages in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, data_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """System messages stay where they stand in the history: this API has no other place for them."""
    definitions = [_definition(t) for t in objects(body.get("tools"))]
    definitions += [{"type": "function", **f} for f in objects(body.get("functions"))]
    return Content(
        input_messages=dumped([_message(m) for m in objects(body.get("messages"))]),
        tool_definitions=dumped(definitions),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    """Named by its details, wherever they stand (Workers AI: in the tool itself, Snowflake: in `tool_spec`), else by its kind."""
    kind = str(tool.get("type") or "function")
    details = mapping(tool, kind) or mapping(tool, "tool_spec") or tool
    return {"type": kind, **details, "name": details.get("name") or kind}


def _message(said: dict[str, Any]) -> dict[str, Any]:
    role = said.get("role")
    if role == "tool":
        return message(role, [result_part(said.get("tool_call_id"), said.get("content"))])
    parts = _parts(said.get("content"))
    for call in objects(said.get("tool_calls")):
        function = mapping(call, "function") or mapping(call, "custom")
        parts.append(
            call_part(
                function.get("name"), call.get("id"), function.get("arguments") or function.get("input")
            )
        )
    if legacy := mapping(said, "function_call"):
        parts.append(call_part(legacy.get("name"), None, legacy.get("arguments")))
    told = message(role, parts)
    return {**told, "name": said["name"]} if isinstance(said.get("name"), str) else told


def _parts(content: Any) -> list[Part]:
    if isinstance(content, str):
        return [text_part(content)]
    return [_part(p) for p in objects(content)]


def _part(part: dict[str, Any]) -> Part:
    match part.get("type"):
        case "text":
            return text_part(str(part.get("text")))
        case "refusal":
            return text_part(str(part.get("refusal")))
        case "image_url":
            return data_part("image", str(mapping(part, "image_url").get("url")))
        case "input_audio":
            audio = mapping(part, "input_audio")
            mime = f"audio/{audio.get('format')}"
            return {"type": "blob", "modality": "audio", "mime_type": mime, "content": audio.get("data")}
        case "file":
            return {"type": "file", "modality": "document", "file_id": mapping(part, "file").get("file_id")}
        case other:
            return {"type": str(other)}
