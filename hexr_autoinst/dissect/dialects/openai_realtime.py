"""OpenAI's Realtime, in the names of its beta and of its present version. https://platform.openai.com/docs/api-reference/realtime

A response is asked for by the client, or begun by the server itself when who speaks has stopped. The session's own settings hold for it
where its request says nothing else.
"""

from collections import deque
from typing import Any, Final
from urllib.parse import parse_qs

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_RESULTS, Ask
from hexr_autoinst.dissect.content import dumped
from hexr_autoinst.dissect.dialects.openai_chat import blocked
from hexr_autoinst.dissect.dialects.openai_realtime_content import content_of, said_of
from hexr_autoinst.dissect.dialects.openai_realtime_heard import KEPT as HEARD
from hexr_autoinst.dissect.dialects.openai_realtime_heard import PREFIX, Hearing
from hexr_autoinst.dissect.dialects.openai_responses import take_item
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.dialogue import Call, Dialogue
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Sampling

_ITEMS: Final = 64  # of a conversation, kept for the response that they are said for
# What of a session holds for its responses. Audio's own settings are nobody's question.
# As the server says it; of the rest it says its defaults too.
_CONFIRMED: Final = ("instructions", "tools", "prompt", "audio", "input_audio_transcription")
_SETTLED: Final = tuple(f"{s}session.{e}" for s in ("", "transcription_") for e in ("created", "updated"))
_SETTINGS: Final = (
    "model", "modalities", "output_modalities", "instructions", "tools", "temperature", "max_output_tokens",
    "max_response_output_tokens", "prompt", "reasoning",
)  # fmt: skip
# No text of these is content: see `dissect.veil`.
_ITEM: Final = ("type", "id", "call_id", "name", "role", "status")
_ASKED: Final = (
    "model!", "modalities", "output_modalities", "max_output_tokens", "max_response_output_tokens", "tools.name", "tools.type",
    "tools.server_label", "prompt.id", "prompt.version", "reasoning.effort", "metadata^",
)  # fmt: skip
_KEPT: Final = (
    "?model", "?deployment", "type", "event_id", "response_id", "error.event_id",
    *(f"session.{m}" for m in _ASKED), *(f"response.{m}" for m in _ASKED), *(f"item.{m}" for m in _ITEM),
    *(f"response.{m}" for m in ("id", "conversation_id", "status", "status_details.reason", "status_details.error.type", "status_details.error.code")),
    *(f"response.{m}" for m in USAGE), *(f"response.output.{m}" for m in _ITEM), *HEARD,
)  # fmt: skip


def ask(body: Any, content: bool) -> Ask:
    """The session's settings, and over them the response's; `items`: what was said for it."""
    body = body if isinstance(body, dict) else {}
    extras = [
        (f"prompt.{name}", found)
        for name in ("id", "version")
        if (found := text(mapping(body, "prompt").get(name)))
    ]
    most = integer(body.get("max_output_tokens"))
    modalities = {
        str(m) for m in elements(body.get("output_modalities") or body.get("modalities"), len(_SETTINGS))
    }
    tools = (t.get("name") or t.get("server_label") or t.get("type") for t in objects(body.get("tools")))
    return Ask(
        model=text(body.get("model")),
        sampling=Sampling(
            max_tokens=most if most is not None else integer(body.get("max_response_output_tokens")),
            temperature=number(body.get("temperature")),
            output_type="speech" if "audio" in modalities else "text" if modalities else None,
            reasoning_level=text(mapping(body, "reasoning").get("effort")),
        ),
        tool_results=tuple(body.get("results") or ()),
        tool_definitions=tuple(n for name in tools if (n := text(name))),
        extras=tuple(extras),
        content=content_of(body, dumped(body.get("said") or [])) if content else None,
    )


