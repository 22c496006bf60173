"""OpenAI's embeddings. https://platform.openai.com/docs/api-reference/embeddings

The vectors are never kept, be they numbers or base64.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra

_FORMATS: Final = 8
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "encoding_format", "provider", *USAGE)


def shaped(body: Any) -> bool:
    """An input: text, tokens, a list of either, or objects with an image. A path may name the model, or a server have only one."""
    return isinstance(body, dict) and bool(body.get("input")) and isinstance(body["input"], str | list)


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - the convention has no place for what is embedded
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    extras: list[tuple[str, Extra]] = [("inputs", _inputs(body.get("input")))]
    if (dimensions := integer(body.get("dimensions"))) is not None:
        extras.append(("embeddings.dimensions", dimensions))
    if formats := words(body.get("encoding_format"), _FORMATS):
        extras.append(("embeddings.formats", formats))
    return Ask(model=text(body.get("model")), extras=tuple(e for e in extras if e[1]))


def _inputs(said: Any) -> int:
    """How many texts. A list of numbers is one of them, in tokens."""
    if not isinstance(said, list):
        return int(bool(said))
    return len(said) if elements(said, 1) and not isinstance(said[0], int) else int(bool(said))


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer: there is no other."""
    answer.identify(value.get("id"), value.get("model"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    answer.found = answer.found or isinstance(value.get("data"), list)
    if said := mapping(value, "usage"):
        take_usage(answer, said)
        answer.usage = replace(answer.usage, output=None)  # some say 0: nothing is written
    if upstream := text(value.get("provider")):
        answer.extras["upstream"] = upstream


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """Whoever streams an embedding sends it whole."""
    whole(answer, value)


OPENAI_EMBEDDINGS: Final = Dialect(
    "openai_embeddings", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
