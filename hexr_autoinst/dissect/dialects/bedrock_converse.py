"""Bedrock's Converse, and Nova's own messages, which have the same shape. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

An event of a stream has its name from the framing; where a stream of Nova's wraps events it is the one member.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects import bedrock_guardrail
from hexr_autoinst.dissect.dialects.bedrock_converse_content import content_of
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, objects, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Extra, Sampling, Usage

# The same counts have two names: the second is Nova's, and older.
_COUNTS: Final = (
    ("inputTokens",),
    ("outputTokens",),
    ("totalTokens",),
    ("cacheReadInputTokens", "cacheReadInputTokenCount"),
    ("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
)
_TOP_K: Final = ("top_k", "topK", "k")
_EVENTS: Final = ("contentBlockStart", "contentBlockDelta", "messageStop", "metadata")
# No text of these is content: see `dissect.veil`.
_BLOCK: Final = (
    "text.-",
    "toolUse.toolUseId",
    "toolUse.name",
    "toolUse.type",
    "reasoningContent.reasoningText.-",
    "citationsContent.content.-",
)
_EVENT: Final = (
    "stopReason", "usage.-", "trace.promptRouter.invokedModelId!", *(f"trace.guardrail.{k}" for k in bedrock_guardrail.KEPT),
    *(f"{at}.{k}" for at in ("start", "delta") for k in _BLOCK),
)  # fmt: skip
KEPT: Final = (
    "messages.role", "messages.content.toolResult.toolUseId", "guardrailConfig.guardrailIdentifier", "inferenceConfig.stopSequences!",
    "additionalModelRequestFields.inferenceConfig.-", "additionalModelRequestFields.reasoningConfig.maxReasoningEffort",
    "additionalModelRequestFields.reasoning_effort", "additionalModelRequestFields.output_config.effort",
    "outputConfig.textFormat.type", "toolConfig.tools.toolSpec.name", "toolConfig.tools.systemTool.name",
    *_EVENT, *(f"{event}.{k}" for event in _EVENTS for k in _EVENT), *(f"output.message.content.{k}" for k in _BLOCK),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """Messages whose content is a list of blocks without a type."""
    messages = body.get("messages") if isinstance(body, dict) else None
    blocks = [b for m in objects(messages, 4) for b in elements(m.get("content"), 4)]
    return bool(blocks) and all(isinstance(b, dict) and "type" not in b for b in blocks)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts; the model stands in the path."""
    body = body if isinstance(body, dict) else {}
    extras: list[tuple[str, Extra]] = []
    if guardrail := text(mapping(body, "guardrailConfig").get("guardrailIdentifier")):
        extras.append(("aws.guardrail", guardrail))
    return Ask(
        sampling=_sampling(body),
        tool_results=_results(body),
        tool_definitions=_definitions(body),
        extras=tuple(extras),
        content=content_of(body) if content else None,
    )


def _sampling(body: dict[str, Any]) -> Sampling:
    config, more = mapping(body, "inferenceConfig"), mapping(body, "additionalModelRequestFields")
    places = (config, more, mapping(more, "inferenceConfig"))
    limit = integer(config.get("maxTokens"))
    top_k = (number(p.get(k)) for p in places for k in _TOP_K)
    return Sampling(
        max_tokens=limit if limit is not None else integer(config.get("max_new_tokens")),
        temperature=number(config.get("temperature")),
        top_p=number(config.get("topP")),
        top_k=next((k for k in top_k if k is not None), None),
        stop=words(config.get("stopSequences"), MOST_STOPS),
        output_type="json"
        if mapping(body, "outputConfig", "textFormat").get("type") == "json_schema"
        else None,
        reasoning_level=_effort(more),
    )


def _effort(more: dict[str, Any]) -> str | None:
    """Each family has its own place for it."""
    places = (mapping(more, "reasoningConfig").get("maxReasoningEffort"), more.get("reasoning_effort"))
    said = (*places, mapping(more, "output_config").get("effort"))
    return next((level for s in said if (level := text(s))), None)


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    blocks = (b for m in objects(body.get("messages")) for b in objects(m.get("content")))
    found = [text(mapping(b, "toolResult").get("toolUseId")) for b in blocks]
    return last([i for i in found if i], MOST_RESULTS)


