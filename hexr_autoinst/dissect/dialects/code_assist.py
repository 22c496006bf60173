"""Google's Code Assist, as Gemini's command line speaks it when its user has signed in: generateContent in an envelope.

https://github.com/google-gemini/gemini-cli, packages/core/src/code_assist/converter.ts
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects import gemini
from hexr_autoinst.dissect.dialects.google_json import field, inside, spelled
from hexr_autoinst.dissect.lenient import text
from hexr_autoinst.dissect.reading import Dialect

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "model!", *spelled("request.sessionId"), *(f"request.{k}" for k in gemini.KEPT), *(f"response.{k}" for k in gemini.KEPT), *gemini.KEPT
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A request inside the request."""
    return gemini.shaped(inside(body, "request"))


def ask(body: Any, content: bool) -> Ask:
    """Beside what is asked stands the model; the session is the conversation."""
    inner = inside(body, "request")
    return replace(
        gemini.ask(inner, content),
        model=text(field(body, "model")),
        conversation=text(field(inner, "sessionId")),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    gemini.take(answer, _opened(value))


def frame(answer: Answer, _event: str, value: dict[str, Any], at: int) -> None:
    """One chunk of a streamed answer."""
    if gemini.take(answer, _opened(value)):
        answer.output(at)


def _opened(value: dict[str, Any]) -> dict[str, Any]:
    return inside(value, "response") or value  # an error has no envelope


CODE_ASSIST: Final = Dialect(
    "code_assist",
    shaped,
    ask,
    frame,
    whole,
    operation="generate_content",
    kept=_KEPT,
    places=replace(
        gemini.PLACES,
        messages=("request", "contents"),
        heads=(("request", "systemInstruction"), ("request", "system_instruction")),
    ),
)
