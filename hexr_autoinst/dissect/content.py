"""Messages in the convention's JSON schemas, built only when content may be kept, and cut to a bound.

https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai (input-messages, output-messages,
system-instructions, tool-definitions). What a vendor calls these things is known to its dialect alone.
"""

import json
from typing import Any

from hexr_autoinst.dissect.answer import CONTENT, Answer, Call, Said
from hexr_autoinst.dissect.lenient import clean, elements, parse
from hexr_autoinst.model.operation import Content

Part = dict[str, Any]


def text_part(said: str) -> Part:
    """Text for or from the model."""
    return {"type": "text", "content": said}


def data_part(modality: str, url: str) -> Part:
    """An image, video or audio given by address, or inline as a data URL (RFC 2397)."""
    if not url.startswith("data:"):
        return {"type": "uri", "modality": modality, "uri": url}
    head, _, payload = url[5:].partition(",")
    return {"type": "blob", "modality": modality, "mime_type": head.split(";")[0], "content": payload}


def call_part(name: Any, id_: Any, arguments: Any) -> Part:
    """A tool call; its arguments as an object where they are one. A call without arguments streams no text for them."""
    found = parse(arguments or "{}") if isinstance(arguments, str) else arguments
    return {"type": "tool_call", "id": id_, "name": name, "arguments": arguments if found is None else found}


def result_part(id_: Any, response: Any) -> Part:
    """The answer of a tool."""
    return {"type": "tool_call_response", "id": id_, "response": response}


def message(role: Any, parts: list[Part]) -> dict[str, Any]:
    """One message of the history."""
    return {"role": role if isinstance(role, str) else "user", "parts": parts}


def prompted(said: Any) -> Content:
    """A prompt, or several, where there is no conversation: the user's words."""
    prompts = [said] if isinstance(said, str) else [s for s in elements(said) if isinstance(s, str)]
    return Content(input_messages=dumped([message("user", [text_part(p)]) for p in prompts if p]))


def dumped(values: list[Any]) -> str | None:
    """JSON text within the bound: the newest elements win. None where there is nothing to say."""
    kept: list[str] = []
    left = CONTENT
    for value in reversed(values):
        one = json.dumps(value, ensure_ascii=False)
        if len(one) > left:
            one = json.dumps(_shortened(value, max(left // 4, 64)), ensure_ascii=False)
        left -= len(one) + 1
        if left < 0:
            break
        kept.append(one)
    return clean(f"[{','.join(reversed(kept))}]", 2 * CONTENT) if kept else None


def json_text(value: Any) -> str:
    """One value as JSON text, cut at the bound."""
    return clean(json.dumps(value, ensure_ascii=False), CONTENT)


def _shortened(value: Any, most: int) -> Any:
    if isinstance(value, str):
        return value[:most]
    if isinstance(value, dict):
        return {k: _shortened(v, most) for k, v in value.items()}
    return [_shortened(v, most) for v in value] if isinstance(value, list) else value


def output_messages(answer: Answer) -> str | None:
    """One message for each choice, in choice order. The schema demands a reason and takes any text: of one that nobody states, none."""
    told, unsaid = [], "error" if answer.failure else ""
    for _, choice in sorted(answer.choices.items()):
        one = message("assistant", [_part(p) for p in choice.parts])
        told.append({**one, "finish_reason": choice.finish or unsaid})
    return dumped(told)


def _part(part: Said | Call) -> Part:
    if isinstance(part, Said):
        return {"type": part.kind, "content": "".join(part.pieces)}
    told = call_part(part.name, part.id, part.arguments)
    if not part.server:
        return told
    details = {"type": part.name, "arguments": told["arguments"]}
    return {"type": "server_tool_call", "id": part.id, "name": part.name, "server_tool_call": details}
