"""Text Embeddings Inference, and the feature extraction of Hugging Face's inference API. https://huggingface.github.io/text-embeddings-inference/

An answer is a list of vectors, without any word about itself.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.lenient import elements, integer, number, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra

_DEEPEST: Final = 4  # inputs, tokens, dimensions; and one to spare
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!",)


def shaped(body: Any) -> bool:
    """One text or several, and nothing of a generation."""
    said = body.get("inputs") if isinstance(body, dict) else None
    return bool(said) and (
        isinstance(said, str) or (isinstance(said, list) and all(isinstance(s, str) for s in said[:4]))
    )


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = body.get("inputs")
    found: list[tuple[str, Extra]] = []
    if count := len(elements(said)) or int(isinstance(said, str)):
        found.append(("inputs", count))
    if (dimensions := integer(body.get("dimensions"))) is not None:
        found.append(("embeddings.dimensions", dimensions))
    return Ask(model=text(body.get("model")), extras=tuple(found))


def vectors(answer: Answer, values: list[Any]) -> None:
    """Numbers, in lists of lists."""
    one: Any = values
    for _ in range(_DEEPEST):
        if not isinstance(one, list) or not one:
            break
        one = one[0]
    answer.found = number(one) is not None


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """An object is an error, and that is told by what reads errors."""


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Never streamed."""


TEI_EMBED: Final = Dialect(
    "tei_embed",
    shaped,
    ask,
    frame,
    whole,
    kind="embeddings",
    operation="embeddings",
    listed=vectors,
    kept=_KEPT,
)
