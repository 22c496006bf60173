"""A prompt in, a text out: the models that have no messages, each with its own words for the same few facts.

On Bedrock and SageMaker: Titan, Llama, Mistral, Cohere's Command, AI21's J2, DeepSeek's R1, TwelveLabs' Pegasus,
Hugging Face's TGI and what is served behind OpenAI's completions. The words differ, and no two
families use one for different things, so they are read together.
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.prompt_text_content import content_of
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Sampling, Usage

_PROMPTS: Final = ("prompt", "inputText", "inputs", "inputPrompt")
_CONFIGS: Final = ("textGenerationConfig", "parameters")
_LIMITS: Final = (
    "max_tokens", "maxTokens", "max_gen_len", "maxTokenCount", "max_new_tokens", "maxOutputTokens",
)  # fmt: skip
_LISTS: Final = ("results", "outputs", "generations", "completions", "choices")
_TEXTS: Final = ("outputText", "generation", "text", "message", "generated_text")
_REASONS: Final = ("completionReason", "stop_reason", "finish_reason", "finishReason")
_FILTERED: Final = frozenset({"CONTENT_FILTERED", "content_filtered", "content_filter", "ERROR_TOXIC"})
_INPUTS: Final = ("inputTextTokenCount", "prompt_token_count", "prompt_tokens", "input_length")
_OUTPUTS: Final = (
    "totalOutputTextTokenCount", "generation_token_count", "completion_tokens", "generated_tokens", "tokenCount"
)  # fmt: skip
# No text of these is content: see `dissect.veil`.
_STOPS: Final = ("stopSequences!", "stop_sequences!", "stop!")
_PIECE: Final = (
    *_REASONS, *(f"{r}.reason" for r in _REASONS), *(f"details.{r}" for r in _REASONS), "token.-", "data.-", "tool_calls.id",
    "tool_calls.name",
)  # fmt: skip
_KEPT: Final = (
    "model!", *_STOPS, *(f"{c}.{s}" for c in _CONFIGS for s in _STOPS), "tools.name", "tool_results.call.name", "id", "response_id",
    "response.response_id", "event_type", "usage.-", *_PIECE, *(f"{at}.{k}" for at in _LISTS for k in _PIECE),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A prompt by one of its names, and a limit of tokens by one of its."""
    return (
        isinstance(body, dict)
        and any(k in body for k in _PROMPTS)
        and _first(_places(body), _LIMITS) is not None
    )


def _places(body: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return (body, *(mapping(body, name) for name in _CONFIGS))


def _first(places: tuple[dict[str, Any], ...], names: tuple[str, ...]) -> Any:
    return next((p[n] for p in places for n in names if p.get(n) is not None), None)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts; the model stands in the path, or beside the prompt."""
    body = body if isinstance(body, dict) else {}
    places = _places(body)
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(_first(places, _LIMITS)),
            temperature=number(_first(places, ("temperature",))),
            top_p=number(_first(places, ("topP", "top_p", "p"))),
            top_k=number(_first(places, ("topK", "top_k", "k"))),
            seed=signed(_first(places, ("seed",))),
            choices=integer(_first(places, ("num_generations", "numResults", "n"))),
            stop=words(_first(places, ("stopSequences", "stop_sequences", "stop")), MOST_STOPS),
        ),
        tool_results=_results(body),
        tool_definitions=tuple(n for t in objects(body.get("tools")) if (n := text(t.get("name")))),
        content=content_of(body) if content else None,
    )


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    """Command R's, which have no ids."""
    said = (mapping(r, "call").get("name") for r in objects(body.get("tool_results")))
    return last([n for name in said if (n := text(name))], MOST_RESULTS)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value)


def frame(answer: Answer, _event: str, value: dict[str, Any], at: int) -> None:
    """One piece of a streamed answer."""
    if value.get("event_type") == "stream-end":  # Command R says all of it again
        value = {k: v for k, v in value.items() if k != "text"}
        answer.identify(mapping(value, "response").get("response_id"), None)
        answer.done = True
    if _take(answer, value):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    answer.identify(value.get("id") or value.get("response_id"), value.get("model"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    said = next((list(objects(value[k])) for k in _LISTS if isinstance(value.get(k), list)), [value])
    _use(answer, value, said)
    # No `any()`: each text must be taken, whatever the ones before it held.
    return max([_text(answer, one, place) for place, one in enumerate(said)], default=False)


def _use(answer: Answer, value: dict[str, Any], said: list[dict[str, Any]]) -> None:
    """Counts are cumulative in a stream; of several answers each counts its own."""
    details = mapping(value, "details") or mapping(value, "usage")
    input_ = integer(_first((value, details), _INPUTS))
    output = integer(_first((value, details), _OUTPUTS))
    if output is None:
        each = [n for one in said if (n := integer(one.get("tokenCount"))) is not None]
        output = integer(sum(each)) if each else None
    old = answer.usage
    answer.usage = Usage(old.input if input_ is None else input_, old.output if output is None else output)


def _text(answer: Answer, value: dict[str, Any], place: int) -> bool:
    piece = _first((value, mapping(value, "token"), mapping(value, "data")), _TEXTS)
    reason = _reason(value)
    calls = list(objects(value.get("tool_calls")))
    if not isinstance(piece, str) and reason is None and not calls:
        return False
    index = integer(value.get("index"))
    choice = answer.choice(place if index is None or "token" in value else index)
    if choice is None:
        return False
    if isinstance(piece, str):
        answer.say(choice, "text", piece)
    for said in calls:
        call = answer.call(choice, index=None, id_=text(said.get("id")), name=text(said.get("name")))
        if call is not None:
            answer.argue_value(call, said.get("parameters"))
    choice.finish = reason or choice.finish
    if reason in _FILTERED:
        answer.extras["guard.output_blocked"] = failure.FILTERED
        answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)
    return bool(piece or calls)


def _reason(value: dict[str, Any]) -> str | None:
    said = _first((value, mapping(value, "details")), _REASONS)
    return word(mapping(said).get("reason") if isinstance(said, dict) else said)


def _says(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("message"), str)


def _answered(body: dict[str, Any]) -> Iterator[Result]:
    """Command R's, each with its call."""
    for one in objects(body.get("tool_results")):
        yield Result(None, mapping(one, "call").get("name"), value=one.get("outputs"))


PROMPT_TEXT: Final = Dialect(
    "prompt_text", shaped, ask, frame, whole, kind="completion", operation="text_completion", kept=_KEPT
)
# Cohere's Command R: one message, and the history beside it.
PROMPT_CHAT: Final = replace(
    PROMPT_TEXT,
    name="prompt_chat",
    shaped=_says,
    kind="chat",
    operation="chat",
    places=Places(messages=("chat_history",), said=("message",), beside=_answered),
)
