"""Cohere's text APIs from before its chat: generate, and summarize. https://docs.cohere.com/v1/reference/generate"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.dialects.cohere_bill import KEPT as BILL
from hexr_autoinst.dissect.dialects.cohere_bill import bill, ended
from hexr_autoinst.dissect.dialects.cohere_chat_v2 import SAMPLING, sampling
from hexr_autoinst.dissect.lenient import integer, mapping, objects, text, word
from hexr_autoinst.dissect.reading import Dialect

# No text of these is content: see `dissect.veil`.
_END: Final = (*(f"{at}{k}" for at in ("", "generations.") for k in ("finish_reason", "error_type")), *BILL)
_KEPT: Final = ("model!", "id", *SAMPLING, *_END, *(f"response.{k}" for k in ("id", *_END)))


def shaped(body: Any) -> bool:
    """A prompt, or a text to be summed up: too plain to be known anywhere but on Cohere's own host."""
    return isinstance(body, dict) and any(isinstance(body.get(key), str) for key in ("prompt", "text"))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=sampling(body),
        content=prompted(body.get("prompt", body.get("text"))) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """Some generations, or one summary."""
    answer.identify(value.get("id"), None)
    for index, one in enumerate(objects(value.get("generations"))):
        _said(answer, index, one, "text")
    if "summary" in value:
        _said(answer, 0, value, "summary")
    bill(answer, mapping(value, "meta"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A piece of a generation, or the end with all of them."""
    if value.get("is_finished") is not True:
        if _said(answer, integer(value.get("index")) or 0, value, "text"):
            answer.output(at)
        return
    answer.done = True
    answered = mapping(value, "response")
    answer.identify(answered.get("id"), None)
    for index, one in enumerate(objects(answered.get("generations"))):
        _said(answer, index, one, "")
    if not answer.choices or "finish_reason" in value:
        _said(answer, 0, value, "")
    bill(answer, mapping(answered, "meta"))


def _said(answer: Answer, index: int, value: dict[str, Any], key: str) -> bool:
    choice = answer.choice(index)
    if choice is None:
        return False
    choice.finish = word(value.get("finish_reason")) or choice.finish
    ended(answer, choice.finish, value)
    piece = value.get(key)
    if not isinstance(piece, str) or not piece:
        return False
    answer.say(choice, "text", piece)
    return True


COHERE_GENERATE: Final = Dialect(
    "cohere_generate", shaped, ask, frame, whole, kind="completion", operation="text_completion", kept=_KEPT
)
