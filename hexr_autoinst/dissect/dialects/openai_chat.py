"""OpenAI's chat completions, the shape that most of the field speaks. https://platform.openai.com/docs/api-reference/chat

`delta` of a streamed chunk and `message` of a whole answer are read by the same lines.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.openai_chat_content import content_of
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling, Usage

# Reasoning has no field in OpenAI's own chat answers; servers of the same shape use one of these.
_REASONING: Final = ("reasoning_content", "reasoning")


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
    named = [mapping(t, str(t.get("type"))).get("name") or t.get("type") for t in objects(body.get("tools"))]
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
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if usage := mapping(value, "usage"):
        answer.usage = _usage(usage)
    for name, key in (("openai.response_tier", "service_tier"), ("openai.fingerprint", "system_fingerprint")):
        if found := text(value.get(key)):
            answer.extras[name] = found
    # No `any()`: each choice must be taken, whatever the ones before it held.
    return max([_choice(answer, c, said) for c in objects(value.get("choices"))], default=False)


def _usage(said: dict[str, Any]) -> Usage:
    asked, told = mapping(said, "prompt_tokens_details"), mapping(said, "completion_tokens_details")
    return Usage(
        input=integer(said.get("prompt_tokens")),
        output=integer(said.get("completion_tokens")),
        cache_read=integer(asked.get("cached_tokens")),
        cache_write=integer(asked.get("cache_write_tokens")),  # OpenRouter's
        reasoning=integer(told.get("reasoning_tokens")),
    )


def _choice(answer: Answer, value: dict[str, Any], said: str) -> bool:
    choice = answer.choice(integer(value.get("index")) or 0)
    if choice is None:
        return False
    choice.finish = word(value.get("finish_reason")) or choice.finish
    if choice.finish == failure.FILTERED:
        blocked(answer)
    # Some servers end a stream with a whole `message` in place of a delta.
    message = mapping(value, said) or mapping(value, "message")
    spoke = _spoken(answer, choice, message)
    called = [_called(answer, choice, c) for c in objects(message.get("tool_calls"))]
    if legacy := mapping(message, "function_call"):
        called.append(_called(answer, choice, {"function": legacy, "index": 0}))
    return spoke or bool(called) or bool(mapping(message, "audio"))


def _spoken(answer: Answer, choice: Choice, message: dict[str, Any]) -> bool:
    found = False
    for kind, keys in (("reasoning", _REASONING), ("text", ("content", "refusal"))):
        for key in keys:
            if piece := _plain(message.get(key)):
                answer.say(choice, kind, piece)
                found = True
                if kind == "reasoning":  # both names may carry the same text
                    break
    return found


def _plain(said: Any) -> str:
    """Text, or the texts of a list of parts (Mistral's reasoning models answer so)."""
    if isinstance(said, str):
        return said
    return "".join(p["text"] for p in objects(said) if isinstance(p.get("text"), str))


def _called(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    function = mapping(value, "function") or mapping(value, "custom")
    call = answer.call(
        choice, index=integer(value.get("index")), id_=text(value.get("id")), name=text(function.get("name"))
    )
    if call is not None:
        answer.argue(call, function.get("arguments") or function.get("input"))
    return True


def blocked(answer: Answer) -> None:
    """The vendor's own filter ended the answer: an error, whatever the HTTP status says."""
    answer.extras["guard.output_blocked"] = failure.FILTERED
    answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


OPENAI_CHAT: Final = Dialect("openai_chat", shaped, ask, frame, whole)
