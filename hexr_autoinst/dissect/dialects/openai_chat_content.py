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
            return data_part("image", _address(part.get("image_url")))
        case "input_audio":
            return _sound(part.get("input_audio"))
        case "file":
            return {"type": "file", "modality": "document", "file_id": mapping(part, "file").get("file_id")}
        case _:
            return _mistrals(part)


def _mistrals(part: dict[str, Any]) -> Part:
    """What Mistral has besides. https://docs.mistral.ai/api/endpoint/chat"""
    match part.get("type"):
        case "thinking":
            thought = part.get("thinking")
            return {"type": "reasoning", "content": thought if isinstance(thought, str) else _texts(thought)}
        case "document_url":
            return data_part("document", _address(part.get("document_url")))
        case other:
            return {"type": str(other)}


def _address(said: Any) -> str:
    """An object with an address, or (Mistral's) the address."""
    return str(said.get("url") if isinstance(said, dict) else said)


def _sound(said: Any) -> Part:
    """Sound and its format, or (Mistral's) an address, or the sound alone."""
    if isinstance(said, str) and said.startswith(("http", "data:")):
        return data_part("audio", said)
    if isinstance(said, str):
        return {"type": "blob", "modality": "audio", "content": said}
    audio = mapping({"": said}, "")
    return {
        "type": "blob",
        "modality": "audio",
        "mime_type": f"audio/{audio.get('format')}",
        "content": audio.get("data"),
    }


def _texts(parts: Any) -> str:
    return "".join(str(p.get("text", "")) for p in objects(parts))
