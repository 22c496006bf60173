"""Writer's text generation: OpenAI's shape but for its stream, whose events are bare values. https://dev.writer.com/api-reference/completion-api/text-generation"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import integer, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling

# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "stop!", "choices.finish_reason")


def shaped(body: Any) -> bool:
    """A model and a prompt: too plain to be known anywhere but on Writer's own host."""
    return isinstance(body, dict) and isinstance(body.get("prompt"), str)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(body.get("max_tokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            seed=signed(body.get("random_seed")),
            choices=integer(body.get("best_of")),
            stop=words(body.get("stop"), MOST_STOPS),
        ),
        content=prompted(body.get("prompt")) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer: texts, and the model."""
    answer.identify(value.get("id"), value.get("model"))
    for index, one in enumerate(objects(value.get("choices"))):
        choice = answer.choice(index)
        if choice is not None:
            choice.finish = word(one.get("finish_reason"))
            answer.say(choice, "text", text(one.get("text"), 1 << 20) or "")


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A piece of text. A stream has no end but its own."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    said = value.get("value")
    choice = answer.choice(0) if isinstance(said, str) else None
    if choice is not None and isinstance(said, str) and said:
        answer.say(choice, "text", said)
        answer.output(at)
        answer.done = True  # nothing marks the end: each may be the last


WRITER_COMPLETION: Final = Dialect(
    "writer_completion", shaped, ask, frame, whole, kind="completion", operation="text_completion", kept=_KEPT
)
