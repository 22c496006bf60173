"""generateContent's contents in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.dialects.google_json import field, inside, some
from hexr_autoinst.model.operation import Content

_ROLES = {"model": "assistant", "function": "tool"}


def content_of(body: dict[str, Any]) -> Content:
    """`systemInstruction` stands beside the history."""
    return Content(
        input_messages=dumped([_message(c) for c in some(body.get("contents"))]),
        system_instructions=dumped(_parts(inside(body, "systemInstruction"))),
        tool_definitions=dumped([d for t in some(body.get("tools")) for d in _definitions(t)]),
    )


def _definitions(tool: dict[str, Any]) -> list[dict[str, Any]]:
    functions = some(field(tool, "functionDeclarations"))
    told = [{"type": "function", **_function(f)} for f in functions if isinstance(f.get("name"), str)]
    own = [k for k in tool if k not in ("functionDeclarations", "function_declarations")]
    return [*told, *({"type": name, "name": name} for name in own)]


def _function(said: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {k: v for k, v in said.items() if k in ("name", "description")}
    schema = said.get("parameters", field(said, "parametersJsonSchema"))
    return told if schema is None else {**told, "parameters": schema}


def _message(said: dict[str, Any]) -> dict[str, Any]:
    role = said.get("role")
    return message(_ROLES.get(role, role) if isinstance(role, str) else role, _parts(said))


def _parts(said: dict[str, Any]) -> list[Part]:
    return [_part(p) for p in some(said.get("parts"))]


def _part(part: dict[str, Any]) -> Part:
    if isinstance(part.get("text"), str):
        kind = "reasoning" if part.get("thought") is True else "text"
        return {**text_part(part["text"]), "type": kind}
    if (call := inside(part, "functionCall")) and isinstance(call.get("name"), str):
        return call_part(call["name"], _id(call), call.get("args") or {})
    if result := inside(part, "functionResponse"):
        return result_part(_id(result) or result.get("name"), result.get("response"))
    if (data := inside(part, "inlineData")) and isinstance(data.get("data"), str):
        return _media("blob", data, content=data["data"])
    uri = field(data := inside(part, "fileData"), "fileUri")
    if isinstance(uri, str):
        return _media("uri", data, uri=uri)
    return {"type": next((k for k in part if k != "thoughtSignature"), "unknown")}


def _id(said: dict[str, Any]) -> str | None:
    return said["id"] if isinstance(said.get("id"), str) else None


def _media(kind: str, said: dict[str, Any], **rest: str) -> Part:
    mime = str(field(said, "mimeType") or "")
    modality = mime.partition("/")[0] if mime.startswith(("image/", "audio/", "video/")) else "document"
    return {"type": kind, "modality": modality, "mime_type": mime, **rest}
