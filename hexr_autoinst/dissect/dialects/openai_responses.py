"""OpenAI's Responses. https://platform.openai.com/docs/api-reference/responses and /responses-streaming

The last event of a stream carries the whole response; items that ended before are taken at once,
so that a stream that is cut still tells the calls it made.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, Ask, last
from hexr_autoinst.dissect.dialects.openai_chat import blocked, output_type
from hexr_autoinst.dissect.dialects.openai_responses_content import content_of
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import TIERS, take_usage, tiers
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Failure, Sampling

_TERMINAL: Final = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
)
_PARTIAL_IMAGE: Final = "response.image_generation_call.partial_image"
# Items that the client must run and answer; every other `…_call` the vendor runs itself.
_CLIENT_RUN: Final = frozenset(
    {"function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call"}
)  # fmt: skip
# No text of these is content: see `dissect.veil`. What an answer keeps stands in the events of a stream too.
_ITEM: Final = ("type", "id", "call_id", "name", "role", "status")
_ANSWER: Final = (
    "id", "model!", "status", *TIERS, *USAGE, "conversation", "conversation.id", "incomplete_details.reason",
    "error.type", "error.code", *(f"output.{m}" for m in _ITEM),
)  # fmt: skip
_KEPT: Final = (
    *_ANSWER, *(f"response.{m}" for m in _ANSWER), *(f"item.{m}" for m in _ITEM), *(f"input.{m}" for m in _ITEM),
    "previous_response_id", "prompt.id", "prompt.version", "text.format.type", "reasoning.effort", "tool_choice", "tools.name", "tools.type", "tools.server_label",
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A model by name and an input that is text or items."""
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return False
    said = body.get("input")
    return isinstance(said, str) or (isinstance(said, list) and all(isinstance(i, dict) for i in said[:4]))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    extras = [("openai.api_type", "responses")]
    if (tier := text(body.get("service_tier"))) and tier != "auto":
        extras.append(("openai.request_tier", tier))
    for name, said in (
        ("previous_response", body.get("previous_response_id")),
        ("prompt.id", mapping(body, "prompt").get("id")),
        ("prompt.version", mapping(body, "prompt").get("version")),
    ):
        if found := text(said):
            extras.append((name, found))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=_sampling(body),
        tool_results=_results(body),
        tool_definitions=_definitions(body),
        conversation=_conversation(body),
        extras=tuple(extras),
        content=content_of(body) if content else None,
    )


def _sampling(body: dict[str, Any]) -> Sampling:
    return Sampling(
        max_tokens=integer(body.get("max_output_tokens")),
        temperature=number(body.get("temperature")),
        top_p=number(body.get("top_p")),
        output_type=output_type(mapping(body, "text", "format").get("type")),
        reasoning_level=text(mapping(body, "reasoning").get("effort")),
    )


def _conversation(value: dict[str, Any]) -> str | None:
    """An id, or an object with one. A previous response is a link, not a conversation."""
    said = value.get("conversation")
    return text(said) or text(mapping(said).get("id"))


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    answers = [i for i in objects(body.get("input")) if str(i.get("type")).endswith("_call_output")]
    return last([c for i in answers if (c := text(i.get("call_id")))], MOST_RESULTS)


