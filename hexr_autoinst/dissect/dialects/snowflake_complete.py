"""Snowflake Cortex's complete: chat completions, but for tools, which stand in a list of contents. https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api

A choice has no index, its finish reason may be an empty text, a piece of it may be called `messages`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_RESULTS, Ask, last
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.lenient import mapping, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result

# No text of these is content: see `dissect.veil`.
_USE: Final = ("type", "tool_use_id", "name")
_KEPT: Final = (
    *OPENAI_CHAT.kept, "messages.content_list.type", "messages.content_list.tool_results.tool_use_id", "tools.tool_spec.name",
    *(f"choices.*.{at}{m}" for at in ("", "content_list.", "content_list.tool_use.") for m in _USE),
)  # fmt: skip


def ask(body: Any, content: bool) -> Ask:
    """The request's facts: the names of tools and the ids of their results stand where Bedrock has them."""
    found = OPENAI_CHAT.ask(body, content)
    body = body if isinstance(body, dict) else {}
    parts = [p for m in objects(body.get("messages")) for p in objects(m.get("content_list"))]
    results = (text(mapping(p, "tool_results").get("tool_use_id")) for p in parts)
    named = (text(mapping(t, "tool_spec").get("name")) for t in objects(body.get("tools")))
    return replace(
        found,
        tool_results=last([r for r in results if r], MOST_RESULTS),
        tool_definitions=tuple(n for n in named if n),
        extras=(),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    OPENAI_CHAT.whole(answer, _as_chat(value, "message"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One piece of a streamed answer. The last one has the usage; no other end is said."""
    OPENAI_CHAT.frame(answer, event, _as_chat(value, "delta"), at)
    answer.done = answer.done or bool(mapping(value, "usage"))


def _as_chat(value: dict[str, Any], said: str) -> dict[str, Any]:
    """The same in chat's places."""
    return {**value, "choices": [_choice(c, said) for c in objects(value.get("choices"))]}


def _choice(choice: dict[str, Any], said: str) -> dict[str, Any]:
    message = mapping(choice, said)
    if isinstance(choice.get("messages"), str):
        message = {**message, "content": choice["messages"]}
    # A streamed tool use is beside the text; a whole one is inside the list.
    uses = [message] if message.get("type") == "tool_use" else []
    uses += [u for p in objects(message.get("content_list")) if (u := mapping(p, "tool_use") or _flat(p))]
    uses = [u for n, u in enumerate(uses) if u not in uses[:n]]
    calls = [
        {"id": u.get("tool_use_id"), "function": {"name": u.get("name"), "arguments": u.get("input")}}
        for u in uses
    ]
    return {**choice, said: {**message, "tool_calls": calls}}


def _flat(part: dict[str, Any]) -> dict[str, Any]:
    return part if part.get("type") == "tool_use" else {}


def _answered(message: dict[str, Any]) -> Iterator[Result]:
    for part in objects(message.get("content_list")):
        if said := mapping(part, "tool_results"):
            yield Result(said.get("tool_use_id"), said.get("name"), value=said.get("content"))


SNOWFLAKE_COMPLETE: Final = Dialect(
    "snowflake_complete", OPENAI_CHAT.shaped, ask, frame, whole, kept=_KEPT, places=Places(results=_answered)
)
