"""OpenAI's chat completions, the shape that most of the field speaks. https://platform.openai.com/docs/api-reference/chat

`delta` of a streamed chunk and `message` of a whole answer are read by the same lines.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects import azure_filters
from hexr_autoinst.dissect.dialects.openai_chat_content import content_of
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import TIERS, take_usage, tiers
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
from hexr_autoinst.model.operation import Sampling

# Reasoning has no field in OpenAI's own chat answers; servers of the same shape use one of these.
_REASONING: Final = ("reasoning_content", "reasoning")
# Members of a chunk and of a choice that few have, by which the others are spared a look for each.
_ASIDE: Final = frozenset({"x_groq", "base_resp", "error", "errors", "provider"})
_ASIDE_OF_CHOICE: Final = frozenset({"usage", "error", "errors"})
_THOUGHTS: Final = ("thinking", "summary")
# No text of these is content: see `dissect.veil`.
KEPT: Final = (
    "model!", "stop!", "id", *TIERS, "provider", "reasoning_effort", "response_format.type", "messages.role",
    "messages.tool_call_id", "tool_choice", "tools.type", "tools.name", "tools.*.name", "functions.name", *USAGE, "base_resp.status_code",
    *(f"x_groq.{k}" for k in (*USAGE, *failure.KEPT)), *(f"choices.{k}" for k in (*USAGE, *failure.KEPT)),
    "choices.finish_reason", "choices.*.role", "choices.*.content.type", *(f"choices.*.content.{t}.type" for t in _THOUGHTS),
    "choices.*.tool_calls.id", "choices.*.tool_calls.type", "choices.*.tool_calls.*.name", "choices.*.function_call.name",
    *azure_filters.KEPT,
)  # fmt: skip


def shaped(body: Any) -> bool:
    """Messages with roles. A model is not always named: a path may do that, and a server with one model needs none."""
    messages = body.get("messages") if isinstance(body, dict) else None
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(isinstance(m, dict) and isinstance(m.get("role"), str) for m in messages[:4])
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    tier = text(body.get("service_tier"))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=_sampling(body),
        tool_results=_results(body),
        tool_definitions=_definitions(body),
        extras=(
            ("openai.api_type", "chat_completions"),
            *((("openai.request_tier", tier),) if tier and tier != "auto" else ()),
        ),
        content=content_of(body) if content else None,
    )


def _sampling(body: dict[str, Any]) -> Sampling:
    limit = integer(body.get("max_completion_tokens"))
    return Sampling(
        max_tokens=limit if limit is not None else integer(body.get("max_tokens")),
        temperature=number(body.get("temperature")),
        top_p=number(body.get("top_p")),
        top_k=number(body.get("top_k")),  # not OpenAI's own; vLLM and others take it
        frequency_penalty=number(body.get("frequency_penalty")),
        presence_penalty=number(body.get("presence_penalty")),
        seed=signed(body.get("seed")),
        choices=integer(body.get("n")),
        stop=words(body.get("stop"), MOST_STOPS),
        output_type=output_type(mapping(body, "response_format").get("type")),
        reasoning_level=text(body.get("reasoning_effort")),
    )


def output_type(said: Any) -> str | None:
    """The convention's word for a response format: json_object and json_schema are both json."""
    kind = text(said)
    if kind is None:
        return None
    return "json" if kind.startswith("json") else "text" if kind == "text" else None


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    tools = [m for m in objects(body.get("messages")) if m.get("role") == "tool"]
    return last([i for m in tools if (i := text(m.get("tool_call_id")))], MOST_RESULTS)


