"""OpenAI's older completions, text for text, as model servers and code completion speak them still. https://platform.openai.com/docs/api-reference/completions

A request may hold several prompts: each of them is answered `n` times, and the choices are numbered through.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.dialects.openai_chat import blocked, output_type
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
from hexr_autoinst.model.operation import Content, Extra, Sampling

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "model!", "id", "stop!", "provider", "response_format.type", "choices.finish_reason", *TIERS, *USAGE,
    *(f"x_groq.{k}" for k in USAGE),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A prompt: text, tokens, or a list of either. Images are asked for with one too, but not where completions are."""
    prompt = body.get("prompt") if isinstance(body, dict) else None
    return isinstance(prompt, str) or (isinstance(prompt, list) and bool(prompt))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    prompts = _prompts(body)
    extras: tuple[tuple[str, Extra], ...] = (("inputs", len(prompts)),) if len(prompts) > 1 else ()
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=_sampling(body),
        extras=extras,
        content=_content(prompts) if content else None,
    )


def _sampling(body: dict[str, Any]) -> Sampling:
    return Sampling(
        max_tokens=integer(body.get("max_tokens")),
        temperature=number(body.get("temperature")),
        top_p=number(body.get("top_p")),
        top_k=number(body.get("top_k")),
        frequency_penalty=number(body.get("frequency_penalty")),
        presence_penalty=number(body.get("presence_penalty")),
        seed=signed(body.get("seed")),
        choices=integer(body.get("n")),
        stop=words(body.get("stop"), MOST_STOPS),
        output_type=output_type(mapping(body, "response_format").get("type")),
    )


def _prompts(body: dict[str, Any]) -> list[Any]:
    """A list of numbers is one prompt, in tokens."""
    said = body.get("prompt")
    several = isinstance(said, list) and any(isinstance(p, str | list) for p in said[:1])
    return elements(said) if several else [said]


def _content(prompts: list[Any]) -> Content:
    return Content(
        input_messages=dumped([message("user", [text_part(p)]) for p in prompts if isinstance(p, str)])
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One chunk of a streamed answer."""
    if event == "error" and "error" not in value:
        value = {"error": value}
    if _take(answer, value):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    answer.identify(value.get("id"), value.get("model"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    tiers(answer, value)
    if said := mapping(value, "usage") or mapping(value, "x_groq", "usage"):
        take_usage(answer, said)
    if upstream := text(value.get("provider")):
        answer.extras["upstream"] = upstream
    return max([_choice(answer, c) for c in objects(value.get("choices"))], default=False)


def _choice(answer: Answer, value: dict[str, Any]) -> bool:
    choice = answer.choice(integer(value.get("index")) or 0)
    if choice is None:
        return False
    choice.finish = word(value.get("finish_reason")) or choice.finish
    if choice.finish == failure.FILTERED:
        blocked(answer)
    said = value.get("text")
    if isinstance(said, str):
        answer.say(choice, "text", said)
    return bool(said)


OPENAI_COMPLETIONS: Final = Dialect(
    "openai_completions",
    shaped,
    ask,
    frame,
    whole,
    kind="completion",
    operation="text_completion",
    kept=_KEPT,
)
