"""Mistral's chat, its agents' and its "fill in the middle": OpenAI's shape, with reasoning among the parts of a message. https://docs.mistral.ai/api/

What was heard is counted in seconds beside the tokens.
"""

from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.dialects import openai_chat
from hexr_autoinst.dissect.lenient import mapping, number, objects, signed, text
from hexr_autoinst.dissect.reading import Dialect

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (*openai_chat.KEPT, "agent_id")


def shaped_fim(body: Any) -> bool:
    """A prompt; what shall stand behind it, if anything shall."""
    return isinstance(body, dict) and isinstance(body.get("prompt"), str)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    found, body = openai_chat.ask(body, content), body if isinstance(body, dict) else {}
    agent, seed = text(body.get("agent_id")), signed(body.get("random_seed"))
    return replace(
        found,
        sampling=replace(found.sampling, seed=seed),
        extras=(*found.extras, *((("agent.id", agent),) if agent else ())),
    )


def ask_fim(body: Any, content: bool) -> Ask:
    """The request's facts: no messages, one prompt."""
    found, body = ask(body, content=False), body if isinstance(body, dict) else {}
    return replace(found, extras=(), content=prompted(body.get("prompt")) if content else None)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    openai_chat.whole(answer, _told_apart(value))
    heard(answer, mapping(value, "usage"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One chunk of a streamed answer."""
    openai_chat.frame(answer, event, _told_apart(value), at)
    heard(answer, mapping(value, "usage"))


def heard(answer: Answer, usage: dict[str, Any]) -> None:
    """How long the sound in the request was."""
    if (seconds := number(usage.get("prompt_audio_seconds"))) is not None:
        answer.extras["audio.seconds"] = seconds


def _told_apart(value: dict[str, Any]) -> dict[str, Any]:
    """The same, with reasoning beside the text where it was among its parts."""
    choices = [
        {k: _message(v) if k in ("delta", "message") else v for k, v in c.items()}
        for c in objects(value.get("choices"))
    ]
    return {**value, "choices": choices} if choices else value


def _message(said: Any) -> Any:
    if not isinstance(said, dict) or not isinstance(said.get("content"), list):
        return said
    return {**said, "content": spoken(said["content"]), "reasoning_content": thought(said["content"])}


def spoken(parts: Any) -> str:
    """The text among the parts."""
    return "".join(p["text"] for p in objects(parts) if isinstance(p.get("text"), str))


def thought(parts: Any) -> str:
    """The reasoning among the parts, which is text or parts again."""
    found = (p.get("thinking") for p in objects(parts) if p.get("type") == "thinking")
    return "".join(f if isinstance(f, str) else spoken(f) for f in found)


MISTRAL_CHAT: Final = Dialect(
    "mistral_chat", openai_chat.shaped, ask, frame, whole, kept=_KEPT, places=openai_chat.PLACES
)
MISTRAL_FIM: Final = Dialect(
    "mistral_fim",
    shaped_fim,
    ask_fim,
    frame,
    whole,
    kind="completion",
    operation="text_completion",
    kept=_KEPT,
)
