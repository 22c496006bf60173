"""Cohere's second chat API. https://docs.cohere.com/v2/reference/chat and https://docs.cohere.com/v2/docs/streaming

`delta.message` of a streamed event holds one part or one call where `message` of a whole answer holds lists of them.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.cohere_bill import bill, billed, ended
from hexr_autoinst.dissect.dialects.cohere_chat_v2_content import content_of
from hexr_autoinst.dissect.dialects.openai_chat import output_type, shaped
from hexr_autoinst.dissect.lenient import (
    elements,
    integer,
    mapping,
    number,
    objects,
    signed,
    text,
    word,
    words,
)
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, tool_messages
from hexr_autoinst.model.operation import Extra, Sampling

_EVENTS: Final = ("message-", "content-", "tool-", "citation-")
_PLAN: Final = 1 << 20  # characters
# No text of these is content: see `dissect.veil`.
SAMPLING: Final = ("stop_sequences!", "response_format.type", "thinking.type")
_MESSAGE: Final = ("role", "content.type", "tool_calls.id", "tool_calls.type", "tool_calls.function.name")
_KEPT: Final = (
    "model!", "messages.role", "messages.tool_call_id", "tools.type", "tools.function.name", *SAMPLING, "id", "type",
    *(f"{at}{k}" for at in ("", "delta.") for k in ("finish_reason", "error_type", *billed("usage"))),
    *(f"{at}message.{k}" for at in ("", "delta.") for k in _MESSAGE),
)  # fmt: skip


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    tools = [m for m in objects(body.get("messages")) if m.get("role") == "tool"]
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=sampling(body),
        tool_results=last([i for m in tools if (i := text(m.get("tool_call_id")))], MOST_RESULTS),
        tool_definitions=tuple(
            n for t in objects(body.get("tools")) if (n := text(mapping(t, "function").get("name")))
        ),
        extras=documents(body),
        content=content_of(body) if content else None,
    )


def documents(body: dict[str, Any]) -> tuple[tuple[str, Extra], ...]:
    """How many documents the model was given to cite from."""
    count = len(elements(body.get("documents")))
    return (("documents", count),) if count else ()


def sampling(body: dict[str, Any]) -> Sampling:
    """The parameters, whose names both versions share."""
    thinking = mapping(body, "thinking")
    return Sampling(
        max_tokens=integer(body.get("max_tokens")),
        temperature=number(body.get("temperature")),
        top_p=number(body.get("p")),
        top_k=number(body.get("k")),
        frequency_penalty=number(body.get("frequency_penalty")),
        presence_penalty=number(body.get("presence_penalty")),
        seed=signed(body.get("seed")),
        choices=integer(body.get("num_generations")),
        stop=words(body.get("stop_sequences"), MOST_STOPS),
        output_type=output_type(mapping(body, "response_format").get("type")),
        reasoning_level=text(thinking.get("type")),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    # An error has a sentence for a message.
    told = isinstance(value.get("message"), dict) and ("finish_reason" in value or "usage" in value)
    choice = answer.choice(0) if told else None
    if choice is None:
        return
    answer.identify(value.get("id"), value.get("model"))
    _message(answer, choice, mapping(value, "message"), None)
    _end(answer, choice, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer."""
    kind, delta = text(value.get("type")) or event, mapping(value, "delta")
    choice = answer.choice(0) if kind.startswith(_EVENTS) else None
    if choice is None:
        return
    answer.identify(value.get("id"), None)
    if kind == "message-end":
        _end(answer, choice, delta)
        answer.done = True
    elif kind != "message-start" and _message(
        answer, choice, mapping(delta, "message"), integer(value.get("index"))
    ):
        answer.output(at)


def _end(answer: Answer, choice: Choice, said: dict[str, Any]) -> None:
    choice.finish = word(said.get("finish_reason")) or choice.finish
    bill(answer, mapping(said, "usage"))
    ended(answer, choice.finish, said)


def _message(answer: Answer, choice: Choice, message: dict[str, Any], index: int | None) -> bool:
    """Take a message or a piece of one; True if it carried output."""
    plan = text(message.get("tool_plan"), _PLAN)
    if plan:
        answer.say(choice, "reasoning", plan)
    spoken = [_part(answer, choice, p) for p in _each(message.get("content"))]
    called = [_called(answer, choice, c, index) for c in _each(message.get("tool_calls"))]
    return bool(plan) or any(spoken) or bool(called)


def _each(said: Any) -> list[dict[str, Any]]:
    return [said] if isinstance(said, dict) else list(objects(said))


def _part(answer: Answer, choice: Choice, part: dict[str, Any]) -> bool:
    for kind, key in (("reasoning", "thinking"), ("text", "text")):
        if isinstance(said := part.get(key), str) and said:
            answer.say(choice, kind, said)
            return True
    return False


def _called(answer: Answer, choice: Choice, value: dict[str, Any], index: int | None) -> bool:
    function = mapping(value, "function")
    call = answer.call(choice, index=index, id_=text(value.get("id")), name=text(function.get("name")))
    if call is not None:
        answer.argue(call, function.get("arguments"))
    return True


COHERE_CHAT_V2: Final = Dialect(
    "cohere_chat_v2", shaped, ask, frame, whole, kept=_KEPT, places=Places(results=tool_messages)
)
