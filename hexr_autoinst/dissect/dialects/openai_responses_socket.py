"""OpenAI's Responses on a WebSocket: a message asks, the events of a stream answer. https://platform.openai.com/docs/guides/websocket-mode

One response after the other in each lane (`stream_id`), so the oldest that is open there is the one that is answered. A response that
nobody has asked for goes on with what was said meanwhile.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.dialogue import Call, Dialogue
from hexr_autoinst.dissect.lenient import mapping, text

_ASK: Final = "response.create"


class Lanes:
    """The script: who asks in which lane. Nothing is kept beside the open calls."""

    def asks(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """The body of a request stands beside its type, or within it."""
        if value.get("type") == _ASK:
            floor.ask(mapping(value, "response") or value, at, lane=_lane(value))

    def answers(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """An event of the response that its lane is at."""
        lane, named = _lane(value), text(mapping(value, "response").get("id"))
        call = next((c for c in floor.calls if c.lane == lane), None)
        if call is not None and named is not None and call.id not in (None, named):
            floor.end(call, call.last)  # its end was not heard
            call = next((c for c in floor.calls if c.lane == lane), None)
        if call is None and named is not None and value.get("type") == "response.created":
            call = floor.ask({}, at, lane=lane)
        if call is not None:
            call.id = call.id or named
            floor.hear(call, value, at)
            if call.reading.answer.done or _refused(call, value):
                floor.end(call, at)


def _lane(value: dict[str, Any]) -> str:
    return text(value.get("stream_id")) or ""


def _refused(call: Call, value: dict[str, Any]) -> bool:
    """An error before there is a response: there will be none."""
    return call.id is None and value.get("type") == "error"


OPENAI_RESPONSES_SOCKET: Final = replace(
    OPENAI_RESPONSES,
    name="openai_responses_socket",
    shaped=lambda body: body is None,
    script=lambda _: Lanes(),
    kept=(
        *OPENAI_RESPONSES.kept, "type", "stream_id", *(f"response.{k}" for k in OPENAI_RESPONSES.kept),
    ),
)  # fmt: skip
