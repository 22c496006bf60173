"""Mistral's transcriptions: OpenAI's form, other words in the stream, and seconds that are billed beside the tokens. https://docs.mistral.ai/api/endpoint/audio/transcriptions"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects import openai_audio
from hexr_autoinst.dissect.dialects.mistral_chat import heard
from hexr_autoinst.dissect.lenient import mapping


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    openai_audio.whole(answer, value)
    heard(answer, mapping(value, "usage"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """`transcription.text.delta`, `.segment`, `.language` and `.done`, which has the model and the usage."""
    if str(value.get("type", event)).endswith("text.delta"):
        value = {**value, "delta": value.get("text")}
    openai_audio.frame(answer, event, value, at)
    answer.identify(None, value.get("model"))
    heard(answer, mapping(value, "usage"))


MISTRAL_TRANSCRIPTION: Final = replace(
    openai_audio.OPENAI_TRANSCRIPTION, name="mistral_transcription", whole=whole, frame=frame
)
