"""Ollama's own embeddings, the present ones and those they replace. https://docs.ollama.com/api/embed"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.lenient import elements, integer, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!",)


def shaped(body: Any) -> bool:
    """A model by name, and `input` or, before that, `prompt`."""
    return (
        isinstance(body, dict)
        and bool(text(body.get("model")))
        and isinstance(body.get("input", body.get("prompt")), str | list)
    )


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = body.get("input", body.get("prompt"))
    found: list[tuple[str, Extra]] = [("inputs", len(elements(said)) if isinstance(said, list) else 1)]
    if (dimensions := integer(body.get("dimensions"))) is not None:
        found.append(("embeddings.dimensions", dimensions))
    return Ask(model=text(body.get("model")), extras=tuple(found) if said is not None else ())


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The model, and how long the input was."""
    if isinstance(value.get("embeddings", value.get("embedding")), list):
        answer.found = True
        answer.identify(None, value.get("model"))
        answer.usage = Usage(integer(value.get("prompt_eval_count")))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """Embeddings are never streamed; one line that is the whole answer is read as that."""
    whole(answer, value)


OLLAMA_EMBED: Final = Dialect(
    "ollama_embed", shaped, ask, frame, whole, kind="embeddings", operation="embeddings", kept=_KEPT
)
