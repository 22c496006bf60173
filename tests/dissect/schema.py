"""The convention's schemas of messages, said again and stricter: a part of a known type must be a whole one of that type.

https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai: gen-ai-input-messages.json,
gen-ai-output-messages.json, gen-ai-system-instructions.json, gen-ai-tool-definitions.json (there a generic part
with any `type` always fits).
"""

TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}
ANY = {}


def _part(kind, required, optional=()):
    fields = {"type": {"const": kind}, **required, **dict(optional)}
    return {"type": "object", "properties": fields, "required": ["type", *required]}


_SERVER = {"type": "object", "properties": {"type": TEXT}, "required": ["type"]}
_KNOWN = (
    _part("text", {"content": TEXT}),
    _part("reasoning", {"content": TEXT}),
    _part("tool_call", {"name": TEXT}, {"id": MAYBE, "arguments": ANY}),
    _part("tool_call_response", {"response": ANY}, {"id": MAYBE}),
    _part("server_tool_call", {"name": TEXT, "server_tool_call": _SERVER}, {"id": MAYBE}),
    _part("server_tool_call_response", {"server_tool_call_response": _SERVER}, {"id": MAYBE}),
    _part("blob", {"modality": TEXT, "content": TEXT}, {"mime_type": MAYBE}),
    _part("uri", {"modality": TEXT, "uri": TEXT}, {"mime_type": MAYBE}),
    _part("file", {"modality": TEXT, "file_id": TEXT}, {"mime_type": MAYBE}),
)
_NAMES = [part["properties"]["type"]["const"] for part in _KNOWN]
_OTHER = {
    "type": "object",
    "properties": {"type": {"type": "string", "not": {"enum": _NAMES}}},
    "required": ["type"],
}
PARTS = {"type": "array", "items": {"oneOf": [*_KNOWN, _OTHER]}}
_ROLE = {"role": TEXT, "parts": PARTS, "name": MAYBE}

SCHEMAS = {
    "input_messages": {
        "type": "array",
        "items": {"type": "object", "properties": _ROLE, "required": ["role", "parts"]},
    },
    "output_messages": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {**_ROLE, "finish_reason": TEXT},
            "required": ["role", "parts", "finish_reason"],
        },
    },
    "system_instructions": PARTS,
    "tool_definitions": {
        "type": "array",
        "items": {"type": "object", "properties": {"type": TEXT, "name": TEXT}, "required": ["type", "name"]},
    },
}
