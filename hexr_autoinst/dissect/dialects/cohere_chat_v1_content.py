"""The first chat API's messages in the convention's schema. Only built when content may be kept."""

from typing import Any

from hexr_autoinst.dissect.content import Part, call_part, dumped, message, result_part, text_part
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.model.operation import Content


def content_of(body: dict[str, Any]) -> Content:
    """The history, the message, then the results that go with it; `preamble` stands beside them."""
    told = [_message(m) for m in objects(body.get("chat_history"))]
    if isinstance(body.get("message"), str) and body["message"]:
        told.append(message("user", [text_part(body["message"])]))
    if results := _results(body):
        told.append(message("tool", results))
    preamble = body.get("preamble")
    return Content(
        input_messages=dumped(told),
        system_instructions=dumped([text_part(preamble)] if isinstance(preamble, str) and preamble else []),
        tool_definitions=dumped([_definition(t) for t in objects(body.get("tools"))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    told = {"type": "function", "name": tool.get("name"), "description": tool.get("description")}
    return {**told, "parameters": tool.get("parameter_definitions")}


def _message(said: dict[str, Any]) -> dict[str, Any]:
    # USER, CHATBOT, SYSTEM, TOOL, in any case
    role = str(said.get("role")).lower().replace("chatbot", "assistant")
    parts: list[Part] = [text_part(said["message"])] if isinstance(said.get("message"), str) else []
    parts += [call_part(c.get("name"), None, c.get("parameters")) for c in objects(said.get("tool_calls"))]
    return message(role, parts + _results(said))


def _results(said: dict[str, Any]) -> list[Part]:
    return [
        {**result_part(None, r.get("outputs")), "name": mapping(r, "call").get("name")}
        for r in objects(said.get("tool_results"))
    ]
