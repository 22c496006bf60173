"""Bedrock's InvokeModel: a model's own body, and beside it what the service adds.

Token counts stand in header fields, or in the last chunk of a stream; they are told where the body says none.
A guardrail's action and trace stand beside the model's members.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects import bedrock_guardrail
from hexr_autoinst.dissect.dialects.anthropic_complete import ANTHROPIC_COMPLETE
from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.bedrock_converse import BEDROCK_CONVERSE
from hexr_autoinst.dissect.dialects.bedrock_media import BEDROCK_EMBEDDINGS, BEDROCK_IMAGES, BEDROCK_RERANK
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.prompt_text import PROMPT_CHAT, PROMPT_TEXT
from hexr_autoinst.dissect.lenient import integer, mapping, objects
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.exchange import Exchange

# The service's counts: as a stream's last chunk names them, and as the header fields do.
_COUNTS: Final = {
    "inputTokenCount": "x-amzn-bedrock-input-token-count",
    "outputTokenCount": "x-amzn-bedrock-output-token-count",
    "cacheReadInputTokenCount": "x-amzn-bedrock-cache-read-input-token-count",
    "cacheWriteInputTokenCount": "x-amzn-bedrock-cache-write-input-token-count",
}
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    *(f"{name}:" for name in _COUNTS.values()), "x-amzn-bedrock-guardrailidentifier:", "anthropic_version",
    "amazon-bedrock-guardrailAction", "amazon-bedrock-invocationMetrics.-", "choices.stop_reason",
    *(f"amazon-bedrock-trace.guardrail.{k}" for k in bedrock_guardrail.KEPT),
)  # fmt: skip


def invoked(dialect: Dialect, name: str, shaped: Callable[[Any], bool] | None = None) -> Dialect:
    """A shape as this service carries it. The model stands in the path, whatever else a body says."""

    def ask(body: Any, content: bool) -> Ask:
        return replace(dialect.ask(body, content), model=None)

    def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
        _beside(answer, value)
        dialect.frame(answer, event, value, at)

    def whole(answer: Answer, value: dict[str, Any]) -> None:
        _beside(answer, value)
        dialect.whole(answer, value)

    return replace(
        dialect,
        name=name,
        shaped=shaped or dialect.shaped,
        ask=ask,
        frame=frame,
        whole=whole,
        heads=counted,
        kept=(*dialect.kept, *_KEPT),
    )


def _beside(answer: Answer, value: dict[str, Any]) -> None:
    bedrock_guardrail.acted(answer, value)
    metrics = mapping(value, "amazon-bedrock-invocationMetrics")
    for name in _COUNTS:
        if (count := integer(metrics.get(name))) is not None:
            answer.counts[name] = count


def counted(answer: Answer, exchange: Exchange) -> None:
    """Tell what the body did not. Cached input is counted beside the rest of it."""
    bedrock_guardrail.asked(answer, exchange)
    input_, output, read, written = (_count(answer, exchange, name) for name in _COUNTS)
    usage = answer.usage
    if usage.input is None and input_ is not None:
        cached = (read or 0) + (written or 0)
        usage = replace(usage, input=integer(input_ + cached), cache_read=read, cache_write=written)
    if usage.output is None and not answer.found:  # a vector, an image or an order has no tokens
        usage = replace(usage, output=output)
    answer.usage = usage
    bedrock_guardrail.unasked(answer)


def _count(answer: Answer, exchange: Exchange, name: str) -> int | None:
    if name in answer.counts:
        return answer.counts[name]
    said = exchange.response.headers.get(_COUNTS[name]) if exchange.response else ""
    return integer(int(said)) if said.isascii() and said.isdecimal() and len(said) < 16 else None


def _chunk(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    OPENAI_CHAT.frame(answer, event, _translated(value, "delta"), at)


def _chat(answer: Answer, value: dict[str, Any]) -> None:
    OPENAI_CHAT.whole(answer, _translated(value, "message"))


def _translated(value: dict[str, Any], said: str) -> dict[str, Any]:
    """Mistral's models have OpenAI's shape here, but for two words: a reason to stop, and a message in each chunk.

    https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-mistral-chat-completion.html
    """
    choices = [
        {"finish_reason": c.get("stop_reason"), said: c.get("message"), **c}
        for c in objects(value.get("choices"))
    ]
    return {**value, "choices": choices} if choices else value


def _versioned(body: Any) -> bool:
    """Anthropic's body says its version here, in place of a header field."""
    return isinstance(body, dict) and "anthropic_version" in body


INVOKE_ANTHROPIC: Final = invoked(ANTHROPIC_MESSAGES, "bedrock_anthropic", _versioned)
INVOKE_ANTHROPIC_COMPLETE: Final = invoked(ANTHROPIC_COMPLETE, "bedrock_anthropic_complete")
INVOKE_NOVA: Final = invoked(BEDROCK_CONVERSE, "bedrock_nova")
INVOKE_CHAT: Final = invoked(replace(OPENAI_CHAT, frame=_chunk, whole=_chat), "bedrock_chat")
INVOKE_COMMAND: Final = invoked(PROMPT_CHAT, "bedrock_command")
INVOKE_TEXT: Final = invoked(PROMPT_TEXT, "bedrock_text")
INVOKE_EMBEDDINGS: Final = invoked(BEDROCK_EMBEDDINGS, "bedrock_embeddings")
INVOKE_IMAGES: Final = invoked(BEDROCK_IMAGES, "bedrock_images")
INVOKE_RERANK: Final = invoked(BEDROCK_RERANK, "bedrock_rerank")
