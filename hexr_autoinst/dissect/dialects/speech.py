"""Speech from text, and text from speech, of vendors that are known for nothing else.

https://elevenlabs.io/docs/api-reference/text-to-speech/convert https://elevenlabs.io/docs/api-reference/speech-to-text/convert
https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded https://www.assemblyai.com/docs/api-reference/transcripts
Sound is not kept, on whichever side it is. Of what is billed, characters are counted in the request and seconds stand in the answer.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import mapping, number, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling

_MODELS: Final = ("model_id", "model", "speech_model")
_SECONDS: Final = ("duration", "audio_duration", "audio_duration_secs")
_TEXT: Final = 1 << 20
# No text of these is content: see `dissect.veil`.
_SPEECH: Final = (*(f"{m}!" for m in _MODELS), "text#")  # its length is told
_TRANSCRIPTION: Final = (
    *(f"{m}!" for m in _MODELS), "id", "request_id", "transcription_id", "status", "metadata.request_id",
    "metadata.model_info.*.name", "results.channels.alternatives.-",
)  # fmt: skip


def shaped(body: Any) -> bool:
    """Nothing that would be known anywhere but on the vendors' own hosts."""
    return isinstance(body, dict)


def ask_speech(body: Any, content: bool) -> Ask:
    """A text to be said."""
    body = body if isinstance(body, dict) else {}
    said = body.get("text")
    return Ask(
        model=_model(body),
        sampling=Sampling(output_type="speech"),
        extras=(("characters", len(said)),) if isinstance(said, str) and said else (),
        content=prompted(said) if content else None,
    )


def ask_transcription(body: Any, content: bool) -> Ask:  # noqa: ARG001 - sound is not kept
    """Sound to be written down, or where it lies."""
    return Ask(model=_model(body if isinstance(body, dict) else {}), sampling=Sampling(output_type="text"))


def _model(body: dict[str, Any]) -> str | None:
    return next((m for key in _MODELS if (m := text(body.get(key)))), None)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """An answer in JSON; `metadata` is Deepgram's, the status is AssemblyAI's."""
    about = mapping(value, "metadata") or value
    answer.identify(
        about.get("request_id") or about.get("id") or about.get("transcription_id"), _spoke(about)
    )
    if (seconds := next((n for k in _SECONDS if (n := number(about.get(k))) is not None), None)) is not None:
        answer.extras["audio.seconds"] = seconds
    said = _transcript(value)
    choice = answer.choice(0) if said is not None else None
    if choice is not None and said:
        answer.say(choice, "text", said)
    _status(answer, value)


def _spoke(about: dict[str, Any]) -> str | None:
    models = [m for m in mapping(about, "model_info").values() if isinstance(m, dict)]
    return next((n for m in models if (n := text(m.get("name")))), None) or text(about.get("speech_model"))


def _transcript(value: dict[str, Any]) -> str | None:
    if isinstance(value.get("text"), str):
        return text(value["text"], _TEXT)
    channels = objects(mapping(value, "results").get("channels"))
    found = [next(objects(c.get("alternatives")), {}).get("transcript") for c in channels]
    return "\n".join(f for f in found if isinstance(f, str)) or None


def _status(answer: Answer, value: dict[str, Any]) -> None:
    status = value.get("status")
    if status == "completed":
        answer.done = True
    elif status == "error":
        answer.failure = answer.failure or failure.coded(status, value.get("error"), content=answer.content)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A piece of sound in text, with its times (ElevenLabs)."""
    if value.get("audio_base64"):
        answer.found = answer.done = True  # nothing marks the end: each may be the last
        answer.output(at)


SPEECH: Final = Dialect(
    "speech",
    shaped,
    ask_speech,
    frame,
    whole,
    kind="audio",
    operation="generate_content",
    opaque=True,
    kept=_SPEECH,
)
TRANSCRIPTION: Final = Dialect(
    "transcription",
    shaped,
    ask_transcription,
    frame,
    whole,
    kind="audio",
    operation="generate_content",
    opaque=True,
    kept=_TRANSCRIPTION,
)
# A look at a transcription that was ordered earlier.
TRANSCRIPTION_FETCHED: Final = replace(TRANSCRIPTION, name="transcription_fetched", fetched=True)
