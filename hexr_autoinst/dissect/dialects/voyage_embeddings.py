"""Voyage's embeddings: OpenAI's shape with names of its own in the request, and one sum of tokens. https://docs.voyageai.com/reference/embeddings-api

Contextualized: https://docs.voyageai.com/reference/contextualized-embeddings-api Multimodal: https://docs.voyageai.com/reference/multimodal-embeddings-api
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Usage

_FORMATS: Final = 8
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "encoding_format", "output_dtype", "usage.-")


def shaped(body: Any) -> bool:
    """A model, and `input` or `inputs`."""
    return isinstance(body, dict) and "model" in body and ("input" in body or "inputs" in body)


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = body.get("input", body.get("inputs"))
    found: list[tuple[str, Extra]] = []
    if count := len(elements(said)) or int(isinstance(said, str)):
        found.append(("inputs", count))
    if (dimensions := integer(body.get("output_dimension"))) is not None:
        found.append(("embeddings.dimensions", dimensions))
    # How numbers are written, and how a list of them is packed: each is a format.
    formats = words(body.get("output_dtype"), _FORMATS) + words(body.get("encoding_format"), _FORMATS)
    if formats:
        found.append(("embeddings.formats", formats))
    return Ask(model=text(body.get("model")), extras=tuple(found))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The model, and the tokens: the sum of an embedding's is its input's."""
    answer.identify(value.get("id"), value.get("model"))
    usage = mapping(value, "usage")
    total, asked = integer(usage.get("total_tokens")), integer(usage.get("text_tokens"))
    if total is not None:
        answer.usage = Usage(
            total, modalities=(("text", "input", asked),) if asked not in (None, total) else ()
        )


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Never streamed."""


VOYAGE_EMBEDDINGS: Final = Dialect(
    "voyage_embeddings", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
