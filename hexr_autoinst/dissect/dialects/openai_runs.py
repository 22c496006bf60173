"""OpenAI's Assistants: a run of an assistant on a thread, made, streamed, continued or looked at. https://platform.openai.com/docs/api-reference/runs

The thread is the conversation, the assistant the agent. A run that needs the outputs of tools has asked for them: those are tool calls. Messages, steps and
assistants themselves ask no model anything.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, Ask, last
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.dialects.openai_chat import output_type
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Content, Sampling

_RUN: Final = "thread.run"
_PIECES: Final = frozenset({"thread.message.delta", "thread.run.step.delta"})
_OVER: Final = frozenset({"completed", "failed", "cancelled", "expired", "incomplete", "requires_action"})
# No text of these is content: see `dissect.veil`.
_CALLS: Final = "required_action.submit_tool_outputs.tool_calls"
_KEPT: Final = (
    "model!", "id", "object", "status", "thread_id", "assistant_id", "reasoning_effort", "response_format.type", "tools.type",
    "tools.function.name", "tool_outputs.tool_call_id", f"{_CALLS}.id", f"{_CALLS}.type", f"{_CALLS}.function.name",
    "incomplete_details.reason", "last_error.code", "delta.content.type", "delta.content.text.type", *USAGE,
)  # fmt: skip


def shaped(body: Any) -> bool:
    """An assistant to be run, or the outputs of tools that one waits for."""
    if not isinstance(body, dict):
        return False
    return isinstance(body.get("assistant_id"), str) or isinstance(body.get("tool_outputs"), list)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    outputs = [i for o in objects(body.get("tool_outputs")) if (i := text(o.get("tool_call_id")))]
    named = (mapping(t, "function").get("name") or t.get("type") for t in objects(body.get("tools")))
    assistant = text(body.get("assistant_id"))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(body.get("max_completion_tokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            output_type=output_type(mapping(body, "response_format").get("type")),
            reasoning_level=text(body.get("reasoning_effort")),
        ),
        tool_results=last(outputs, MOST_RESULTS),
        tool_definitions=tuple(n for name in named if (n := text(name))),
        extras=(("agent.id", assistant),) if assistant else (),
        content=_content(body) if content else None,
    )


def _content(body: dict[str, Any]) -> Content:
    """What the request itself brings: the thread is kept by the vendor."""
    said = [
        *objects(mapping(body, "thread").get("messages")),
        *objects(body.get("additional_messages")),
    ]
    instructions = [body.get(key) for key in ("instructions", "additional_instructions")]
    return Content(
        input_messages=dumped([message(m.get("role"), _parts(m.get("content"))) for m in said]),
        system_instructions=dumped([text_part(i) for i in instructions if isinstance(i, str)]),
        tool_definitions=dumped([_definition(t) for t in objects(body.get("tools"))]),
    )


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    kind = str(tool.get("type"))
    return {"type": kind, "name": kind, **mapping(tool, kind)}


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [text_part(content)]
    return [text_part(p["text"]) for p in objects(content) if isinstance(p.get("text"), str)]


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A run as it stands."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if value.get("object") not in (_RUN, None) or not text(value.get("status")):
        return
    answer.identify(value.get("id"), value.get("model"))
    answer.conversation = text(value.get("thread_id")) or answer.conversation
    if assistant := text(value.get("assistant_id")):
        answer.extras["agent.id"] = assistant
    if said := mapping(value, "usage"):
        take_usage(answer, said)
    choice = answer.choice(0)
    if choice is not None:
        _called(answer, choice, value)
        _finish(answer, choice, value)


def _called(answer: Answer, choice: Choice, value: dict[str, Any]) -> None:
    wanted = mapping(value, "required_action", "submit_tool_outputs")
    for index, asked in enumerate(objects(wanted.get("tool_calls"))):
        function = mapping(asked, "function")
        call = answer.call(choice, index=index, id_=text(asked.get("id")), name=text(function.get("name")))
        if call is not None and not call.said and not call.lost:
            answer.argue(call, function.get("arguments"))


def _finish(answer: Answer, choice: Choice, value: dict[str, Any]) -> None:
    """A run has no finish reason: its status is told in the words that Responses are told in."""
    status = value.get("status")
    answer.done = status in _OVER
    match status:
        case "completed":
            choice.finish = "stop"
        case "requires_action":
            choice.finish = "tool_call"
        case "incomplete":
            choice.finish = text(mapping(value, "incomplete_details").get("reason")) or "incomplete"
        case "failed" | "expired":
            choice.finish = "error"
            said = mapping(value, "last_error")
            code = said.get("code") or (status if status == "expired" else None)
            answer.failure = answer.failure or failure.coded(
                code, said.get("message"), content=answer.content
            )
        case _:  # cancelled; queued, in_progress, cancelling
            pass


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """An event's name says what has happened, its data is the object that it has happened to."""
    if event == "error":
        answer.failure = answer.failure or failure.stated({"error": value}, content=answer.content)
        return
    kind = text(value.get("object")) or event
    if kind == _RUN:
        whole(answer, value)
    elif kind in _PIECES and mapping(value, "delta"):
        answer.output(at)
        choice = answer.choice(0)
        for part in objects(mapping(value, "delta").get("content")):
            said = mapping(part, "text").get("value")
            if choice is not None and isinstance(said, str):
                answer.say(choice, "text", said)


def _answered(body: dict[str, Any]) -> Iterator[Result]:
    for one in objects(body.get("tool_outputs")):
        yield Result(one.get("tool_call_id"), value=one.get("output"))


# The vendor keeps the thread, which the path names: the request brings what is new.
PLACES: Final = Places(messages=("additional_messages",), beside=_answered)
OPENAI_RUNS: Final = Dialect(
    "openai_runs", shaped, ask, frame, whole, operation="invoke_agent", kept=_KEPT, places=PLACES
)
# A look at a run: the path alone knows it, and there is nothing in the request.
OPENAI_RUN_SEEN: Final = replace(
    OPENAI_RUNS, name="openai_run_seen", shaped=lambda body: body is None, fetched=True
)
