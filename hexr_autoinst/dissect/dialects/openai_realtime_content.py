"""What is said in Realtime, in the convention's schema. Only built when content may be kept; sound itself never is."""

from typing import Any, Final

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import objects, text
from hexr_autoinst.model.operation import Content

_LONGEST: Final = 16 << 10  # characters of one text that waits for the response it is said for


def content_of(body: dict[str, Any], said: str | None) -> Content:
    """`said`: what was said for a response, dumped."""
    instructions = text(body.get("instructions"), _LONGEST)
    tools = [_definition(t) for t in objects(body.get("tools"))]
    return Content(said, None, dumped([text_part(instructions)]) if instructions else None, dumped(tools))


def said_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    """An item that the client puts into the conversation, as a message; none where it is nothing that is said."""
    match item.get("type"):
        case "message":
            return [message(item.get("role"), [_part(p) for p in objects(item.get("content"), 64)])]
        case "function_call_output":
            answer = text(item.get("output"), _LONGEST) or ""
            return [message("tool", [result_part(text(item.get("call_id")), answer)])]
        case "function_call":
            named = text(item.get("name")) or "", text(item.get("call_id"))
            return [message("assistant", [call_part(*named, text(item.get("arguments"), _LONGEST))])]
        case _:
            return []


def _part(part: dict[str, Any]) -> Part:
    said = text(part.get("text"), _LONGEST) or text(part.get("transcript"), _LONGEST)
    kind = text(part.get("type")) or "unknown"
    return text_part(said or "") if said or kind.endswith("text") else {"type": kind}


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    """The schema wants a name: a server's tools are named by it."""
    kind = text(tool.get("type")) or "function"
    return {"name": text(tool.get("server_label")) or kind, **tool, "type": kind}
