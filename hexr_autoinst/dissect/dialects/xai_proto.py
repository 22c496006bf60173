"""xAI's chat over gRPC, which its own SDK speaks: OpenAI's shape with numbers for names. https://github.com/xai-org/xai-proto

Its words for why an answer ended are the enumeration's. Calls that it runs itself stand among the client's, and say so.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.lenient import integer, mapping, objects, text
from hexr_autoinst.dissect.protocols.proto_json import COUNT, FLOAT, SAID, TEXT, Field, Table, many
from hexr_autoinst.dissect.thread import Places

_CLIENTS: Final = "client_side_tool"
_TICK: Final = 1e-10  # dollars
_REASONS: Final = (
    "",
    "REASON_MAX_LEN",
    "REASON_MAX_CONTEXT",
    "REASON_STOP",
    "REASON_TOOL_CALLS",
    "REASON_TIME_LIMIT",
)
_ROLES: Final = ("", "user", "assistant", "system", "function", "tool", "developer")
_RUN_BY: Final = (
    "", _CLIENTS, "web_search_tool", "x_search_tool", "code_execution_tool", "collections_search_tool", "mcp_tool", "attachment_search_tool",
)  # fmt: skip
_TIERS: Final = ("", "default", "priority")
_EMPTY: Final[Table] = {}
_CALLS: Final = many(
    "tool_calls",
    {
        1: Field("id", TEXT),
        2: Field("type", _RUN_BY),
        10: Field("function", {1: Field("name", TEXT), 2: Field("arguments", SAID)}),
    },
)
_SPOKEN: Final[Table] = {
    1: Field("content", SAID),
    2: Field("role", _ROLES),
    3: _CALLS,
    4: Field("reasoning_content", SAID),
}
_USAGE: Final[Table] = {
    1: Field("completion_tokens", COUNT), 2: Field("prompt_tokens", COUNT), 3: Field("total_tokens", COUNT), 6: Field("reasoning_tokens", COUNT),
    4: Field("prompt_tokens_details.text_tokens", COUNT), 5: Field("prompt_tokens_details.image_tokens", COUNT),
    7: Field("prompt_tokens_details.cached_tokens", COUNT), 11: Field("ticks", COUNT),
}  # fmt: skip
XAI_ASKED: Final[Table] = {
    1: many(
        "messages",
        {
            1: many("content", {1: Field("text", SAID), 2: Field("image_url", _EMPTY), 3: Field("file", _EMPTY)}), 2: Field("role", _ROLES),
            3: Field("name", TEXT), 4: _CALLS, 7: Field("tool_call_id", TEXT),
        },
    ),
    2: Field("model", TEXT), 3: Field("frequency_penalty", FLOAT), 7: Field("max_tokens", COUNT), 8: Field("n", COUNT),
    9: Field("presence_penalty", FLOAT), 10: Field("response_format", {1: Field("type", ("", "text", "json_object", "json_schema"))}),
    11: Field("seed", COUNT), 12: many("stop", TEXT), 14: Field("temperature", FLOAT), 15: Field("top_p", FLOAT), 16: Field("user", TEXT),
    17: many(
        "tools",
        {
            1: Field("function", {1: Field("name", TEXT)}), 3: Field("web_search", _EMPTY), 4: Field("x_search", _EMPTY), 5: Field("code_execution", _EMPTY),
            6: Field("collections_search", _EMPTY), 7: Field("mcp", _EMPTY), 8: Field("attachment_search", _EMPTY),
        },
    ),
    19: Field("reasoning_effort", ("", "low", "medium", "high", "none", "xhigh")), 22: Field("previous_response_id", TEXT),
}  # fmt: skip
_FINGERPRINT: Final = "system_fingerprint"
XAI_SAID: Final[Table] = {
    1: Field("id", TEXT), 6: Field("model", TEXT), 7: Field(_FINGERPRINT, TEXT), 9: Field("usage", _USAGE),
    2: many("choices", {1: Field("finish_reason", _REASONS), 2: Field("index", COUNT), 3: Field("message", _SPOKEN)}),
}  # fmt: skip
XAI_CHUNK: Final[Table] = {
    1: Field("id", TEXT), 4: Field("model", TEXT), 5: Field(_FINGERPRINT, TEXT), 6: Field("usage", _USAGE),
    2: many("choices", {1: Field("delta", _SPOKEN), 3: Field("finish_reason", _REASONS), 4: Field("index", COUNT)}),
}  # fmt: skip


def _ask(body: Any, content: bool) -> Ask:
    body = mapping(body)
    tools = [t if "function" in t else {"type": next(iter(t), None)} for t in objects(body.get("tools"))]
    named = [{**t, "type": "function"} if "function" in t else t for t in tools]
    messages = [_typed(m) for m in objects(body.get("messages"))]
    before = text(body.get("previous_response_id"))
    found = OPENAI_CHAT.ask({**body, "tools": named, "messages": messages}, content)
    return replace(found, extras=(("previous_response", before),) if before else ())


def _typed(message: dict[str, Any]) -> dict[str, Any]:
    """Parts have no type here but the member that they hold."""
    parts = [{"type": next(iter(p), "text"), **p} for p in objects(message.get("content"))]
    return {**message, "content": parts}


def _frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    OPENAI_CHAT.frame(answer, event, _clients(value, "delta"), at)


def _whole(answer: Answer, value: dict[str, Any]) -> None:
    OPENAI_CHAT.whole(answer, _clients(value, "message"))


def _clients(value: dict[str, Any], said: str) -> dict[str, Any]:
    """The answer with the client's calls alone, and what it has cost in dollars."""
    for choice in objects(value.get("choices")):
        spoken = mapping(choice, said)
        calls = [c for c in objects(spoken.get("tool_calls")) if c.get("type", _CLIENTS) == _CLIENTS]
        choice[said] = {**spoken, "tool_calls": calls}
    usage = mapping(value, "usage")
    if ticks := integer(usage.get("ticks")):
        usage["cost"] = ticks * _TICK
    return value


XAI_CHAT: Final = replace(
    OPENAI_CHAT,
    name="xai_chat",
    ask=_ask,
    frame=_frame,
    whole=_whole,
    places=replace(OPENAI_CHAT.places or Places(), after=("previous_response_id",)),
)
