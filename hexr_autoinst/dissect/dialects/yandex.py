"""YandexGPT's own API: counts are texts, and each line of a stream has the whole text so far. https://yandex.cloud/en/docs/ai-studio/text-generation/api-ref/"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.form import count
from hexr_autoinst.dissect.lenient import mapping, number, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Content, Sampling, Usage

_PARTIAL: Final = "ALTERNATIVE_STATUS_PARTIAL"
# No text of these is content: see `dissect.veil`.
_ANSWER: Final = (
    "modelVersion!", "numTokens", "usage.inputTextTokens", "usage.completionTokens", "usage.completionTokensDetails.reasoningTokens",
    "alternatives.status", "alternatives.message.role", "alternatives.message.toolCallList.toolCalls.functionCall.name",
    "alternatives.message.text#",  # what is new of it is what is beyond the length of the one before
)  # fmt: skip
_KEPT: Final = (
    "modelUri!", "messages.role", "completionOptions.maxTokens", "completionOptions.reasoningOptions.mode", "tools.function.name",
    *_ANSWER, *(f"result.{k}" for k in _ANSWER),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A model by its URI, and messages of text."""
    return (
        isinstance(body, dict)
        and isinstance(body.get("modelUri"), str)
        and isinstance(body.get("messages"), list)
    )


def shaped_embedding(body: Any) -> bool:
    """A model by its URI, and one text."""
    return (
        isinstance(body, dict) and isinstance(body.get("modelUri"), str) and isinstance(body.get("text"), str)
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    options = mapping(body, "completionOptions")
    said = [
        message(m.get("role"), [text_part(str(m.get("text", "")))]) for m in objects(body.get("messages"))
    ]
    return Ask(
        model=text(body.get("modelUri")),
        stream=options.get("stream") is True,
        sampling=Sampling(
            max_tokens=count(options.get("maxTokens")),
            temperature=number(options.get("temperature")),
            output_type="json" if body.get("jsonObject") or body.get("jsonSchema") else None,
            reasoning_level=text(mapping(options, "reasoningOptions").get("mode")),
        ),
        tool_definitions=tuple(
            n for t in objects(body.get("tools")) if (n := text(mapping(t, "function").get("name")))
        ),
        extras=(("inputs", 1),) if isinstance(body.get("text"), str) else (),
        content=Content(input_messages=dumped(said)) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer; `result` holds it."""
    _take(answer, mapping(value, "result") or value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A line with all that was said so far."""
    if _take(answer, mapping(value, "result")):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    answer.identify(None, value.get("modelVersion"))
    if usage := mapping(value, "usage"):
        answer.usage = Usage(
            count(usage.get("inputTextTokens")),
            count(usage.get("completionTokens")),
            reasoning=count(mapping(usage, "completionTokensDetails").get("reasoningTokens")),
        )
    elif "numTokens" in value:  # of an embedding
        answer.usage = Usage(count(value.get("numTokens")))
    return max(
        [_alternative(answer, i, a) for i, a in enumerate(objects(value.get("alternatives")))], default=False
    )


def _alternative(answer: Answer, index: int, value: dict[str, Any]) -> bool:
    choice = answer.choice(index)
    if choice is None:
        return False
    status, said = text(value.get("status")), mapping(value, "message")
    if status and status != _PARTIAL:
        choice.finish = status
        answer.done = True
    piece = said.get("text")
    known = answer.counts.get(f"text:{index}", 0)
    spoke = isinstance(piece, str) and len(piece) > known
    if isinstance(piece, str) and spoke:
        answer.counts[f"text:{index}"] = len(piece)
        answer.say(choice, "text", piece[known:])
    return _calls(answer, choice, said) or spoke


def _calls(answer: Answer, choice: Choice, said: dict[str, Any]) -> bool:
    """Calls come whole and have no ids."""
    found = list(objects(mapping(said, "toolCallList").get("toolCalls")))
    for index, one in enumerate(found):
        function = mapping(one, "functionCall")
        call = answer.call(choice, index=index, id_=None, name=text(function.get("name")))
        if call is not None:
            answer.argue_value(call, function.get("arguments"))
    return bool(found)


def _answered(message: dict[str, Any]) -> Iterator[Result]:
    for one in objects(mapping(message, "toolResultList").get("toolResults")):
        said = mapping(one, "functionResult")
        yield Result(None, said.get("name"), value=said.get("content"))


YANDEX: Final = Dialect("yandex", shaped, ask, frame, whole, kept=_KEPT, places=Places(results=_answered))
YANDEX_EMBEDDING: Final = Dialect(
    "yandex_embedding",
    shaped_embedding,
    ask,
    frame,
    whole,
    kind="embeddings",
    operation="embeddings",
    kept=_KEPT,
)
