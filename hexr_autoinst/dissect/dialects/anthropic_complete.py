"""Anthropic's text completions, of before Messages. https://docs.claude.com/en/api/complete

Nothing is said of usage. A streamed answer ends with the piece that has a stop reason.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.lenient import integer, number, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Content, Sampling

# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "stop_sequences!", "stop_reason")


def shaped(body: Any) -> bool:
    """A prompt, and the limit under the name that this API alone gives it."""
    return (
        isinstance(body, dict)
        and isinstance(body.get("prompt"), str)
        and integer(body.get("max_tokens_to_sample")) is not None
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    prompt = body.get("prompt")
    told = (
        Content(input_messages=dumped([message("user", [text_part(prompt)])]))
        if isinstance(prompt, str)
        else None
    )
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(body.get("max_tokens_to_sample")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            top_k=number(body.get("top_k")),
            stop=words(body.get("stop_sequences"), MOST_STOPS),
        ),
        content=told if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer, or a piece of one."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    answer.identify(value.get("id"), value.get("model"))
    said = value.get("completion")
    choice = answer.choice(0) if isinstance(said, str) else None
    if choice is not None:
        answer.say(choice, "text", str(said))
        choice.finish = word(value.get("stop_reason")) or choice.finish


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """`completion`, `ping` or `error`."""
    if event == "error" and "error" not in value:
        value = {"error": value}
    whole(answer, value)
    if value.get("completion"):
        answer.output(at)
    answer.done = answer.done or word(value.get("stop_reason")) is not None


ANTHROPIC_COMPLETE: Final = Dialect(
    "anthropic_complete",
    shaped,
    ask,
    frame,
    whole,
    kind="completion",
    operation="text_completion",
    kept=_KEPT,
)
