"""Anthropic's Messages. https://docs.claude.com/en/api/messages and /messages-streaming

A whole answer's blocks and a stream's `content_block_start` are read by the same lines.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.anthropic_messages_content import content_of
from hexr_autoinst.dissect.dialects.anthropic_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.anthropic_usage import take_usage
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Sampling

_SERVER_RUN: Final = frozenset({"server_tool_use", "mcp_tool_use"})
_SPOKEN: Final = {"text": "text", "thinking": "reasoning"}
_DELTAS: Final = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
_SILENT: Final = frozenset({"citations_delta", "compaction_delta"})  # output, but no text of the answer
# No text of these is content: see `dissect.veil`. What a message keeps stands in a stream's first event too.
_BLOCK: Final = ("type", "id", "name")
_MESSAGE: Final = ("id", "model!", "role", "stop_reason", *USAGE, *(f"content.{m}" for m in _BLOCK))
_KEPT: Final = (
    *_MESSAGE, "service_tier", "mcp_servers.name", "tools.mcp_server_name", *(f"message.{m}" for m in _MESSAGE), *(f"content_block.{m}" for m in _BLOCK), "content_block.to.model!", "delta.type",
    "delta.stop_reason", "messages.role", "messages.content.type", "messages.content.tool_use_id", "tool_choice.type", "tools.name",
    "tools.type", "stop_sequences!", "thread.type", "thread.previous_message_id", "output_config.format.type", "output_config.effort", "output_format.type",
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A model by name, messages with roles, and the limit that this API alone demands."""
    messages = body.get("messages") if isinstance(body, dict) else None
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(
            isinstance(m, dict) and m.get("role") in ("user", "assistant", "system") for m in messages[:4]
        )
        and isinstance(body.get("model"), str)
        and integer(body.get("max_tokens")) is not None
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    named = [t.get("name") or t.get("mcp_server_name") or t.get("type") for t in objects(body.get("tools"))]
    servers = [s.get("name") for s in objects(body.get("mcp_servers"))]
    named += [s for s in servers if s not in named]
    tier, before = text(body.get("service_tier")), text(mapping(body, "thread").get("previous_message_id"))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=_sampling(body),
        tool_results=_results(body),
        tool_definitions=tuple(n for name in named if (n := text(name))),
        extras=(
            *((("request_tier", tier),) if tier else ()),
            *((("previous_response", before),) if before else ()),
        ),
        content=content_of(body) if content else None,
    )


def _sampling(body: dict[str, Any]) -> Sampling:
    wanted = mapping(body, "output_config", "format") or mapping(body, "output_format")  # the older name
    kind = text(wanted.get("type")) or ""
    return Sampling(
        max_tokens=integer(body.get("max_tokens")),
        temperature=number(body.get("temperature")),
        top_p=number(body.get("top_p")),
        top_k=number(body.get("top_k")),
        stop=words(body.get("stop_sequences"), MOST_STOPS),
        output_type="json" if kind.startswith("json") else None,
        reasoning_level=text(mapping(body, "output_config").get("effort")),
    )


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    blocks = [b for m in objects(body.get("messages")) for b in objects(m.get("content"))]
    answers = [text(b.get("tool_use_id")) for b in blocks if b.get("type") == "tool_result"]
    return last([i for i in answers if i], MOST_RESULTS)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole message."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    _message(answer, value)


def _message(answer: Answer, value: dict[str, Any]) -> None:
    answer.identify(value.get("id"), value.get("model"))
    take_usage(answer, mapping(value, "usage"))
    if not isinstance(value.get("content"), list):
        return
    choice = answer.choice(0)
    if choice is None:
        return
    for index, block in enumerate(objects(value["content"])):
        _block(answer, choice, block, index)
    _finish(answer, choice, value)


def _finish(answer: Answer, choice: Choice, value: dict[str, Any]) -> None:
    choice.finish = word(value.get("stop_reason")) or choice.finish
    if choice.finish == "refusal":  # the vendor's streaming classifiers intervened
        answer.extras["guard.output_blocked"] = "refusal"
        answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


def _block(answer: Answer, choice: Choice, block: dict[str, Any], index: int) -> bool:
    """A block of a message, or the beginning of one; True if it holds output."""
    kind = str(block.get("type"))
    if kind in _SPOKEN:
        said = block.get(kind)
        if isinstance(said, str):
            answer.say(choice, _SPOKEN[kind], said)
        return bool(said)
    if kind != "tool_use" and kind not in _SERVER_RUN:
        return False
    call = answer.call(choice, index=index, id_=text(block.get("id")), name=text(block.get("name")))
    if call is not None:
        call.server = kind in _SERVER_RUN
        if block.get("input"):
            answer.argue_value(call, block["input"])
    return True


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer."""
    kind = value.get("type")
    if not isinstance(kind, str) or not kind:
        kind = event
    if kind.startswith("content_block_"):  # first, since most are
        if (choice := answer.choice(0)) and _piece(answer, choice, kind, value):
            answer.output(at)
    elif kind == "error":
        answer.failure = answer.failure or failure.stated(value, content=answer.content)
    elif kind == "message_start":
        _message(answer, mapping(value, "message"))
    elif kind == "message_delta":
        take_usage(answer, mapping(value, "usage"))
        if choice := answer.choice(0):
            _finish(answer, choice, mapping(value, "delta"))
    elif kind == "message_stop":
        answer.done = True


def _piece(answer: Answer, choice: Choice, kind: str, value: dict[str, Any]) -> bool:
    if kind == "content_block_start":
        block = mapping(value, "content_block")
        # Another model goes on, after `message_start` has named the first.
        if block.get("type") == "fallback":
            answer.identify(None, mapping(block, "to").get("model"))
        return _block(answer, choice, block, integer(value.get("index")) or 0)
    delta = mapping(value, "delta")
    which = str(delta.get("type"))
    piece = delta.get(_DELTAS.get(which, ""))
    if not isinstance(piece, str) or not piece:
        return which in _SILENT
    if which == "input_json_delta":
        index = integer(value.get("index")) or 0
        if call := next((c for c in choice.calls() if c.index == index), None):
            answer.argue(call, piece)
    else:
        answer.say(choice, "text" if which == "text_delta" else "reasoning", piece)
    return True


def _answered(message: dict[str, Any]) -> Iterator[Result]:
    for block in objects(message.get("content")):
        if block.get("type") == "tool_result":
            failed = block.get("is_error") is True
            yield Result(block.get("tool_use_id"), None, failed, block.get("content"))


# Clients mark the newest messages for the cache, and leave out what was thought for older answers.
# `metadata.user_id` names a user, and with some clients (Claude Code) the session as well.
PLACES: Final = Places(
    heads=(("system",),),
    results=_answered,
    ids=(("user", ("metadata", "user_id")),),
    after=("thread", "previous_message_id"),
    aside=frozenset({"cache_control", "thinking", "signature"}),
    forced=("tool_choice", "name"),
    must=(("tool_choice", "type"), "any"),
)
ANTHROPIC_MESSAGES: Final = Dialect(
    "anthropic_messages", shaped, ask, frame, whole, kept=_KEPT, places=PLACES
)