def _definitions(body: dict[str, Any]) -> tuple[str, ...]:
    tools = objects(mapping(body, "toolConfig").get("tools"))
    named = (mapping(t, "toolSpec").get("name") or mapping(t, "systemTool").get("name") for t in tools)
    return tuple(n for name in named if (n := text(name)))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _metadata(answer, value)
    message = mapping(value, "output", "message")
    if not message and "stopReason" not in value:
        return
    if choice := answer.choice(0):
        for index, block in enumerate(objects(message.get("content"))):
            _block(answer, choice, block, index)
        _stop(answer, choice, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer."""
    if event not in _EVENTS:
        event = next((name for name in _EVENTS if name in value), "")
        value = mapping(value, event)
    choice = answer.choice(0)
    if choice is None or not event:
        return
    if event == "metadata":
        _metadata(answer, value)
        answer.done = True
    elif event == "messageStop":
        _stop(answer, choice, value)
    elif _piece(answer, choice, event, value):
        answer.output(at)


def _metadata(answer: Answer, value: dict[str, Any]) -> None:
    if usage := mapping(value, "usage"):
        answer.usage = used(usage)
    trace = mapping(value, "trace")
    answer.identify(None, mapping(trace, "promptRouter").get("invokedModelId"))
    bedrock_guardrail.trace(answer, mapping(trace, "guardrail"))


def used(said: dict[str, Any]) -> Usage:
    """The input leaves out what was cached, as the total shows; where it shows that it does not, nothing is added."""
    input_, output, everything, read, written = (
        next((n for k in keys if (n := integer(said.get(k))) is not None), None) for keys in _COUNTS
    )
    cached = (read or 0) + (written or 0)
    included = everything is not None and everything == (input_ or 0) + (output or 0)
    if input_ is not None and not included:
        input_ = integer(input_ + cached)
    return Usage(input=input_, output=output, cache_read=read, cache_write=written)


def _stop(answer: Answer, choice: Choice, value: dict[str, Any]) -> None:
    choice.finish = word(value.get("stopReason")) or choice.finish
    bedrock_guardrail.stopped(answer, choice.finish)


def _block(answer: Answer, choice: Choice, block: dict[str, Any], index: int) -> bool:
    """A block of a message, or a piece of one; True if it holds output."""
    said, thought = block.get("text"), mapping(block, "reasoningContent")
    thought = mapping(thought, "reasoningText") or thought  # a delta has no second wrapping
    found = False
    for kind, piece in (("text", said), ("reasoning", thought.get("text"))):
        if isinstance(piece, str) and piece:
            answer.say(choice, kind, piece)
            found = True
    for cited in objects(mapping(block, "citationsContent").get("content")):
        answer.say(choice, "text", str(cited.get("text") or ""))
        found = True
    if tool := mapping(block, "toolUse"):
        _call(answer, choice, tool, index)
        found = True
    return found or "image" in block or "redactedContent" in thought


def _call(answer: Answer, choice: Choice, tool: dict[str, Any], index: int) -> None:
    call = answer.call(choice, index=index, id_=text(tool.get("toolUseId")), name=text(tool.get("name")))
    if call is None:
        return
    call.server = call.server or tool.get("type") == "server_tool_use"
    if isinstance(said := tool.get("input"), str):
        answer.argue(call, said)
    elif said:
        answer.argue_value(call, said)


def _piece(answer: Answer, choice: Choice, event: str, value: dict[str, Any]) -> bool:
    index = integer(value.get("contentBlockIndex")) or 0
    if event == "contentBlockStart":
        return _block(answer, choice, mapping(value, "start"), index)
    delta = mapping(value, "delta")
    return _block(answer, choice, delta, index) or "citation" in delta


def _unasked(answer: Answer, _exchange: Exchange) -> None:
    """Where a guardrail spoke and no token was used, the model was never asked."""
    bedrock_guardrail.unasked(answer)


def _answered(message: dict[str, Any]) -> Iterator[Result]:
    for block in objects(message.get("content")):
        if said := mapping(block, "toolResult"):
            yield Result(said.get("toolUseId"), None, said.get("status") == "error", said.get("content"))


PLACES: Final = Places(
    heads=(("system",),),
    results=_answered,
    aside=frozenset({"cachePoint", "reasoningContent"}),
    forced=("toolConfig", "toolChoice", "tool", "name"),
)
BEDROCK_CONVERSE: Final = Dialect(
    "bedrock_converse", shaped, ask, frame, whole, heads=_unasked, kept=KEPT, places=PLACES
)
