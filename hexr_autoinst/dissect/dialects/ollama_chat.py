"""Ollama's own chat API: a JSON line for each piece, or one object where `stream` is false. https://docs.ollama.com/api/chat"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.ollama_content import chat_content
from hexr_autoinst.dissect.dialects.openai_chat import shaped
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, tool_messages
from hexr_autoinst.model.operation import Sampling, Usage

# No text of these is content: see `dissect.veil`.
KEPT: Final = ("options.stop!", "think", "done_reason")  # of either API
_KEPT: Final = (
    "model!", "messages.role", "messages.tool_call_id", "tools.type", "tools.function.name", "message.role",
    "message.tool_calls.id", "message.tool_calls.function.name", *KEPT,
)  # fmt: skip


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    tools = [m for m in objects(body.get("messages")) if m.get("role") == "tool"]
    return Ask(
        model=text(body.get("model")),
        stream=streams(body),
        sampling=sampling(body),
        tool_results=last([i for m in tools if (i := text(m.get("tool_call_id")))], MOST_RESULTS),
        tool_definitions=tuple(
            n for t in objects(body.get("tools")) if (n := text(mapping(t, "function").get("name")))
        ),
        content=chat_content(body) if content else None,
    )


def streams(body: dict[str, Any]) -> bool:
    """A stream is what is answered unless it is refused."""
    return body.get("stream") is not False


def sampling(body: dict[str, Any]) -> Sampling:
    """The parameters; all but two stand in `options`."""
    options, limit = mapping(body, "options"), signed(mapping(body, "options").get("num_predict"))
    think = body.get("think")
    return Sampling(
        max_tokens=limit if limit is not None and limit >= 0 else None,  # -1: as many as it likes
        temperature=number(options.get("temperature")),
        top_p=number(options.get("top_p")),
        top_k=number(options.get("top_k")),
        frequency_penalty=number(options.get("frequency_penalty")),
        presence_penalty=number(options.get("presence_penalty")),
        seed=signed(options.get("seed")),
        stop=words(options.get("stop"), MOST_STOPS),
        output_type="json" if body.get("format") else None,  # "json", or a schema
        reasoning_level=text(think),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """One line of a streamed answer."""
    broken(answer, value)
    if _take(answer, value):
        answer.output(at)


def broken(answer: Answer, value: dict[str, Any]) -> None:
    """A line that is an error in the middle of a stream."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    choice, message = begun(answer, value, "message"), mapping(value, "message")
    if choice is None:
        return False
    spoken = [
        say(answer, choice, k, message.get(key))
        for k, key in (("reasoning", "thinking"), ("text", "content"))
    ]
    called = [_called(answer, choice, c) for c in objects(message.get("tool_calls"))]
    return any(spoken) or bool(called)


def begun(answer: Answer, value: dict[str, Any], said: str) -> Choice | None:
    """The one choice, with what every piece says beside its text; None where it is no piece of an answer."""
    choice = answer.choice(0) if said in value and isinstance(value.get("done"), bool) else None
    if choice is None:
        return None
    answer.identify(None, value.get("model"))
    choice.finish = word(value.get("done_reason")) or choice.finish
    answer.done = answer.done or value["done"]
    # A prompt that was in the cache is not evaluated, and not counted: its length is not known then.
    asked, told = integer(value.get("prompt_eval_count")), integer(value.get("eval_count"))
    if asked is not None or told is not None:
        answer.usage = Usage(asked, told)
    return choice


def say(answer: Answer, choice: Choice, kind: str, said: Any) -> bool:
    """A piece of text or of thinking."""
    if not isinstance(said, str) or not said:
        return False
    answer.say(choice, kind, said)
    return True


def _called(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    """A call comes whole in one line; most versions give it no id."""
    function = mapping(value, "function")
    call = answer.call(choice, index=None, id_=text(value.get("id")), name=text(function.get("name")))
    if call is not None:
        answer.argue_value(call, function.get("arguments"))
    return True


OLLAMA_CHAT: Final = Dialect(
    "ollama_chat", shaped, ask, frame, whole, kept=_KEPT, places=Places(results=tool_messages)
)
