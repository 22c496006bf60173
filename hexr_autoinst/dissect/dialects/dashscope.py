"""Alibaba's own API for its models, text and multimodal. https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-dashscope

Each event of a stream has the whole text so far, unless the request wants increments: that is one dialect and another.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.dialects.openai_chat import output_type
from hexr_autoinst.dissect.dialects.openai_chat_content import content_of
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, tool_messages
from hexr_autoinst.model.operation import Sampling

_UNFINISHED: Final = "null"  # a word, not a JSON null
_BLOCKED: Final = "DataInspectionFailed"
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "model!", "request_id", "code", "input.messages.role", "input.messages.tool_call_id", "parameters.stop!",
    "parameters.response_format.type", "parameters.tools.type", "parameters.tools.function.name", "output.finish_reason",
    "output.choices.finish_reason", "output.choices.message.role", "output.choices.message.tool_calls.id",
    "output.choices.message.tool_calls.type", "output.choices.message.tool_calls.function.name", *USAGE,
    # What is new of a text is what is beyond the length of the one before.
    "output.text#", "output.choices.message.content#", "output.choices.message.content.text#",
    "output.choices.message.reasoning_content#", "output.choices.message.tool_calls.function.arguments#",
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A model, and an input that holds messages or a prompt."""
    said = mapping(body, "input")
    return isinstance(body, dict) and "model" in body and ("messages" in said or "prompt" in said)


def shaped_incremental(body: Any) -> bool:
    """The same, of which only what is new is wanted."""
    return shaped(body) and mapping(body, "parameters").get("incremental_output") is True


def ask(body: Any, content: bool) -> Ask:
    """The request's facts. Whether it streams, a header says: the answer shows it."""
    body = body if isinstance(body, dict) else {}
    said, asked = mapping(body, "input"), mapping(body, "parameters")
    tools = [m for m in objects(said.get("messages")) if m.get("role") == "tool"]
    flat = {"messages": said.get("messages"), "tools": asked.get("tools")}
    return Ask(
        model=text(body.get("model")),
        sampling=_sampling(asked),
        tool_results=last([i for m in tools if (i := text(m.get("tool_call_id")))], MOST_RESULTS),
        tool_definitions=tuple(
            n for t in objects(asked.get("tools")) if (n := text(mapping(t, "function").get("name")))
        ),
        content=(content_of(flat) if "messages" in said else prompted(said.get("prompt")))
        if content
        else None,
    )


def _sampling(said: dict[str, Any]) -> Sampling:
    return Sampling(
        max_tokens=integer(said.get("max_tokens")),
        temperature=number(said.get("temperature")),
        top_p=number(said.get("top_p")),
        top_k=number(said.get("top_k")),
        presence_penalty=number(said.get("presence_penalty")),
        seed=signed(said.get("seed")),
        choices=integer(said.get("n")),
        stop=words(said.get("stop"), MOST_STOPS),
        output_type=output_type(mapping(said, "response_format").get("type")),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value, _all)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """An event with all that was said so far."""
    if _take(answer, value, _rest):
        answer.output(at)


def frame_incremental(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """An event with what is new."""
    if _take(answer, value, _all):
        answer.output(at)


# What of a text is new: its name among those of this answer, and as much of it as the event has.
New = Callable[[Answer, str, str], str]


def _all(_answer: Answer, _name: str, said: str) -> str:
    return said


def _rest(answer: Answer, name: str, said: str) -> str:
    known = answer.counts.get(name, 0)
    answer.counts[name] = max(known, len(said))
    return said[known:]


def _take(answer: Answer, value: dict[str, Any], new: New) -> bool:
    output = mapping(value, "output")
    answer.identify(value.get("request_id"), value.get("model"))
    if not output and (code := text(value.get("code"))):
        answer.failure = answer.failure or _failed(answer, code, value.get("message"))
    if usage := mapping(value, "usage"):
        take_usage(answer, usage)
    if "text" in output and not output.get("choices"):
        output = {
            "choices": [
                {"finish_reason": output.get("finish_reason"), "message": {"content": output["text"]}}
            ]
        }
    spoken = [_choice(answer, i, c, new) for i, c in enumerate(objects(output.get("choices")))]
    return any(spoken)


def _failed(answer: Answer, code: str, message: Any) -> Any:
    if code == _BLOCKED:
        answer.extras["guard.output_blocked" if answer.output_chunks else "guard.prompt_blocked"] = code
    return failure.coded(code, message, content=answer.content)


def _choice(answer: Answer, place: int, value: dict[str, Any], new: New) -> bool:
    index = integer(value.get("index"))
    choice = answer.choice(index if index is not None else place)
    if choice is None:
        return False
    if (finish := word(value.get("finish_reason"))) and finish != _UNFINISHED:
        choice.finish = finish
        answer.done = True
    message, found = mapping(value, "message"), False
    for kind, key in (("reasoning", "reasoning_content"), ("text", "content")):
        if piece := new(answer, f"{kind}:{place}", _plain(message.get(key))):
            answer.say(choice, kind, piece)
            found = True
    called = [_called(answer, choice, i, c, new) for i, c in enumerate(objects(message.get("tool_calls")))]
    return found or any(called)


def _plain(said: Any) -> str:
    """Text, or the texts of a multimodal answer's parts."""
    if isinstance(said, str):
        return said
    return "".join(p["text"] for p in objects(said) if isinstance(p.get("text"), str))


def _called(answer: Answer, choice: Choice, place: int, value: dict[str, Any], new: New) -> bool:
    function, index = mapping(value, "function"), integer(value.get("index"))
    index = place if index is None else index
    call = answer.call(choice, index=index, id_=text(value.get("id")), name=text(function.get("name")))
    arguments = function.get("arguments")
    piece = new(answer, f"call:{index}", arguments) if isinstance(arguments, str) else ""
    if call is not None:
        answer.argue(call, piece)
    return bool(piece) or bool(function.get("name"))


DASHSCOPE: Final = Dialect(
    "dashscope",
    shaped,
    ask,
    frame,
    whole,
    kept=_KEPT,
    places=Places(messages=("input", "messages"), results=tool_messages),
)
DASHSCOPE_INCREMENTAL: Final = replace(
    DASHSCOPE, name="dashscope_incremental", shaped=shaped_incremental, frame=frame_incremental
)
