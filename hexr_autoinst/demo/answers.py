"""What the local model says: a scripted model in three vendors' published shapes. Pure functions of the request.

Shapes: OpenAI chat completions and Responses, Anthropic messages, as their API references give them,
unary and streamed. The "model" asks for its first tool once, then answers; asked for `words: N` it
says N words, so that a test can have an answer of any length. Tokens are counted in words.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]
_WORDS: Final = (
    "The",
    "sky",
    "over",
    "the",
    "loopback",
    "is",
    "clear",
    "and",
    "every",
    "token",
    "is",
    "counted",
)
_WANTED: Final = re.compile(r"words: (\d{1,7})")


class Refused(Exception):
    """The request is answered with an error: status and body."""

    def __init__(self, status: int, body: Json) -> None:
        """Keep both."""
        super().__init__(status)
        self.status = status
        self.body = body


def _id(prefix: str, request: Json) -> str:
    digest = hashlib.blake2b(json.dumps(request, sort_keys=True).encode(), digest_size=12).hexdigest()
    return f"{prefix}{digest}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(_text(v) for v in value)
    if isinstance(value, dict):
        return " ".join(_text(value[k]) for k in ("content", "text", "input", "output") if k in value)
    return ""


def words(request: Json) -> list[str]:
    """The answer, word by word."""
    asked = _WANTED.search(_text(request.get("messages") or request.get("input")))
    count = int(asked[1]) if asked else len(_WORDS)
    return [_WORDS[n % len(_WORDS)] for n in range(count)]


def input_tokens(request: Json) -> int:
    """One token a word, and one for each message."""
    said = request.get("messages") or request.get("input") or ""
    return len(_text(said).split()) + (len(said) if isinstance(said, list) else 1)


def _failing(request: Json) -> bool:
    return "fail: 429" in _text(request.get("messages") or request.get("input"))


def _tool(request: Json, answered: bool) -> Json | None:
    """The tool to ask for, once: (name)."""
    tools = request.get("tools") or []
    if not tools or answered:
        return None
    first = tools[0]
    return {"name": first.get("name") or first.get("function", {}).get("name"), "arguments": {"city": "Oslo"}}


def chat(request: Json) -> Json:
    """`POST /v1/chat/completions`, whole."""
    if _failing(request):
        error = {
            "message": "Rate limit reached",
            "type": "requests",
            "param": None,
            "code": "rate_limit_exceeded",
        }
        raise Refused(429, {"error": error})
    tool = _tool(request, any(m.get("role") == "tool" for m in request.get("messages", [])))
    said = words(request)
    message: Json = {"role": "assistant", "content": None if tool else " ".join(said), "refusal": None}
    if tool:
        message["tool_calls"] = [_chat_call(tool, _id("call_", request))]
    return {
        "id": _id("chatcmpl-", request),
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{request['model']}-2026-01-01",
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": "tool_calls" if tool else "stop",
            }
        ],
        "usage": _chat_usage(request, 3 if tool else len(said)),
        "service_tier": "default",
        "system_fingerprint": "fp_local",
    }


def _chat_call(tool: Json, call_id: str) -> Json:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": tool["name"], "arguments": json.dumps(tool["arguments"])},
    }


def _chat_usage(request: Json, output: int) -> Json:
    count = input_tokens(request)
    return {
        "prompt_tokens": count,
        "completion_tokens": output,
        "total_tokens": count + output,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def chat_stream(request: Json) -> Iterator[tuple[str, Json | str]]:
    """The same, as server-sent events: (event name, data)."""
    whole = chat(request)
    base = {k: whole[k] for k in ("id", "created", "model", "service_tier", "system_fingerprint")}
    base["object"] = "chat.completion.chunk"
    choice = whole["choices"][0]

    def chunk(delta: Json, finish: str | None = None) -> tuple[str, Json]:
        return "", {
            **base,
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        }

    yield chunk({"role": "assistant", "content": ""})
    if calls := choice["message"].get("tool_calls"):
        yield chunk({"tool_calls": [{"index": 0, **calls[0]}]})
    else:
        for word in words(request):
            yield chunk({"content": f"{word} "})
    yield chunk({}, choice["finish_reason"])
    if (request.get("stream_options") or {}).get("include_usage"):
        yield "", {**base, "choices": [], "usage": whole["usage"]}
    yield "", "[DONE]"


def responses(request: Json) -> Json:
    """`POST /v1/responses`, whole."""
    said = words(request)
    given = request.get("input")
    tool = _tool(
        request, isinstance(given, list) and any(i.get("type") == "function_call_output" for i in given)
    )
    if tool:
        output: list[Json] = [
            {
                "type": "function_call",
                "id": _id("fc_", request),
                "call_id": _id("call_", request),
                "name": tool["name"],
                "arguments": json.dumps(tool["arguments"]),
                "status": "completed",
            }
        ]
    else:
        part = {"type": "output_text", "text": " ".join(said), "annotations": []}
        output = [
            {
                "type": "message",
                "id": _id("msg_", request),
                "role": "assistant",
                "status": "completed",
                "content": [part],
            }
        ]
    count, made = input_tokens(request), 3 if tool else len(said)
    return {
        "id": _id("resp_", request),
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": f"{request['model']}-2026-01-01",
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": request.get("tools", []),
        "usage": {
            "input_tokens": count,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": count + made,
        },
    }


def responses_stream(request: Json) -> Iterator[tuple[str, Json | str]]:
    """The same, as server-sent events."""
    whole = responses(request)
    began = {**whole, "status": "in_progress", "output": [], "usage": None}
    number = 0

    def event(name: str, **more: Any) -> tuple[str, Json]:
        nonlocal number
        number += 1
        return name, {"type": name, "sequence_number": number - 1, **more}

    yield event("response.created", response=began)
    item = whole["output"][0]
    yield event("response.output_item.added", output_index=0, item={**item, "status": "in_progress"})
    if item["type"] == "message":
        where = {"item_id": item["id"], "output_index": 0, "content_index": 0}
        for word in words(request):
            yield event("response.output_text.delta", **where, delta=f"{word} ", logprobs=[])
        yield event("response.output_text.done", **where, text=item["content"][0]["text"], logprobs=[])
    yield event("response.output_item.done", output_index=0, item=item)
    yield event("response.completed", response=whole)


def messages(request: Json) -> Json:
    """`POST /v1/messages`, whole."""
    if _failing(request):
        raise Refused(
            429, {"type": "error", "error": {"type": "rate_limit_error", "message": "Too many requests"}}
        )
    blocks = [
        b for m in request.get("messages", []) if isinstance(m.get("content"), list) for b in m["content"]
    ]
    tool = _tool(request, any(b.get("type") == "tool_result" for b in blocks))
    said = words(request)
    block: Json = {"type": "text", "text": " ".join(said)}
    if tool:
        block = {
            "type": "tool_use",
            "id": _id("toolu_", request),
            "name": tool["name"],
            "input": tool["arguments"],
        }
    return {
        "id": _id("msg_", request),
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [block],
        "stop_reason": "tool_use" if tool else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": input_tokens(request),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 3 if tool else len(said),
        },
    }


def messages_stream(request: Json) -> Iterator[tuple[str, Json | str]]:
    """The same, as server-sent events."""
    whole = messages(request)
    block = whole["content"][0]
    usage = {**whole["usage"], "output_tokens": 1}
    began = {**whole, "content": [], "stop_reason": None, "usage": usage}
    empty = {**block, "input": {}} if block["type"] == "tool_use" else {"type": "text", "text": ""}
    events: list[Json] = [
        {"type": "message_start", "message": began},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "ping"},
    ]
    if block["type"] == "tool_use":
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events.append({"type": "content_block_delta", "index": 0, "delta": delta})
    else:
        events += [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f"{word} "}}
            for word in words(request)
        ]
    end = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events += [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": whole["usage"]["output_tokens"]}},
        {"type": "message_stop"},
    ]
    for one in events:
        yield one["type"], one
