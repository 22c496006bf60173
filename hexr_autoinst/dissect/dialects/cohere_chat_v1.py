"""Cohere's first chat API. https://docs.cohere.com/v1/reference/chat

One `message` with its history beside it. A stream is a JSON line for each event, and its last one brings the whole
answer again. Calls have no ids, so results have none either.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer, Choice, Said
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.cohere_bill import KEPT as BILL
from hexr_autoinst.dissect.dialects.cohere_bill import bill, ended
from hexr_autoinst.dissect.dialects.cohere_chat_v1_content import content_of
from hexr_autoinst.dissect.dialects.cohere_chat_v2 import SAMPLING, documents, sampling
from hexr_autoinst.dissect.lenient import integer, mapping, objects, text, word
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result

# No text of these is content: see `dissect.veil`.
_ANSWER: Final = ("response_id", "finish_reason", "error_type", "tool_calls.name", *BILL)
_KEPT: Final = (
    "model!",
    "tools.name",
    "conversation_id",
    "event_type",
    "tool_call_delta.name",
    *SAMPLING,
    *_ANSWER,
    *(f"response.{k}" for k in _ANSWER),
)


def shaped(body: Any) -> bool:
    """A message that is one text, and beside it something that Cohere alone has there."""
    return (
        isinstance(body, dict)
        and isinstance(body.get("message"), str)
        and ("model" in body or "chat_history" in body or "preamble" in body)
        and "messages" not in body
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=sampling(body),
        tool_definitions=tuple(n for t in objects(body.get("tools")) if (n := text(t.get("name")))),
        conversation=text(body.get("conversation_id")),
        extras=documents(body),
        content=content_of(body) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer, or what the last event of a stream brings."""
    answer.identify(value.get("response_id"), None)
    choice = answer.choice(0) if "response_id" in value or "generation_id" in value else None
    if choice is None:
        return
    if not any(isinstance(p, Said) for p in choice.parts):
        _say(answer, choice, value)
    if not any(choice.calls()):
        _calls(answer, choice, value)
    _end(answer, choice, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """One event of a streamed answer."""
    kind = text(value.get("event_type"))
    choice = answer.choice(0) if kind else None
    if choice is None:
        return
    match kind:
        case "text-generation":
            if _say(answer, choice, value):
                answer.output(at)
        case "tool-calls-chunk":
            if _chunk(answer, choice, value):
                answer.output(at)
        case "tool-calls-generation":
            known = any(choice.calls())
            if not known and _calls(answer, choice, value):
                answer.output(at)
        case "stream-end":
            whole(answer, mapping(value, "response"))
            _end(answer, choice, value)
            answer.done = True
        case _:  # beginnings, searches, citations
            pass


def _say(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    said = value.get("text")
    if isinstance(said, str) and said:
        answer.say(choice, "text", said)
        return True
    return False


def _calls(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    found = list(objects(value.get("tool_calls")))
    for index, one in enumerate(found):
        call = answer.call(choice, index=index, id_=None, name=text(one.get("name")))
        if call is not None:
            answer.argue_value(call, one.get("parameters"))
    return bool(found)


def _chunk(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    """A piece of a call, or of the plan that comes before the calls."""
    piece = mapping(value, "tool_call_delta")
    index, name = integer(piece.get("index")), text(piece.get("name"))
    if name is None and "parameters" not in piece:
        return _say(answer, choice, piece or value)
    call = answer.call(choice, index=index or 0, id_=None, name=name)
    if call is not None:
        answer.argue(call, piece.get("parameters"))
    return True


def _end(answer: Answer, choice: Choice, value: dict[str, Any]) -> None:
    choice.finish = word(value.get("finish_reason")) or choice.finish
    bill(answer, mapping(value, "meta"))
    ended(answer, choice.finish, value)


def answered(body: dict[str, Any]) -> Iterator[Result]:
    """Results stand beside the history, and have no ids: each repeats its call."""
    for one in objects(body.get("tool_results")):
        yield Result(None, mapping(one, "call").get("name"), value=one.get("outputs"))


PLACES: Final = Places(messages=("chat_history",), heads=(("preamble",),), beside=answered, said=("message",))
COHERE_CHAT_V1: Final = Dialect("cohere_chat_v1", shaped, ask, frame, whole, kept=_KEPT, places=PLACES)
