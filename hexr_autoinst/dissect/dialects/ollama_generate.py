"""Ollama's own completion API. https://docs.ollama.com/api/generate

A call without a prompt loads or unloads the model: it has an end (`load`, `unload`) and no output.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.ollama_chat import KEPT, begun, broken, sampling, say, streams
from hexr_autoinst.dissect.dialects.ollama_content import prompt_content
from hexr_autoinst.dissect.lenient import elements, text
from hexr_autoinst.dissect.reading import Dialect

# What a call without a prompt may say: a request of another API has other members.
_LOADING: Final = frozenset(
    {"model", "prompt", "keep_alive", "stream", "options", "system", "template", "context", "raw"}
)
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", *KEPT)


def shaped(body: Any) -> bool:
    """A model by name, and a prompt; or nothing but what loads a model."""
    if not isinstance(body, dict) or text(body.get("model")) is None:
        return False
    prompt = body.get("prompt", "")
    return isinstance(prompt, str) and (bool(prompt) or body.keys() <= _LOADING)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    images = len(elements(body.get("images")))
    return Ask(
        model=text(body.get("model")),
        stream=streams(body),
        sampling=sampling(body),
        extras=(("images", images),) if images else (),
        content=prompt_content(body) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """One line of a streamed answer."""
    broken(answer, value)
    if _take(answer, value):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    choice = begun(answer, value, "response")
    if choice is None:
        return False
    thought = say(answer, choice, "reasoning", value.get("thinking"))
    return say(answer, choice, "text", value.get("response")) or thought


OLLAMA_GENERATE: Final = Dialect(
    "ollama_generate", shaped, ask, frame, whole, kind="completion", operation="text_completion", kept=_KEPT
)
