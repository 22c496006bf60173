"""Mistral's conversations, which its side keeps: begun, gone on with, or begun again from an entry. https://docs.mistral.ai/api/endpoint/beta/conversations

Outputs have no finish reason. Tools of Mistral's own run there: the caller is not asked for them.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.mistral_chat import spoken, thought
from hexr_autoinst.dissect.dialects.mistral_conversations_content import content_of
from hexr_autoinst.dissect.dialects.openai_chat import output_type
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Sampling, Usage

# No text of these is content: see `dissect.veil`.
_ENTRY: Final = (
    "type",
    "id",
    "model!",
    "agent_id",
    "tool_call_id",
    "name",
    "role",
    "content.type",
    "content.thinking.type",
)
_KEPT: Final = (
    "completion_args.stop!", "completion_args.response_format.type", "completion_args.reasoning_effort", "conversation_id",
    "inputs.type", "inputs.role", "inputs.tool_call_id", "tools.type", "tools.function.name", "code", "usage.-",
    *_ENTRY, *(f"outputs.{k}" for k in _ENTRY),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """Inputs: too plain to be known anywhere but on Mistral's own host."""
    return isinstance(body, dict) and isinstance(body.get("inputs"), str | list)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    results = [e for e in objects(body.get("inputs")) if e.get("type") == "function.result"]
    agent = text(body.get("agent_id"))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=_sampling(mapping(body, "completion_args")),
        tool_results=last([i for r in results if (i := text(r.get("tool_call_id")))], MOST_RESULTS),
        tool_definitions=tuple(n for t in objects(body.get("tools")) if (n := _tool(t))),
        extras=(("agent.id", agent),) if agent else (),
        content=content_of(body) if content else None,
    )


def _tool(said: dict[str, Any]) -> str | None:
    """A function has a name, a tool of Mistral's own is its kind."""
    return text(mapping(said, "function").get("name")) or text(said.get("type"))


def _sampling(said: dict[str, Any]) -> Sampling:
    return Sampling(
        max_tokens=integer(said.get("max_tokens")),
        temperature=number(said.get("temperature")),
        top_p=number(said.get("top_p")),
        frequency_penalty=number(said.get("frequency_penalty")),
        presence_penalty=number(said.get("presence_penalty")),
        seed=signed(said.get("random_seed")),
        stop=words(said.get("stop"), MOST_STOPS),
        output_type=output_type(mapping(said, "response_format").get("type")),
        reasoning_level=text(said.get("reasoning_effort")),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    answer.conversation = text(value.get("conversation_id")) or answer.conversation
    choice = answer.choice(0) if isinstance(value.get("outputs"), list) else None
    if choice is not None:
        for entry in objects(value.get("outputs")):
            _entry(answer, choice, entry)
    _usage(answer, mapping(value, "usage"))


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer."""
    kind = text(value.get("type")) or event
    answer.conversation = text(value.get("conversation_id")) or answer.conversation
    choice = answer.choice(0)
    if choice is None:
        return
    if kind == "conversation.response.error":
        answer.failure = answer.failure or failure.coded(
            value.get("code"), value.get("message"), content=answer.content
        )
    elif kind == "conversation.response.done":
        _usage(answer, mapping(value, "usage"))
        answer.done = True
    elif _entry(answer, choice, {**value, "type": kind}):
        answer.output(at)


def _entry(answer: Answer, choice: Choice, entry: dict[str, Any]) -> bool:
    """An entry of a whole answer, or an event with a piece of one; True if it carried output."""
    answer.identify(None, entry.get("model"))
    if agent := text(entry.get("agent_id")):
        answer.extras["agent.id"] = agent
    match str(entry.get("type")).removesuffix(".delta").removesuffix(".started"):
        case "message.output":
            return _said(answer, choice, entry.get("content"))
        case "function.call":
            return _called(answer, choice, entry, server=False)
        case "tool.execution":
            return _called(answer, choice, entry, server=True)
        case _:  # handoffs, and what is new
            return False


def _said(answer: Answer, choice: Choice, content: Any) -> bool:
    parts = [content] if isinstance(content, dict) else content
    told = (("reasoning", thought(parts)), ("text", content if isinstance(content, str) else spoken(parts)))
    for kind, piece in told:
        if piece:
            answer.say(choice, kind, piece)
    return any(piece for _, piece in told)


def _called(answer: Answer, choice: Choice, entry: dict[str, Any], *, server: bool) -> bool:
    call = answer.call(
        choice,
        index=None,
        id_=text(entry.get("tool_call_id")) or text(entry.get("id")),
        name=text(entry.get("name")),
    )
    if call is not None:
        call.server = server
        answer.argue(call, entry.get("arguments"))
        if isinstance(entry.get("arguments"), dict):
            answer.argue_value(call, entry["arguments"])
    return True


def _usage(answer: Answer, said: dict[str, Any]) -> None:
    if said:
        answer.usage = Usage(integer(said.get("prompt_tokens")), integer(said.get("completion_tokens")))
    if connectors := integer(said.get("connector_tokens")):  # of Mistral's own tools, in neither of the two
        answer.extras["connector.tokens"] = connectors


def _answered(entry: dict[str, Any]) -> Iterator[Result]:
    if entry.get("type") == "function.result":
        yield Result(entry.get("tool_call_id"), value=entry.get("result"))


PLACES: Final = Places(
    messages=("inputs",),
    heads=(("instructions",),),
    results=_answered,
    mine=lambda entry: entry.get("type") in ("message.output", "function.call", "tool.execution"),
)
MISTRAL_CONVERSATIONS: Final = Dialect(
    "mistral_conversations", shaped, ask, frame, whole, kept=_KEPT, places=PLACES
)
