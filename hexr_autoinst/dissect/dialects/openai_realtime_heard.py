"""What a Realtime session transcribes of what is spoken to it: calls of another model, beside the responses and billed by that model's prices.

https://platform.openai.com/docs/api-reference/realtime-server-events/conversation/item/input_audio_transcription One begins when what was
spoken becomes an item of the conversation, if the session has settled on a model for it, and may end before or after the item's response.
"""

from collections import deque
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects import openai_audio
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialogue import Call, Dialogue
from hexr_autoinst.dissect.lenient import integer, mapping, text
from hexr_autoinst.dissect.reading import Dialect

PREFIX: Final = "conversation.item.input_audio_transcription."
_ENDS: Final = (".completed", ".failed")
_REMEMBERED: Final = 64  # of those that are over: what still comes of them begins none
# No text of these is content: see `dissect.veil`.
KEPT: Final = (
    "item_id", *USAGE,
    *(f"session.{m}.model!" for m in ("input_audio_transcription", "audio.input.transcription")),
)  # fmt: skip


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """`.delta`, `.segment`, `.completed`, `.failed`: as the transcription of a file is told, but for the end's name."""
    if text(value.get("type")) == f"{PREFIX}completed":
        value = {"type": ".done", "text": value.get("transcript"), "usage": value.get("usage")}
    openai_audio.frame(answer, event, value, at)


HEARD: Final = Dialect(
    "openai_realtime_heard",
    openai_audio.heard_shape,
    openai_audio.ask_transcription,
    frame,
    openai_audio.whole,
    kind="audio",
    operation="generate_content",
)


class Hearing:
    """By what a session transcribes, if it does, and which of its transcriptions are over."""

    def __init__(self) -> None:
        """A session transcribes nothing before it says so."""
        self._settled: dict[str, Any] | None = None
        self._over: deque[str] = deque(maxlen=_REMEMBERED)

    def settle(self, session: dict[str, Any]) -> None:
        """What either side says of the session, in the beta's place or the present one; null switches it off."""
        audio = mapping(mapping(session, "audio"), "input")
        for where, name in ((session, "input_audio_transcription"), (audio, "transcription")):
            if name in where:
                said = where[name]
                self._settled = said if isinstance(said, dict) else None

    def taken(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """What was spoken is an item now."""
        if self._settled is not None and text(value.get("item_id")):
            self._ask(floor, _named(value), at)

    def hears(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """An event of a transcription. Of an item that somebody else has made, it is the first that is heard of one."""
        if (id_ := _named(value)) in self._over:
            return
        call = next((c for c in floor.calls if c.id == id_), None) or self._ask(floor, id_, at)
        floor.hear(call, value, at)
        if str(value.get("type")).endswith(_ENDS):
            floor.end(call, at)
            self._over.append(id_)

    def _ask(self, floor: Dialogue, id_: str, at: int) -> Call:
        call = floor.ask(self._settled or {}, at, dialect=HEARD)
        call.id = id_
        return call


def _named(value: dict[str, Any]) -> str:
    """An item may have several parts, each transcribed by itself. No response is called so."""
    return f"{text(value.get('item_id'))}/{integer(value.get('content_index')) or 0}"
