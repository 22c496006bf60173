"""MiniMax's embeddings and speech, which are its own; its chat is OpenAI's shape. https://platform.minimax.io/docs/api-reference"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Sampling, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "type", "trace_id", "extra_info.-", "data.-", "base_resp.-")


def shaped_embeddings(body: Any) -> bool:
    """Texts, and what they are for."""
    return isinstance(body, dict) and isinstance(body.get("texts"), list) and "type" in body


def shaped_speech(body: Any) -> bool:
    """A text, and a voice to say it."""
    return isinstance(body, dict) and isinstance(body.get("text"), str) and "voice_setting" in body


def ask_embeddings(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is embedded is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    count = len(elements(body.get("texts")))
    return Ask(model=text(body.get("model")), extras=(("inputs", count),) if count else ())


def ask_speech(body: Any, content: bool) -> Ask:
    """The request's facts. How many characters are billed the answer says."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(output_type="speech"),
        content=prompted(body.get("text")) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer. A failure comes with a good status."""
    answer.identify(value.get("trace_id"), None)
    if (tokens := integer(value.get("total_tokens"))) is not None:
        answer.usage = Usage(tokens)
    _extra(answer, mapping(value, "extra_info"))
    said = mapping(value, "base_resp")
    if said.get("status_code"):
        answer.failure = answer.failure or failure.coded(
            said["status_code"], said.get("status_msg"), content=answer.content
        )


def _extra(answer: Answer, said: dict[str, Any]) -> None:
    found: dict[str, Extra | None] = {"characters": integer(said.get("usage_characters"))}
    if (milliseconds := integer(said.get("audio_length"))) is not None:
        found["audio.seconds"] = milliseconds / 1000
    answer.extras |= {name: value for name, value in found.items() if value is not None}


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A piece of sound; the last has no new one, but the sums."""
    data = mapping(value, "data")
    if data.get("audio"):
        answer.output(at)
    answer.done = answer.done or data.get("status") == 2
    whole(answer, value)


MINIMAX_EMBEDDINGS: Final = Dialect(
    "minimax_embeddings",
    shaped_embeddings,
    ask_embeddings,
    frame,
    whole,
    kind="embeddings",
    operation="embeddings",
    kept=_KEPT,
)
MINIMAX_SPEECH: Final = Dialect(
    "minimax_speech",
    shaped_speech,
    ask_speech,
    frame,
    whole,
    kind="audio",
    operation="generate_content",
    kept=_KEPT,
)
