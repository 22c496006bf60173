"""Google's embedContent and batchEmbedContents, on Gemini's API and on Vertex AI. https://ai.google.dev/api/embeddings"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.gemini import used
from hexr_autoinst.dissect.dialects.google_json import field, inside, some, spelled
from hexr_autoinst.dissect.lenient import elements, integer, mapping
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra

# No text of these is content: see `dissect.veil`.
_KEPT: Final = spelled(
    "content.parts.-",
    "requests.content.parts.-",
    "embedContentConfig.-",
    "embedding.-",
    "embeddings.-",
    "usageMetadata.*.modality",
)


def shaped(body: Any) -> bool:
    """A content, or requests that have one each."""
    asked = _requests(body)
    return bool(asked) and all(inside(r, "content").get("parts") is not None for r in asked[:4])


def _requests(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, dict):
        return []
    return some(body["requests"]) if "requests" in body else [body]


def ask(body: Any, _content: bool) -> Ask:
    """How many texts, and how long their vectors shall be; the model stands in the path."""
    asked = _requests(body)
    found: list[tuple[str, Extra]] = [("inputs", len(asked))] if asked else []
    for one in asked[:1]:
        size = field(one, "outputDimensionality")
        size = field(inside(one, "embedContentConfig"), "outputDimensionality") if size is None else size
        if (dimensions := integer(size)) is not None:
            found.append(("embeddings.dimensions", dimensions))
    return Ask(extras=tuple(found))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer: the vectors are not looked at."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    answer.found = bool(mapping(value, "embedding") or elements(value.get("embeddings"), 1))
    if usage := mapping(value, "usageMetadata"):
        answer.usage = used(answer, usage)


def frame(answer: Answer, _event: str, value: dict[str, Any], _at: int) -> None:
    """An answer that came as the element of a list."""
    whole(answer, value)


GEMINI_EMBEDDINGS: Final = Dialect(
    "gemini_embeddings", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
