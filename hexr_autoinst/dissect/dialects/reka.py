"""Reka's own chat: `responses` where others say choices, and each event of a stream has the whole text so far. https://docs.reka.ai/api-reference/chat"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects import openai_chat
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.lenient import mapping, objects, word
from hexr_autoinst.dissect.reading import Dialect

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (*openai_chat.KEPT, "responses.finish_reason", "responses.*.role", "responses.*.content#")


def ask(body: Any, content: bool) -> Ask:
    """The request is OpenAI's; the API is not."""
    return replace(openai_chat.ask(body, content), extras=())


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value, "message")


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """An event with all that was said so far."""
    if _take(answer, value, "chunk"):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any], said: str) -> bool:
    answer.identify(value.get("id"), value.get("model"))
    if usage := mapping(value, "usage"):
        take_usage(answer, usage)
    return max(
        [_one(answer, i, r, said) for i, r in enumerate(objects(value.get("responses")))], default=False
    )


def _one(answer: Answer, index: int, value: dict[str, Any], said: str) -> bool:
    choice = answer.choice(index)
    if choice is None:
        return False
    choice.finish = word(value.get("finish_reason")) or choice.finish
    piece, known = mapping(value, said).get("content"), answer.counts.get(f"text:{index}", 0)
    if not isinstance(piece, str) or len(piece) <= known:
        return False
    answer.counts[f"text:{index}"] = len(piece)
    answer.say(choice, "text", piece[known:])
    return True


REKA: Final = Dialect("reka", openai_chat.shaped, ask, frame, whole, kept=_KEPT, places=openai_chat.PLACES)
