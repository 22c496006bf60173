"""Reranking: a query and documents, and which of them answer it best. Cohere's shape, and its clones'.

https://docs.cohere.com/v2/reference/rerank https://docs.voyageai.com/reference/reranker-api https://jina.ai/reranker
https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html (Re-rank API)
https://docs.nvidia.com/nim/nemo-retriever/text-reranking/latest/reference.html https://www.mixedbread.com/api-reference
What is ranked and how it is ranked have several names; the bill is in search units, in tokens or in none.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.cohere_bill import KEPT as BILL
from hexr_autoinst.dissect.dialects.cohere_bill import bill
from hexr_autoinst.dissect.lenient import elements, integer, mapping, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Usage

_KEPT: Final = ("top_n", "top_k")
_RANKED: Final = ("documents", "passages", "texts", "input")
_RESULTS: Final = ("results", "data", "rankings")
_SCORES: Final = ("relevance_score", "score", "logit")
# No text of these is content: see `dissect.veil`.
_STAYS: Final = ("id", "model!", "usage.-", *BILL, *(f"{place}.-" for place in _RESULTS))


def _shaped(body: Any, ranked: str) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("query"), str | dict):
        return False
    documents = body.get(ranked)
    return (
        isinstance(documents, list)
        and bool(documents)
        and all(isinstance(d, str | dict) for d in documents[:4])
    )


def shaped(body: Any) -> bool:
    """A query and the documents themselves: a search API has those in its answer only."""
    return _shaped(body, "documents")


def shaped_passages(body: Any) -> bool:
    """The same in NVIDIA's words."""
    return _shaped(body, "passages")


def shaped_texts(body: Any) -> bool:
    """The same in those of Text Embeddings Inference."""
    return _shaped(body, "texts")


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - query and documents are not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    count = next((n for key in _RANKED if (n := len(elements(body.get(key))))), 0)
    found: list[tuple[str, Extra]] = [("inputs", count)] if count else []
    kept = next((k for key in _KEPT if (k := integer(body.get(key))) is not None), None)
    if kept is not None:
        found.append(("rerank.kept", kept))
    return Ask(model=text(body.get("model")), extras=tuple(found))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The ranked documents are counted, and the bill is taken."""
    listed(answer, next((value[key] for key in _RESULTS if key in value), None))
    if answer.found:
        answer.identify(value.get("id"), value.get("model"))
    bill(answer, mapping(value, "meta"))
    usage = mapping(value, "usage") or value
    if (units := integer(usage.get("rerank_units"))) is not None:  # Pinecone's
        answer.extras["units"] = units
    tokens = next(
        (n for k in ("prompt_tokens", "total_tokens") if (n := integer(usage.get(k))) is not None), None
    )
    if tokens is not None:  # a ranking has no output: all tokens are the input's
        answer.usage = Usage(tokens)


def listed(answer: Answer, values: Any) -> None:
    """Places with scores."""
    ranked = list(objects(values))
    if ranked and all("index" in r and any(s in r for s in _SCORES) for r in ranked):
        answer.found = True


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """Never streamed; of a list that came in pieces each is one."""
    listed(answer, [value])


RERANK: Final = Dialect(
    "rerank", shaped, ask, frame, whole, kind="rerank", operation="rerank", listed=listed, kept=_STAYS
)
NIM_RANKING: Final = replace(RERANK, name="nim_ranking", shaped=shaped_passages)
TEI_RERANK: Final = replace(RERANK, name="tei_rerank", shaped=shaped_texts)