def frame(answer: Answer, _event: str, value: dict[str, Any], at: int) -> None:
    """One event of a response."""
    kind = str(value.get("type"))
    if kind.endswith(".delta"):  # first, since most are
        if value.get("delta"):
            answer.output(at)
    elif kind == "error":
        answer.failure = answer.failure or failure.stated(value, content=answer.content)
    elif kind == "response.output_item.done":
        if choice := answer.choice(0):
            take_item(answer, choice, mapping(value, "item"), integer(value.get("output_index")) or 0)
    elif "response" in value:
        whole(answer, mapping(value, "response"))
        answer.done = answer.done or kind == "response.done"


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A response as its first and its last event carry it."""
    answer.identify(value.get("id"), value.get("model"))
    answer.conversation = text(value.get("conversation_id")) or answer.conversation
    if usage := mapping(value, "usage"):
        take_usage(answer, usage)
    if (choice := answer.choice(0)) is None:
        return
    for index, item in enumerate(objects(value.get("output"))):
        take_item(answer, choice, item, index)
    status, details = text(value.get("status")), mapping(value, "status_details")
    if status == "completed":
        choice.finish = "tool_call" if any(not c.server for c in choice.calls()) else "stop"
    elif status in ("cancelled", "incomplete"):
        choice.finish = text(details.get("reason")) or status
        if choice.finish == failure.FILTERED:
            blocked(answer)
    elif status == "failed":
        choice.finish = "error"
        answer.failure = failure.stated(details, content=answer.content) or failure.coded(
            None, None, content=False
        )


class Session:
    """What one connection has settled, and said since the last response."""

    def __init__(self, exchange: Exchange) -> None:
        """The model stands in the address: by its name, or Azure's for a deployment."""
        query = parse_qs(exchange.request.query, max_num_fields=64)
        model = next((m for name in ("model", "deployment") for m in query.get(name, ())), None)
        self._settings: dict[str, Any] = {"model": model}
        self._served: str | None = None
        self._results: deque[str] = deque(maxlen=MOST_RESULTS)
        self._said: deque[dict[str, Any]] = deque(maxlen=_ITEMS)
        self._hearing = Hearing()
        self._committed = 0  # when what was spoken became a part of the conversation

    def asks(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """Settings, what is said, and what asks for a response."""
        match value.get("type"):
            case "session.update" | "transcription_session.update":
                self._settle(mapping(value, "session"))
            case "conversation.item.create":
                item = mapping(value, "item")
                if item.get("type") == "function_call_output" and (call := text(item.get("call_id"))):
                    self._results.append(call)
                self._said += said_of(item) if floor.content else ()
            case "response.create":
                asked = mapping(value, "response")
                mark = asked.get("metadata"), text(value.get("event_id"))
                self._ask(floor, asked, at, mark)
            case _:  # sound, and what becomes of it
                pass

    def answers(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """Events of responses; what the session is settled to."""
        kind = str(value.get("type"))
        if kind.startswith("response."):
            self._responds(floor, value, at, kind)
        elif kind.startswith(PREFIX):
            self._hearing.hears(floor, value, at)
        elif kind in _SETTLED:
            session = mapping(value, "session")
            self._served = text(session.get("model")) or self._served
            self._settle({k: session[k] for k in _CONFIRMED if k in session})
        elif kind == "input_audio_buffer.committed":
            self._committed = at
            self._hearing.taken(floor, value, at)
        elif kind == "error" and (named := text(mapping(value, "error").get("event_id"))):
            for call in [c for c in floor.calls if c.id is None and c.mark[1] == named]:
                floor.hear(call, value, at)
                floor.end(call, at)

    def _responds(self, floor: Dialogue, value: dict[str, Any], at: int, kind: str) -> None:
        response = mapping(value, "response")
        id_ = text(response.get("id")) or text(value.get("response_id"))
        call = next((c for c in floor.calls if id_ is not None and c.id == id_), None)
        if call is None and kind == "response.created" and id_ is not None:
            call = self._asked(floor, response) or self._ask(floor, {}, self._committed or at, (None, None))
            call.id, self._committed = id_, 0
            call.reading.answer.model = self._served
        if call is not None:
            floor.hear(call, value, at)
            if kind == "response.done":
                floor.end(call, at)

    def _asked(self, floor: Dialogue, response: dict[str, Any]) -> Call | None:
        """The request that this answers: the oldest that has no answer yet and has the metadata that the response repeats."""
        waiting = (c for c in floor.calls if c.id is None)
        repeats = response.get("metadata") or None
        alike = (c for c in waiting if "metadata" not in response or (c.mark[0] or None) == repeats)
        return next(alike, None)

    def _ask(self, floor: Dialogue, asked: dict[str, Any], at: int, mark: tuple[Any, str | None]) -> Call:
        """A response that is asked for, or that the server begins by itself: it hears what was said since the last."""
        own = {k: asked[k] for k in _SETTINGS if asked.get(k) is not None}
        body = {**self._settings, **own, "results": tuple(self._results), "said": list(self._said)}
        self._results.clear()
        self._said.clear()
        return floor.ask(body, at, mark=mark)

    def _settle(self, said: dict[str, Any]) -> None:
        self._hearing.settle(said)
        self._settings.update({k: v for k in _SETTINGS if (v := said.get(k)) is not None})


OPENAI_REALTIME: Final = Dialect(
    "openai_realtime", lambda body: body is None, ask, frame, whole, kept=_KEPT, script=Session
)
