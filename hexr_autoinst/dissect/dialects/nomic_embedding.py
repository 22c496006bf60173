"""Nomic's embeddings. https://docs.nomic.ai/reference/api/embed-text-v-1-embedding-text-post"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.form import count
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "dimensionality", "usage.-")


def shaped(body: Any) -> bool:
    """A model and texts; a form of pictures names the model alone."""
    return isinstance(body, dict) and "model" in body


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    found: list[tuple[str, Extra]] = []
    if inputs := len(elements(body.get("texts"))):
        found.append(("inputs", inputs))
    if (dimensions := count(body.get("dimensionality"))) is not None:
        found.append(("embeddings.dimensions", dimensions))
    return Ask(model=text(body.get("model")), extras=tuple(found))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The model, and the tokens."""
    answer.identify(None, value.get("model"))
    answer.usage = Usage(integer(mapping(value, "usage").get("prompt_tokens")))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Never streamed."""


NOMIC_EMBEDDING: Final = Dialect(
    "nomic_embedding", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