def _definitions(body: dict[str, Any]) -> tuple[str, ...]:
    named = (t.get("name") or t.get("server_label") or t.get("type") for t in objects(body.get("tools")))
    return tuple(n for name in named if (n := text(name)))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A response object: the body of a whole answer, or what an event carries."""
    answer.identify(value.get("id"), value.get("model"))
    answer.conversation = _conversation(value) or answer.conversation
    if usage := mapping(value, "usage"):
        take_usage(answer, usage)
    tiers(answer, value)
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    choice = answer.choice(0) if value.get("status") or value.get("output") else None
    if choice is None:
        return
    for index, item in enumerate(objects(value.get("output"))):
        take_item(answer, choice, item, index)
    _finish(answer, choice, value)


def _finish(answer: Answer, choice: Choice, value: dict[str, Any]) -> None:
    match value.get("status"):
        case "completed":
            choice.finish = "tool_call" if any(not c.server for c in choice.calls()) else "stop"
        case "incomplete":
            choice.finish = text(mapping(value, "incomplete_details").get("reason")) or "incomplete"
            if choice.finish == failure.FILTERED:
                blocked(answer)
        case "failed":
            choice.finish = "error"
            answer.failure = answer.failure or Failure(failure.UNKNOWN)
        case "cancelled":
            answer.done = True
        case _:  # queued or in progress: a background response has no end yet
            pass


def take_item(answer: Answer, choice: Choice, item: dict[str, Any], index: int) -> None:
    """An item of the output, once."""
    kind = str(item.get("type"))
    if kind.endswith("_call"):
        _call(answer, choice, item, kind, index)
    elif kind == "message" and index not in answer.taken:
        for part in objects(item.get("content")):
            answer.say(choice, "text", _plain(part))
    elif kind == "reasoning" and index not in answer.taken:
        for part in (*objects(item.get("summary")), *objects(item.get("content"))):
            answer.say(choice, "reasoning", _plain(part))
    answer.take(index)


def _plain(part: dict[str, Any]) -> str:
    said = part.get("text") or part.get("refusal") or part.get("transcript")
    return said if isinstance(said, str) else ""


def _call(answer: Answer, choice: Choice, item: dict[str, Any], kind: str, index: int) -> None:
    id_ = text(item.get("call_id")) or text(item.get("id"))
    name = text(item.get("name")) or kind.removesuffix("_call")
    call = answer.call(choice, index=index, id_=id_, name=name)
    if call is None:
        return
    call.server = kind not in _CLIENT_RUN
    if not call.said and not call.lost:
        answer.argue(call, item.get("arguments") or item.get("input"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer. Its own `type` wins over the SSE event's name: both say the same."""
    kind = value.get("type")
    if not isinstance(kind, str) or not kind:
        kind = event
    if kind.endswith(".delta"):  # first, since most are
        if value.get("delta"):
            answer.output(at)
    elif kind == "error":
        said = mapping(value, "error") or value
        answer.failure = answer.failure or failure.coded(
            said.get("code"), said.get("message"), content=answer.content
        )
    elif kind == _PARTIAL_IMAGE:
        answer.output(at)
    elif kind == "response.output_item.done":
        if choice := answer.choice(0):
            take_item(answer, choice, mapping(value, "item"), integer(value.get("output_index")) or 0)
    elif kind.startswith("response.") and "response" in value:
        whole(answer, mapping(value, "response"))
        answer.done = answer.done or kind in _TERMINAL


def _answered(item: dict[str, Any]) -> Iterator[Result]:
    if str(item.get("type")).endswith("_call_output"):
        yield Result(item.get("call_id"), value=item.get("output"))


def _mine(item: dict[str, Any]) -> bool:
    """What the model has said, thought or asked for."""
    kind = str(item.get("type"))
    return item.get("role") == "assistant" or kind == "reasoning" or kind.endswith("_call")


PLACES: Final = Places(
    messages=("input",),
    heads=(("instructions",),),
    results=_answered,
    ids=(("cache", ("prompt_cache_key",)), ("user", ("user",))),
    after=("previous_response_id",),
    forced=("tool_choice", "name"),
    must=(("tool_choice",), "required"),
    mine=_mine,
)
OPENAI_RESPONSES: Final = Dialect("openai_responses", shaped, ask, frame, whole, kept=_KEPT, places=PLACES)
# A look at one that runs in the background, whole or from some event on: the path alone knows it.
OPENAI_RESPONSE_SEEN: Final = replace(
    OPENAI_RESPONSES, name="openai_response_seen", shaped=lambda body: body is None, fetched=True
)
