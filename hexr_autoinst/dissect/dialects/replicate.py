"""Replicate's predictions: a call that may answer at once, or later to whoever asks. https://replicate.com/docs/reference/http

What kind of model runs the wire does not say, so it is told as a completion whose operation is the vendor's word. The
output's own stream is plain text without any fact: the prediction that it belongs to is told.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, signed, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling, Usage

_OVER: Final = ("succeeded", "failed", "canceled", "aborted")
_FAILED: Final = ("failed", "aborted")
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "version", "id", "status", "input.-", "metrics.-")


def shaped(body: Any) -> bool:
    """An input with names for its members."""
    return isinstance(body, dict) and isinstance(body.get("input"), dict)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts. The names below are those that most language models' authors give to their inputs."""
    body = body if isinstance(body, dict) else {}
    said = mapping(body, "input")
    limit = next(
        (n for k in ("max_tokens", "max_new_tokens") if (n := integer(said.get(k))) is not None), None
    )
    return Ask(
        model=text(body.get("model")) or text(body.get("version")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=limit,
            temperature=number(said.get("temperature")),
            top_p=number(said.get("top_p")),
            top_k=number(said.get("top_k")),
            seed=signed(said.get("seed")),
        ),
        content=prompted(said.get("prompt")) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The prediction as it stands."""
    status = text(value.get("status"))
    if status is None or "input" not in value:
        return
    answer.identify(value.get("id"), value.get("model"))
    _metrics(answer, mapping(value, "metrics"))
    choice = answer.choice(0) if status in _OVER else None
    if choice is None:
        return
    choice.finish = status
    answer.done = True
    if status in _FAILED:
        answer.failure = answer.failure or failure.coded(status, value.get("error"), content=answer.content)
    output = value.get("output")
    for piece in [output] if isinstance(output, str) else elements(output):
        if isinstance(piece, str):
            answer.say(choice, "text", piece)


def _metrics(answer: Answer, said: dict[str, Any]) -> None:
    asked, told = integer(said.get("input_token_count")), integer(said.get("output_token_count"))
    if asked is not None or told is not None:
        answer.usage = Usage(asked, told)
    if (images := integer(said.get("image_count"))) is not None:
        answer.extras["images"] = images


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A prediction is one object."""
    whole(answer, value)


REPLICATE: Final = Dialect(
    "replicate", shaped, ask, frame, whole, kind="completion", operation="prediction", kept=_KEPT
)
# A look at a prediction that was made earlier.
REPLICATE_FETCHED: Final = replace(REPLICATE, name="replicate_fetched", fetched=True)
