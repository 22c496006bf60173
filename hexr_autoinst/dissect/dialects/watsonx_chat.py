"""Chat of watsonx.ai: OpenAI's shape in which the model is called `model_id`. https://cloud.ibm.com/apidocs/watsonx-ai#text-chat"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects import openai_chat
from hexr_autoinst.dissect.lenient import text
from hexr_autoinst.dissect.reading import Dialect

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (*openai_chat.KEPT, "model_id!")


def ask(body: Any, content: bool) -> Ask:
    """The request's facts; the shape is borrowed, the API is not."""
    model = text(body.get("model_id")) if isinstance(body, dict) else None
    return replace(openai_chat.ask(body, content), model=model, extras=())


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    openai_chat.whole(answer, _named(value))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One chunk of a streamed answer."""
    openai_chat.frame(answer, "" if event == "message" else event, _named(value), at)


def _named(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "model": value.get("model_id") or value.get("model")}


WATSONX_CHAT: Final = Dialect(
    "watsonx_chat", openai_chat.shaped, ask, frame, whole, kept=_KEPT, places=openai_chat.PLACES
)