def _definitions(body: dict[str, Any]) -> tuple[str, ...]:
    tools = list(objects(body.get("tools")))
    named = [mapping(t, str(t.get("type"))).get("name") or t.get("name") or t.get("type") for t in tools]
    named += [f.get("name") for f in objects(body.get("functions"))]
    return tuple(n for name in named if (n := text(name)))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value, "message")


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One chunk of a streamed answer."""
    if event == "error" and "error" not in value:
        value = {"error": value}
    if _take(answer, value, "delta"):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any], said: str) -> bool:
    """Take a chunk or a whole answer; True if it carried output."""
    answer.identify(value.get("id"), value.get("model"))
    if (usage := value.get("usage")) and isinstance(usage, dict):
        take_usage(answer, usage)
    if not value.keys().isdisjoint(_ASIDE):  # one look for all that few answers have
        _aside(answer, value)
    tiers(answer, value)
    # No `any()`: each choice must be taken, whatever the ones before it held.
    spoke = False
    for choice in elements(value.get("choices")):
        if isinstance(choice, dict):
            spoke |= _choice(answer, choice, said)
    return spoke


def _aside(answer: Answer, value: dict[str, Any]) -> None:
    """Failure. Groq's streams have it, and the usage, in a corner of their own, MiniMax's failures come with a good status."""
    azure_filters.prompt(answer, value)
    groq, minimax = mapping(value, "x_groq"), mapping(value, "base_resp")
    if not mapping(value, "usage") and (said := mapping(groq, "usage")):
        take_usage(answer, said)
    answer.failure = (
        answer.failure
        or failure.stated(value, content=answer.content)
        or failure.stated(groq, content=answer.content)
    )
    if minimax.get("status_code"):
        code, message = minimax["status_code"], minimax.get("status_msg")
        answer.failure = answer.failure or failure.coded(code, message, content=answer.content)
    if upstream := text(value.get("provider")):
        # OpenRouter's: https://openrouter.ai/docs/api-reference/overview
        answer.extras["upstream"] = upstream


def _choice(answer: Answer, value: dict[str, Any], said: str) -> bool:
    index = value.get("index")
    choice = answer.choices.get(index) if type(index) is int else None
    if choice is None and (choice := answer.choice(integer(index) or 0)) is None:
        return False
    if finish := value.get("finish_reason"):
        choice.finish = word(finish) or choice.finish
    if choice.finish == failure.FILTERED:
        blocked(answer, azure_filters.acted(value.get(azure_filters.RESULTS)))
    if not value.keys().isdisjoint(_ASIDE_OF_CHOICE):
        if usage := mapping(value, "usage"):  # Moonshot's streams
            take_usage(answer, usage)
        answer.failure = answer.failure or failure.stated(value, content=answer.content)  # OpenRouter's
    message = value.get(said)
    if not isinstance(message, dict):
        message = {}
    if len(message) == 1 and isinstance(piece := message.get("content"), str) and piece:
        answer.say(choice, "text", piece)  # nearly every chunk of a stream is this and no more
        return True
    if not message and not choice.parts and not answer.output_chunks:
        # Some servers stream a whole `message`, once: those that end a stream of deltas with one say it all again.
        message = mapping(value, "message")
    spoke = _spoken(answer, choice, message)
    called = [_called(answer, choice, c) for c in objects(message.get("tool_calls"))]
    if legacy := mapping(message, "function_call"):
        called.append(_called(answer, choice, {"function": legacy, "index": 0}))
    return spoke or bool(called) or any(message.get(other) for other in ("audio", "images"))


def _spoken(answer: Answer, choice: Choice, message: dict[str, Any]) -> bool:
    pieces = [*_reasoned(message), *_said(message.get("content")), *_said(message.get("refusal"))]
    for kind, piece in pieces:
        answer.say(choice, kind, piece)
    return bool(pieces)


def _reasoned(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Both names may carry the same text: one of them is taken."""
    said = (message.get(key) for key in _REASONING)
    return next(([("reasoning", s)] for s in said if isinstance(s, str) and s), [])


def _said(said: Any) -> list[tuple[str, str]]:
    """Text; or parts, among which Mistral's models say their thinking, and Databricks' what they sum up of theirs."""
    if isinstance(said, str):
        return [("text", said)] if said else []
    found: list[tuple[str, str]] = []
    for part in objects(said):
        if isinstance(part.get("text"), str):
            found.append(("text", part["text"]))
        else:
            thought = (t.get("text") for key in _THOUGHTS for t in objects(part.get(key)))
            found += [("reasoning", t) for t in thought if isinstance(t, str)]
    return [(kind, piece) for kind, piece in found if piece]


def _called(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    function = mapping(value, "function") or mapping(value, "custom")
    call = answer.call(
        choice, index=integer(value.get("index")), id_=text(value.get("id")), name=text(function.get("name"))
    )
    if call is not None:
        answer.argue(call, function.get("arguments") or function.get("input"))
    return True


def blocked(answer: Answer, by: tuple[str, ...] = ()) -> None:
    """The vendor's own filter ended the answer: an error, whatever the HTTP status says. `by`: its parts that have acted, if it names them."""
    if by:
        answer.extras["guard.output_blocked"] = by
    answer.extras.setdefault("guard.output_blocked", failure.FILTERED)
    answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


# What some clients leave out of an older answer, or mark anew in each call, is passed over.
PLACES: Final = Places(
    results=tool_messages,
    ids=(("cache", ("prompt_cache_key",)), ("user", ("user",))),
    aside=frozenset({"cache_control", *_REASONING}),
    forced=("tool_choice", "function", "name"),
    must=(("tool_choice",), "required"),
)
OPENAI_CHAT: Final = Dialect("openai_chat", shaped, ask, frame, whole, kept=KEPT, places=PLACES)
