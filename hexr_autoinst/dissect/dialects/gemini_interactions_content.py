"""Interactions' input in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.dialects.google_json import some
from hexr_autoinst.dissect.lenient import objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """The input is a text, parts, or steps; `system_instruction` stands beside it."""
    said, system = body.get("input"), body.get("system_instruction")
    steps = [message("user", [text_part(said)])] if isinstance(said, str) else [_step(s) for s in some(said)]
    return Content(
        input_messages=dumped(steps),
        system_instructions=dumped([text_part(system)]) if isinstance(system, str) else None,
        tool_definitions=dumped([_definition(t) for t in objects(body.get("tools"))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    kind = str(tool.get("type") or "function")
    told = {"type": kind, "name": str(tool.get("name") or kind)}
    return {**told, **{k: tool[k] for k in ("description", "parameters") if k in tool}}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    kind = str(step.get("type"))
    if kind.endswith("_result"):
        return message("tool", [result_part(step.get("call_id"), step.get("result"))])
    if kind.endswith("_call"):
        name = str(step.get("name") or kind.removesuffix("_call"))
        return message("assistant", [call_part(name, step.get("id"), step.get("arguments") or {})])
    if kind == "thought":
        parts = [_part(p) for p in some(step.get("summary"))]
        return message("assistant", [{**p, "type": "reasoning"} for p in parts if p["type"] == "text"])
    if "content" in step:
        said = step["content"]
        parts = [text_part(said)] if isinstance(said, str) else [_part(p) for p in some(said)]
        model = kind == "model_output" or step.get("role") == "model"
        return message("assistant" if model else "user", parts)
    return message("user", [_part(step)])


def _part(part: dict[str, Any]) -> Part:
    kind, mime = str(part.get("type")), part.get("mime_type")
    if kind == "text":
        return text_part(str(part.get("text")))
    if isinstance(part.get("data"), str):
        return {"type": "blob", "modality": kind, "mime_type": mime, "content": part["data"]}
    if isinstance(part.get("uri"), str):
        return {"type": "uri", "modality": kind, "mime_type": mime, "uri": part["uri"]}
    return {"type": kind}
