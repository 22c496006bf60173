"""Embeddings and reranking of Alibaba's own API. https://www.alibabacloud.com/help/en/model-studio/text-embedding-synchronous-api"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Usage

_INPUTS: Final = ("texts", "contents", "documents")
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "request_id", "code", "input.-", "parameters.-", "usage.-")


def shaped(body: Any) -> bool:
    """A model, and an input that holds texts."""
    return isinstance(body, dict) and "model" in body and any(k in mapping(body, "input") for k in _INPUTS)


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded or ranked is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said, asked = mapping(body, "input"), mapping(body, "parameters")
    found: list[tuple[str, Extra]] = []
    if count := max((len(elements(said.get(key))) for key in _INPUTS), default=0):
        found.append(("inputs", count))
    for name, key in (("embeddings.dimensions", "dimension"), ("rerank.kept", "top_n")):
        if (number := integer(asked.get(key))) is not None:
            found.append((name, number))
    return Ask(model=text(body.get("model")), extras=tuple(found))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The id, and how long the texts were: they are all the input there is."""
    answer.identify(value.get("request_id"), value.get("model"))
    if "output" not in value and (code := text(value.get("code"))):
        answer.failure = answer.failure or failure.coded(code, value.get("message"), content=answer.content)
    usage = mapping(value, "usage")
    tokens = next(
        (n for k in ("input_tokens", "total_tokens") if (n := integer(usage.get(k))) is not None), None
    )
    if tokens is not None:
        answer.usage = Usage(tokens)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Neither is ever streamed."""


DASHSCOPE_EMBEDDINGS: Final = Dialect(
    "dashscope_embeddings", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
DASHSCOPE_RERANK: Final = Dialect(
    "dashscope_rerank", shaped, ask, frame, whole, kind="rerank", operation="rerank", kept=_KEPT
)
