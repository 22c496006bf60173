"""Cohere's embeddings, v1 and v2. https://docs.cohere.com/v2/reference/embed"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.cohere_bill import KEPT as BILL
from hexr_autoinst.dissect.dialects.cohere_bill import bill
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra

_MOST_FORMATS: Final = 16
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "embedding_types", *BILL)


def shaped(body: Any) -> bool:
    """Lists of texts, images or both, under names that Cohere alone gives them."""
    return isinstance(body, dict) and any(
        isinstance(body.get(key), list) and body[key] and isinstance(body[key][0], kind)
        for key, kind in (("texts", str), ("images", str), ("inputs", dict))
    )


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    return Ask(model=text(body.get("model")), extras=tuple(_extras(body)))


def _extras(body: dict[str, Any]) -> list[tuple[str, Extra]]:
    found: list[tuple[str, Extra]] = []
    for name, count in (
        ("inputs", len(elements(body.get("texts"))) + len(elements(body.get("inputs")))),
        ("images", len(elements(body.get("images")))),
    ):
        if count:
            found.append((name, count))
    if (dimensions := integer(body.get("output_dimension"))) is not None:
        found.append(("embeddings.dimensions", dimensions))
    if formats := words(body.get("embedding_types"), _MOST_FORMATS):
        found.append(("embeddings.formats", formats))
    return found


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The id and the bill."""
    if "embeddings" in value:
        answer.identify(value.get("id"), value.get("model"))
        answer.found = True
    bill(answer, mapping(value, "meta"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Embeddings are never streamed: a list of answers is no embedding."""


COHERE_EMBED: Final = Dialect(
    "cohere_embed", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
