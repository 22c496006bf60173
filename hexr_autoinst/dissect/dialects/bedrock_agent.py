"""Bedrock's agents and flows: what they answer, and what a trace tells of the models they asked.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html. The agent and the
session stand in the path. Tokens are told only where the caller asked for a trace.
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.dialects import bedrock_guardrail
from hexr_autoinst.dissect.lenient import WORD, clean, integer, mapping, objects, text, word
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Content, Extra, Usage

_AGENT: Final = re.compile("/agents/([^/]+)/agentAliases/.+")
# No text of these is content: see `dissect.veil`.
_GUARD: Final = "trace.guardrailTrace"
_KEPT: Final = (
    "foundationModel!", "guardrailConfiguration.guardrailIdentifier", "sessionState.invocationId", "inlineSessionState.invocationId",
    "actionGroups.functionSchema.functions.name", "completionReason", "content.-", "invocationId",
    "invocationInputs.functionInvocationInput.function", "invocationInputs.apiInvocationInput.apiPath",
    "trace.*.modelInvocationInput.foundationModel!", "trace.*.modelInvocationOutput.metadata.usage.-", f"{_GUARD}.action",
    *(f"{_GUARD}.{side}.*.*.action" for side in ("inputAssessments", "outputAssessments")),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A text for an agent, or what it had asked for."""
    return isinstance(body, dict) and ("inputText" in body or "sessionState" in body or "instruction" in body)


def ask(body: Any, content: bool) -> Ask:
    """An agent of one's own has its model in the request; of others only a trace tells it."""
    body = body if isinstance(body, dict) else {}
    guardrail = text(mapping(body, "guardrailConfiguration").get("guardrailIdentifier"))
    extras: tuple[tuple[str, Extra], ...] = (("aws.guardrail", guardrail),) if guardrail else ()
    states = (mapping(body, "sessionState"), mapping(body, "inlineSessionState"))
    answered = (text(s.get("invocationId")) for s in states)
    return Ask(
        model=text(body.get("foundationModel")),
        tool_results=tuple(i for i in answered if i),
        tool_definitions=_definitions(body),
        extras=extras,
        content=_content(body) if content else None,
    )


def _definitions(body: dict[str, Any]) -> tuple[str, ...]:
    groups = objects(body.get("actionGroups"))
    functions = (f for g in groups for f in objects(mapping(g, "functionSchema").get("functions")))
    return tuple(n for f in functions if (n := text(f.get("name"))))


def _content(body: dict[str, Any]) -> Content:
    said, instruction = body.get("inputText"), body.get("instruction")
    return Content(
        input_messages=dumped([message("user", [text_part(said)])]) if isinstance(said, str) else None,
        system_instructions=dumped([text_part(instruction)]) if isinstance(instruction, str) else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The answer is always a stream; what comes whole is an error, which the header fields name."""


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event. The answer's text is base64 here: it is not read."""
    if event == "trace":
        _trace(answer, mapping(value, "trace"))
        return
    choice = answer.choice(0)
    if choice is None or event not in ("chunk", "returnControl", "flowOutputEvent", "flowCompletionEvent"):
        return
    answer.done = answer.done or event != "flowOutputEvent"  # an agent's stream has no other end
    if event == "flowCompletionEvent":
        choice.finish = word(value.get("completionReason"))
        return
    if event == "flowOutputEvent" and isinstance(said := mapping(value, "content").get("document"), str):
        answer.say(choice, "text", said)
    inputs = list(objects(value.get("invocationInputs")))
    for one in inputs:
        asked = mapping(one, "functionInvocationInput") or mapping(one, "apiInvocationInput")
        name = text(asked.get("function")) or text(asked.get("apiPath"))
        id_ = text(value.get("invocationId")) if len(inputs) == 1 else None  # one id for all of them
        if name and (call := answer.call(choice, index=None, id_=id_, name=name)):
            answer.argue_value(call, asked.get("parameters") or asked.get("requestBody") or {})
    answer.output(at)


def _trace(answer: Answer, said: dict[str, Any]) -> None:
    """One step of the agent's: a model asked or answering, a guardrail acting."""
    for name, step in said.items():
        if name == "guardrailTrace":
            _guarded(answer, mapping(step))
        answer.identify(None, mapping(step, "modelInvocationInput").get("foundationModel"))
        usage = mapping(step, "modelInvocationOutput", "metadata", "usage")
        for key in ("inputTokens", "outputTokens"):
            if (count := integer(usage.get(key))) is not None:
                answer.counts[key] = answer.counts.get(key, 0) + count
    input_, output = (integer(answer.counts.get(k)) for k in ("inputTokens", "outputTokens"))
    answer.usage = Usage(input_, output)


def _guarded(answer: Answer, said: dict[str, Any]) -> None:
    sides = (("input", "inputAssessments"), ("outputs", "outputAssessments"))
    bedrock_guardrail.trace(answer, {side: [{"": said[name]}] for side, name in sides if name in said})
    if said.get("action") == "INTERVENED":
        bedrock_guardrail.intervened(answer)


def _named(answer: Answer, exchange: Exchange) -> None:
    """The agent's id stands in the path; one that is brought along has none."""
    if found := _AGENT.fullmatch(exchange.request.path):
        answer.extras["agent.id"] = clean(unquote(found[1]), WORD)


def _answered(body: dict[str, Any]) -> Iterator[Result]:
    """One id for all of them: of several, each is known by its name."""
    for state in (mapping(body, "sessionState"), mapping(body, "inlineSessionState")):
        results = list(objects(state.get("returnControlInvocationResults")))
        for one in results:
            said = mapping(one, "functionResult") or mapping(one, "apiResult")
            id_ = state.get("invocationId") if len(results) == 1 else None
            failed = said.get("responseState") == "FAILURE"
            yield Result(id_, said.get("function") or said.get("apiPath"), failed, said.get("responseBody"))


# The vendor keeps the session.
PLACES: Final = Places(messages=("inputText",), beside=_answered)
BEDROCK_AGENT: Final = Dialect(
    "bedrock_agent",
    shaped,
    ask,
    frame,
    whole,
    operation="invoke_agent",
    heads=_named,
    kept=_KEPT,
    places=PLACES,
)
BEDROCK_FLOW: Final = Dialect(
    "bedrock_flow", shaped, ask, frame, whole, operation="invoke_workflow", kept=_KEPT
)
