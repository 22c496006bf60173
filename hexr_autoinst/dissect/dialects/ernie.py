"""Baidu's ERNIE as it was spoken before the second version of its platform, which speaks OpenAI's shape. https://cloud.baidu.com/doc/WENXINWORKSHOP/s/jlil56u11

The model stands in the path, the text in `result`, and an error comes with a good status.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.dialects.openai_chat import shaped
from hexr_autoinst.dissect.dialects.openai_chat_content import content_of
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, tool_messages
from hexr_autoinst.model.operation import Sampling

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "messages.role",
    "stop!",
    "response_format",
    "functions.name",
    "id",
    "finish_reason",
    "function_call.name",
    *USAGE,
)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(body.get("max_output_tokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            stop=words(body.get("stop"), MOST_STOPS),
            output_type="json" if body.get("response_format") == "json_object" else None,
        ),
        tool_definitions=tuple(n for f in objects(body.get("functions")) if (n := text(f.get("name")))),
        content=content_of(body) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """A piece of an answer."""
    if _take(answer, value):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    if code := value.get("error_code"):
        answer.failure = answer.failure or failure.coded(code, value.get("error_msg"), content=answer.content)
    answer.identify(value.get("id"), None)
    if usage := mapping(value, "usage"):
        take_usage(answer, usage)
    choice = answer.choice(0) if "result" in value or "function_call" in value else None
    if choice is None:
        return False
    choice.finish = word(value.get("finish_reason")) or choice.finish
    answer.done = answer.done or value.get("is_end") is True
    said, called = value.get("result"), mapping(value, "function_call")
    if isinstance(said, str) and said:
        answer.say(choice, "text", said)
    if called and (call := answer.call(choice, index=0, id_=None, name=text(called.get("name")))) is not None:
        answer.argue(call, called.get("arguments"))
    return bool(said) or bool(called)


ERNIE: Final = Dialect("ernie", shaped, ask, frame, whole, kept=_KEPT, places=Places(results=tool_messages))
