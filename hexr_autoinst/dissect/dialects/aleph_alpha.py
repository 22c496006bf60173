"""Aleph Alpha's completion, evaluation and embeddings. https://docs.aleph-alpha.com/docs/category/inference/"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import elements, integer, number, objects, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "model!",
    "model_version!",
    "type",
    "finish_reason",
    "stop_sequences!",
    "prompt.type",
    "completions.finish_reason",
)


def shaped(body: Any) -> bool:
    """A prompt in parts, or as one text; embeddings name theirs differently in the batch."""
    return isinstance(body, dict) and any(isinstance(body.get(k), str | list) for k in ("prompt", "prompts"))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    count = len(elements(body.get("prompts")))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(body.get("maximum_tokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            top_k=number(body.get("top_k")),
            frequency_penalty=number(body.get("frequency_penalty")),
            presence_penalty=number(body.get("presence_penalty")),
            choices=integer(body.get("n")),
            stop=words(body.get("stop_sequences"), MOST_STOPS),
        ),
        extras=(("inputs", count),) if count else (),
        content=prompted(_prompt(body.get("prompt"))) if content else None,
    )


def _prompt(said: Any) -> Any:
    """The texts among the parts of a prompt."""
    if isinstance(said, str):
        return said
    return "".join(str(p.get("data")) for p in objects(said) if p.get("type") == "text")


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer of any of the three."""
    answer.identify(None, value.get("model_version"))
    _count(answer, value)
    for index, one in enumerate(objects(value.get("completions"))):
        _said(answer, index, one)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A piece of one completion, its end, or the end of all with the counts."""
    answer.identify(None, value.get("model_version"))
    index = integer(value.get("index")) or 0
    match str(value.get("type")):
        case "stream_chunk":
            if _said(answer, index, value):
                answer.output(at)
        case "stream_summary":
            _said(answer, index, {"finish_reason": value.get("finish_reason")})
        case "completion_summary":
            _count(answer, value)
            answer.done = True
        case _:
            pass


def _said(answer: Answer, index: int, value: dict[str, Any]) -> bool:
    choice = answer.choice(index)
    if choice is None:
        return False
    choice.finish = word(value.get("finish_reason")) or choice.finish
    said = value.get("completion")
    if not isinstance(said, str) or not said:
        return False
    answer.say(choice, "text", said)
    return True


def _count(answer: Answer, value: dict[str, Any]) -> None:
    asked, told = integer(value.get("num_tokens_prompt_total")), integer(value.get("num_tokens_generated"))
    if asked is not None or told is not None:
        answer.usage = Usage(asked, told)


ALEPH_ALPHA_COMPLETE: Final = Dialect(
    "aleph_alpha_complete",
    shaped,
    ask,
    frame,
    whole,
    kind="completion",
    operation="text_completion",
    kept=_KEPT,
)
# How likely a given completion is: a model reads, and says nothing.
ALEPH_ALPHA_EVALUATE: Final = Dialect(
    "aleph_alpha_evaluate", shaped, ask, frame, whole, kind="completion", operation="evaluate", kept=_KEPT
)
ALEPH_ALPHA_EMBED: Final = Dialect(
    "aleph_alpha_embed", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
