"""Google's Live API (BidiGenerateContent), of Gemini and of Vertex AI. https://ai.google.dev/api/live

A turn of the model is a call, from what it answers to its end. One that asks for functions ends where the client answers them: what
follows is the next. Live has words for no end but an interruption, so an end that is a good one is told in ours.
"""

from collections import deque
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects import gemini
from hexr_autoinst.dissect.dialects.google_json import field, inside, named, some, spelled
from hexr_autoinst.dissect.dialogue import Call, Dialogue
from hexr_autoinst.dissect.lenient import mapping, text
from hexr_autoinst.dissect.reading import Dialect

_SETTINGS: Final = ("model", "generationConfig", "tools")
_WORDS: Final = ("systemInstruction",)
_TURNS: Final = 64  # of a conversation, kept for the answer that they are said for
_SPOKEN: Final = ("modelTurn", "outputTranscription")
# Live counts what generateContent does, under one other name.
_COUNTED: Final = {
    "responseTokenCount": "candidatesTokenCount",
    "responseTokensDetails": "candidatesTokensDetails",
}
_PART: Final = tuple(f"serverContent.modelTurn.{p}" for p in ("role", *(f"parts.{p}" for p in gemini.PARTS)))
_SETUP: Final = tuple(
    k for k in gemini.KEPT if k.startswith(("generationConfig", "generation_config", "tools"))
)
_KEPT: Final = (
    *spelled(
        "setup.model!", "clientContent.turnComplete", "clientContent.turns.role", "clientContent.turns.parts.functionResponse.id",
        "clientContent.turns.parts.functionResponse.name", "toolResponse.functionResponses.id", "toolResponse.functionResponses.name",
        "realtimeInput.-", "serverContent.turnCompleteReason", "serverContent.outputTranscription.-", "toolCall.functionCalls.id", "toolCall.functionCalls.name",
        "usageMetadata.*.modality", *(p for p in _PART),
    ),
    *(f"setup.{k}" for k in _SETUP),
)  # fmt: skip


def ask(body: Any, content: bool) -> Any:
    """As generateContent's; the model stands in the setup."""
    asked = gemini.ask(body, content)
    model = text(mapping(body).get("model"))
    return replace(asked, model=model.removeprefix("models/").rpartition("/models/")[2] if model else None)


def frame(answer: Answer, _event: str, value: dict[str, Any], at: int) -> None:
    """One message of a turn."""
    said, calls = mapping(value, "serverContent"), some(mapping(value, "toolCall").get("functionCalls"))
    if (choice := answer.choice(0)) is None:
        return
    parts = [*some(mapping(said, "modelTurn").get("parts")), *({"functionCall": c} for c in calls)]
    spoken = max([gemini.take_part(answer, choice, p) for p in parts], default=False)
    if heard := text(mapping(said, "outputTranscription").get("text"), 1 << 20):
        answer.say(choice, "text", heard)
        spoken = True
    if spoken:
        answer.output(at)
    if usage := mapping(value, "usageMetadata"):
        answer.usage = gemini.used(answer, {_COUNTED.get(k, k): v for k, v in usage.items()})
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if said.get("interrupted") is True:
        choice.finish = "interrupted"
    answer.done = answer.done or said.get("turnComplete") is True
    if answer.done or calls:
        reason = named(said.get("turnCompleteReason"))
        good = "tool_call" if any(not c.server for c in choice.calls()) else "stop"
        choice.finish = reason or choice.finish or good


class Turns:
    """The script: what was set up, and what was said since the model's last turn."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self._setup: dict[str, Any] = {}
        self._turns: deque[dict[str, Any]] = deque(maxlen=_TURNS)
        self._asked = 0  # when the client has said something that wants an answer, and not asked for it

    def asks(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """Setup, turns of the user, answers of functions, and what is spoken meanwhile."""
        if setup := inside(value, "setup"):
            told = (*_SETTINGS, *_WORDS) if floor.content else _SETTINGS
            self._setup = {k: field(setup, k) for k in told if field(setup, k) is not None}
        elif said := inside(value, "clientContent"):
            self._turns += [_short(t, content=floor.content) for t in some(field(said, "turns"))]
            if field(said, "turnComplete") is True and not any(not c.answered for c in floor.calls):
                self._ask(floor, at)
        elif said := inside(value, "toolResponse"):
            answers = [{"functionResponse": r} for r in some(field(said, "functionResponses"))]
            self._turns.append(_short({"role": "user", "parts": answers}, content=floor.content))
            call = floor.calls[0] if floor.calls else None
            if call is not None and any(
                True for c in call.reading.answer.choices.values() for _ in c.calls()
            ):
                floor.end(call, call.last)
            if not floor.calls:
                self._ask(floor, at)
        elif (said := inside(value, "realtimeInput")) and any(
            field(said, k) is not None for k in ("text", "activityEnd", "audioStreamEnd")
        ):
            self._asked = at

    def answers(self, floor: Dialogue, value: dict[str, Any], at: int) -> None:
        """What the model says in its turn, and where that ends."""
        said = mapping(value, "serverContent")
        call = floor.calls[0] if floor.calls else None
        speaks = any(k in said for k in _SPOKEN) or "toolCall" in value
        if call is not None and speaks and _interrupted(call):
            floor.end(call, call.last)  # the end of what was interrupted was not heard
            call = floor.calls[0] if floor.calls else None
        if call is None and speaks:
            call = self._ask(floor, self._asked or at)
        if call is not None and ("serverContent" in value or "toolCall" in value or "usageMetadata" in value):
            floor.hear(call, value, at)
            if call.reading.answer.done:
                floor.end(call, at)

    def _ask(self, floor: Dialogue, at: int) -> Call:
        body = {**self._setup, "contents": list(self._turns)}
        self._turns.clear()
        self._asked = 0
        return floor.ask(body, at)


def _interrupted(call: Call) -> bool:
    return any(c.finish == "interrupted" for c in call.reading.answer.choices.values())


def _short(turn: dict[str, Any], *, content: bool) -> dict[str, Any]:
    """A turn that waits: without its content only the answers of functions are asked for."""
    parts = some(field(turn, "parts"))[:_TURNS]
    if not content:
        answers = (inside(p, "functionResponse") for p in parts)
        parts = [{"functionResponse": {k: a.get(k) for k in ("id", "name")}} for a in answers if a]
    return {"role": turn.get("role"), "parts": parts}


GEMINI_LIVE: Final = Dialect(
    "gemini_live",
    lambda body: body is None,
    ask,
    frame,
    gemini.whole,
    operation="generate_content",
    kept=_KEPT,
    script=lambda _: Turns(),
)
