"""Embeddings and reranking of watsonx.ai. https://cloud.ibm.com/apidocs/watsonx-ai#text-embeddings https://cloud.ibm.com/apidocs/watsonx-ai#text-rerank"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model_id!", "parameters.return_options.-")


def shaped(body: Any) -> bool:
    """Inputs in a list, and a model."""
    return isinstance(body, dict) and isinstance(body.get("inputs"), list) and "model_id" in body


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded or ranked is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    found: list[tuple[str, Extra]] = []
    if count := len(elements(body.get("inputs"))):
        found.append(("inputs", count))
    kept = integer(mapping(body, "parameters", "return_options").get("top_n"))
    if kept is not None:
        found.append(("rerank.kept", kept))
    return Ask(model=text(body.get("model_id")), extras=tuple(found))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The model, and how long the inputs were."""
    answer.identify(None, value.get("model_id"))
    if (count := integer(value.get("input_token_count"))) is not None:
        answer.usage = Usage(count)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Neither is ever streamed."""


WATSONX_EMBEDDINGS: Final = Dialect(
    "watsonx_embeddings", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
WATSONX_RERANK: Final = Dialect(
    "watsonx_rerank", shaped, ask, frame, whole, kind="rerank", operation="rerank", kept=_KEPT
)
