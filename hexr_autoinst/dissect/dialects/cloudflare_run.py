"""Workers AI's own way to run a model, whose name stands in the path. https://developers.cloudflare.com/workers-ai/models/

A prompt or messages in, `result.response` out, or pieces of `response` in a stream; texts in, vectors out. Newer models answer in
chat completions' shape inside `result`. Models that draw, hear or speak answer with something else: that is told as a call, without its kind.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.lenient import mapping, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra

# No text of these is content: see `dissect.veil`.
_CALL: Final = ("tool_calls.id", "tool_calls.name", "tool_calls.function.name")
_ANSWER: Final = (*OPENAI_CHAT.kept, *_CALL)
_KEPT: Final = ("errors.code", *OPENAI_COMPLETIONS.kept, *_ANSWER, *(f"result.{k}" for k in _ANSWER))
_EMBEDDINGS_KEPT: Final = ("errors.code", *(f"result.{k}" for k in OPENAI_EMBEDDINGS.kept))


def shaped(body: Any) -> bool:
    """Messages or a prompt for a model that writes."""
    return OPENAI_CHAT.shaped(body) or (isinstance(body, dict) and isinstance(body.get("prompt"), str))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    asked = OPENAI_CHAT if OPENAI_CHAT.shaped(body) else OPENAI_COMPLETIONS
    return replace(asked.ask(body, content), extras=())


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer: an envelope with errors and a result."""
    _errors(answer, value)
    result = mapping(value, "result")
    if result.get("choices"):
        OPENAI_CHAT.whole(answer, result)
        return
    if said := mapping(result, "usage"):
        take_usage(answer, said)
    answer.found = answer.found or bool(result)
    choice = answer.choice(0) if "response" in result else None
    if choice is not None:
        _say(answer, choice, result)


def _errors(answer: Answer, value: dict[str, Any]) -> None:
    error = next(objects(value.get("errors"), 1), None)
    if error is not None:
        said = failure.coded(error.get("code"), error.get("message"), content=answer.content)
        answer.failure = answer.failure or said


def _say(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    said = value.get("response")
    if isinstance(said, str):
        answer.say(choice, "text", said)
    calls = list(objects(value.get("tool_calls")))
    for index, asked in enumerate(calls):
        function = mapping(asked, "function") or asked
        call = answer.call(choice, index=index, id_=text(asked.get("id")), name=text(function.get("name")))
        if call is not None:
            answer.argue_value(call, function.get("arguments"))
    return bool(said) or bool(calls)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One piece: `response`, and at last `usage`."""
    if value.get("choices"):
        OPENAI_CHAT.frame(answer, event, value, at)
        return
    _errors(answer, value)
    if said := mapping(value, "usage"):
        take_usage(answer, said)
    choice = answer.choice(0) if "response" in value else None
    if choice is not None and _say(answer, choice, value):
        answer.output(at)


def embedding_shape(body: Any) -> bool:
    """Texts that are to be vectors."""
    return isinstance(body, dict) and bool(body.get("text")) and isinstance(body["text"], str | list)


def ask_embedding(body: Any, content: bool) -> Ask:  # noqa: ARG001 - the convention has no place for what is embedded
    """The request's facts."""
    said = body.get("text") if isinstance(body, dict) else None
    inputs: tuple[tuple[str, Extra], ...] = (
        ("inputs", len(said) if isinstance(said, list) else int(bool(said))),
    )
    return Ask(extras=inputs)


def whole_embedding(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer; the vectors are not kept."""
    _errors(answer, value)
    OPENAI_EMBEDDINGS.whole(answer, mapping(value, "result"))


CLOUDFLARE_RUN: Final = Dialect(
    "cloudflare_run", shaped, ask, frame, whole, kept=_KEPT, places=OPENAI_CHAT.places
)
CLOUDFLARE_EMBEDDINGS: Final = Dialect(
    "cloudflare_embeddings",
    embedding_shape,
    ask_embedding,
    OPENAI_EMBEDDINGS.frame,
    whole_embedding,
    kind="embeddings",
    operation="embeddings",
    kept=_EMBEDDINGS_KEPT,
)
