"""Converse's messages in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.model.operation import Content

_MEDIA = ("image", "document", "video", "audio")


def content_of(body: dict[str, Any]) -> Content:
    """`system` stands beside the history."""
    tools = objects(mapping(body, "toolConfig").get("tools"))
    return Content(
        input_messages=dumped(
            [message(m.get("role"), _parts(m.get("content"))) for m in objects(body.get("messages"))]
        ),
        system_instructions=dumped([_part(p) for p in objects(body.get("system")) if "text" in p]),
        tool_definitions=dumped([d for t in tools if (d := _definition(t))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any] | None:
    if system := mapping(tool, "systemTool"):
        return {"type": "system_tool", "name": str(system.get("name"))}
    said = mapping(tool, "toolSpec")
    if not isinstance(said.get("name"), str):
        return None
    told = {"type": "function", **{k: v for k, v in said.items() if k in ("name", "description")}}
    schema = mapping(said, "inputSchema").get("json")
    return told if schema is None else {**told, "parameters": schema}


def _parts(content: Any) -> list[Part]:
    return [_part(p) for p in objects(content)]


def _part(part: dict[str, Any]) -> Part:
    if isinstance(part.get("text"), str):
        return text_part(part["text"])
    if guarded := mapping(part, "guardContent", "text"):
        return text_part(str(guarded.get("text")))
    if thought := mapping(part, "reasoningContent"):
        return {"type": "reasoning", "content": str(mapping(thought, "reasoningText").get("text") or "")}
    if tool := mapping(part, "toolUse"):
        return call_part(str(tool.get("name")), tool.get("toolUseId"), tool.get("input"))
    if result := mapping(part, "toolResult"):
        return result_part(result.get("toolUseId"), result.get("content"))
    kind = next((k for k in _MEDIA if k in part), None)
    return _media(kind, mapping(part, kind)) if kind else {"type": next(iter(part), "unknown")}


def _media(kind: str, said: dict[str, Any]) -> Part:
    source = mapping(said, "source")
    mime = f"{kind}/{said['format']}" if kind != "document" and isinstance(said.get("format"), str) else None
    if isinstance(source.get("bytes"), str):
        return {"type": "blob", "modality": kind, "mime_type": mime, "content": source["bytes"]}
    if isinstance(uri := mapping(source, "s3Location").get("uri"), str):
        return {"type": "uri", "modality": kind, "mime_type": mime, "uri": uri}
    return {"type": kind}
