"""What Bedrock's models answer beside text: vectors, images, an order of documents. Of them only counts are told.

Titan, Cohere, Nova and Marengo embed; Titan, Nova Canvas and Stability draw; Cohere and Amazon rerank.
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.lenient import elements, integer, mapping, objects, signed, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Sampling, Usage

_INPUTS: Final = ("texts", "images", "inputs")
_VECTORS: Final = ("embedding", "embeddings", "embeddingsByType", "data")
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "id", "taskType", "input_type", "embedding_types", "embeddingTypes", "embeddingConfig.-", "singleEmbeddingParams.-",
    "imageGenerationConfig.-", "finish_reasons!", "artifacts.finishReason", "text_prompts.-",
)  # fmt: skip


def embeds(body: Any) -> bool:
    """Cohere's kind of input, Nova's kind of task, or Titan's text without any word on how to go on with it."""
    if not isinstance(body, dict):
        return False
    task = str(body.get("taskType"))
    return (
        "input_type" in body
        or task.endswith("_EMBEDDING")
        or "embeddingConfig" in body
        or ("inputText" in body and "textGenerationConfig" not in body)
    )


def ask_embeddings(body: Any, _content: bool) -> Ask:
    """How many inputs, how long their vectors shall be and of what."""
    body = body if isinstance(body, dict) else {}
    asked = next((len(elements(body[k])) for k in _INPUTS if isinstance(body.get(k), list)), 1)
    found: list[tuple[str, Extra]] = [("inputs", asked)]
    places = (
        body.get("dimensions"),
        body.get("output_dimension"),
        mapping(body, "embeddingConfig").get("outputEmbeddingLength"),
        mapping(body, "singleEmbeddingParams").get("embeddingDimension"),
    )
    if (size := next((n for p in places if (n := integer(p)) is not None), None)) is not None:
        found.append(("embeddings.dimensions", size))
    if formats := words(body.get("embedding_types") or body.get("embeddingTypes"), 8):
        found.append(("embeddings.formats", formats))
    return Ask(extras=tuple(found))


def take_embeddings(answer: Answer, value: dict[str, Any]) -> None:
    """Titan counts in the body, the others in the header fields."""
    answer.found = any(k in value for k in _VECTORS)
    answer.identify(value.get("id"), None)
    answer.usage = Usage(input=integer(value.get("inputTextTokenCount")))


def draws(body: Any) -> bool:
    """Amazon's kinds of task, or Stability's list of prompts."""
    return isinstance(body, dict) and ("taskType" in body or "text_prompts" in body)


def ask_images(body: Any, _content: bool) -> Ask:
    """How many are wanted."""
    body = body if isinstance(body, dict) else {}
    config = mapping(body, "imageGenerationConfig") or body
    count = integer(config.get("numberOfImages"))
    sampling = Sampling(
        choices=count if count is not None else integer(config.get("samples")),
        seed=signed(config.get("seed")),
        output_type="image",
    )
    return Ask(sampling=sampling)


def take_images(answer: Answer, value: dict[str, Any]) -> None:
    """Images, and why some are missing: a reason for each (Stability), or an `error`, which is moderation's (Amazon)."""
    drawn = [*elements(value.get("images")), *objects(value.get("artifacts"))]
    answer.found = bool(drawn) or "finish_reasons" in value
    if drawn:
        answer.extras["images"] = len(drawn)
    reasons = [word(r) for r in elements(value.get("finish_reasons"), 128)]
    reasons += [word(a.get("finishReason")) for a in objects(value.get("artifacts"), 128)]
    filtered = any(r and "filter" in r.lower() for r in reasons)  # "Filter reason: prompt", CONTENT_FILTERED
    if filtered or isinstance(value.get("error"), str):
        answer.extras["guard.output_blocked"] = failure.FILTERED
        answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


def ranks(body: Any) -> bool:
    """A question and documents."""
    return isinstance(body, dict) and "query" in body and isinstance(body.get("documents"), list)


def ask_rerank(body: Any, _content: bool) -> Ask:
    """How many documents."""
    documents = body.get("documents") if isinstance(body, dict) else None
    return Ask(extras=(("inputs", len(documents)),) if isinstance(documents, list) else ())


def take_rerank(answer: Answer, value: dict[str, Any]) -> None:
    """The order is not looked at."""
    answer.found = isinstance(value.get("results"), list)
    answer.identify(value.get("id"), None)


def _never(_answer: Answer, _event: str, _value: dict[str, Any], _at: int) -> None:
    """None of these is streamed."""


BEDROCK_EMBEDDINGS: Final = Dialect(
    "bedrock_embeddings",
    embeds,
    ask_embeddings,
    _never,
    take_embeddings,
    "embeddings",
    "embeddings",
    kept=_KEPT,
)
BEDROCK_IMAGES: Final = Dialect(
    "bedrock_images", draws, ask_images, _never, take_images, "image", "generate_content", kept=_KEPT
)
BEDROCK_RERANK: Final = Dialect(
    "bedrock_rerank", ranks, ask_rerank, _never, take_rerank, "rerank", "rerank", kept=_KEPT
)
