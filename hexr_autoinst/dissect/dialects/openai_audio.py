"""OpenAI's audio: speech from text, text from speech. https://platform.openai.com/docs/api-reference/audio

Speech is asked for in JSON and answered by sound or by events; a transcription or a translation is asked for by a form and answered by JSON,
plain text, subtitles or events. Usage is in tokens or in seconds.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.form import decimal
from hexr_autoinst.dissect.lenient import mapping, number, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Content, Sampling

_TEXT: Final = 64 << 10
# No text of these is content: see `dissect.veil`.
_SPEECH: Final = (
    "model!",
    "voice",
    "stream_format",
    "response_format",
    "input#",
    *USAGE,
)  # its length is told
_TRANSCRIPTION: Final = ("model!", "stream", "temperature", "response_format", *USAGE)


def spoken_shape(body: Any) -> bool:
    """A text, and a voice to say it."""
    return (
        isinstance(body, dict)
        and isinstance(body.get("input"), str)
        and bool(body.get("voice") or body.get("model"))
    )


def ask_speech(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = body.get("input") if isinstance(body.get("input"), str) else ""
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream_format") == "sse",
        sampling=Sampling(output_type="speech"),
        extras=(("characters", len(said)),) if said else (),
        content=Content(input_messages=dumped([message("user", [text_part(said)])]))
        if content and said
        else None,
    )


def heard_shape(body: Any) -> bool:
    """A form that names a model; the sound is a file, and files are not read."""
    return isinstance(body, dict) and isinstance(body.get("model"), str) and "messages" not in body


def ask_transcription(body: Any, content: bool) -> Ask:
    """The request's facts: the fields of the form are text."""
    body = body if isinstance(body, dict) else {}
    prompt = text(body.get("prompt"), _TEXT)
    told = Content(input_messages=dumped([message("user", [text_part(prompt)])])) if prompt else None
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") in (True, "true"),
        sampling=Sampling(temperature=decimal(body.get("temperature")), output_type="text"),
        content=told if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer in JSON."""
    answer.identify(None, value.get("model"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    _heard(answer, value)
    if (seconds := number(value.get("duration"))) is not None:
        answer.extras.setdefault("audio.seconds", seconds)


def _heard(answer: Answer, value: dict[str, Any]) -> None:
    said = value.get("text")
    if isinstance(said, str):
        answer.found = True
        choice = answer.choice(0)
        if choice and not choice.parts:
            answer.say(choice, "text", said)
    _use(answer, mapping(value, "usage"))


def _use(answer: Answer, said: dict[str, Any]) -> None:
    if said.get("type") == "duration":
        if (seconds := number(said.get("seconds"))) is not None:
            answer.extras["audio.seconds"] = seconds
    elif said:
        take_usage(answer, said)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """`transcript.text.delta`, `.segment` and `.done`; `speech.audio.delta` and `.done`."""
    kind = text(value.get("type")) or event
    answer.failure = answer.failure or failure.stated(
        {"error": value} if kind == "error" and "error" not in value else value, content=answer.content
    )
    if kind.endswith((".delta", ".segment")) and (
        value.get("delta") or value.get("audio") or value.get("text")
    ):
        answer.found = True
        answer.output(at)
        piece = value.get("delta")
        if isinstance(piece, str) and (choice := answer.choice(0)):
            answer.say(choice, "text", piece)
    elif kind.endswith(".done"):
        answer.done = answer.found = True
        _heard(answer, value)


OPENAI_SPEECH: Final = Dialect(
    "openai_speech",
    spoken_shape,
    ask_speech,
    frame,
    whole,
    kind="audio",
    operation="generate_content",
    opaque=True,
    kept=_SPEECH,
)
OPENAI_TRANSCRIPTION: Final = Dialect(
    "openai_transcription",
    heard_shape,
    ask_transcription,
    frame,
    whole,
    kind="audio",
    operation="generate_content",
    opaque=True,
    kept=_TRANSCRIPTION,
)
