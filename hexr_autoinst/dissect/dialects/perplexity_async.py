"""Perplexity's completions that are asked for now and fetched later. https://docs.perplexity.ai/api-reference/async-chat-completions-post

The request and its answer are chat's, each inside an envelope.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.lenient import mapping
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "id",
    "model!",
    "status",
    *(f"{part}.{k}" for part in ("request", "response") for k in OPENAI_CHAT.kept),
)


def shaped(body: Any) -> bool:
    """A chat's request inside `request`."""
    return OPENAI_CHAT.shaped(mapping(body, "request"))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    return OPENAI_CHAT.ask(mapping(body, "request"), content)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """How far it has come, and the answer once there is one. It is known by the id that it was promised under."""
    if said := mapping(value, "response"):
        OPENAI_CHAT.whole(answer, said)
    answer.identify(value.get("id"), value.get("model"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if value.get("status") == "FAILED":
        answer.failure = answer.failure or failure.coded(
            None, value.get("error_message"), content=answer.content
        )


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """Nothing of it is streamed."""
    whole(answer, value)


PERPLEXITY_ASYNC: Final = Dialect(
    "perplexity_async", shaped, ask, frame, whole, kept=_KEPT, places=Places(messages=("request", "messages"))
)
PERPLEXITY_FETCHED: Final = replace(PERPLEXITY_ASYNC, name="perplexity_fetched", fetched=True)
