"""Gemini's Interactions: steps in place of candidates. https://ai.google.dev/api/interactions-api

An older version of it has `outputs` in place of `steps` and other names for the same events. The status of an
interaction is its finish reason: there is no other.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.gemini_interactions_content import content_of
from hexr_autoinst.dissect.dialects.google_json import modalities, settled, some
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Extra, Sampling, Usage

_COUNTS: Final = (
    "total_input_tokens",
    "total_tool_use_tokens",
    "total_output_tokens",
    "total_thought_tokens",
    "total_tokens",
    "total_cached_tokens",
)
_OVER: Final = frozenset({"interaction.completed", "interaction.complete", "interaction.cancelled"})
_UNDONE: Final = frozenset({"in_progress", "queued", "idle"})
_MEDIA: Final = frozenset({"image", "audio", "video", "document"})
# No text of these is content: see `dissect.veil`.
_STEP: Final = ("type", "id", "name", "content.type", "summary.type")
_ANSWER: Final = (
    "id", "model!", "status", "errors.status", "errors.error.status", "errors.error.code", "error.status", "usage.*.modality",
    *(f"{at}.{k}" for at in ("steps", "outputs") for k in _STEP),
)  # fmt: skip
_KEPT: Final = (
    "agent!", "previous_interaction_id", "tools.type", "tools.name", "generation_config.stop_sequences!", "input.type", "input.call_id",
    "generation_config.thinking_level", "response_format.type", "response_format.mime_type", "response_modalities",
    "response_mime_type", "event_type", *_ANSWER, *(f"interaction.{k}" for k in _ANSWER),
    *(f"{at}.{k}" for at in ("step", "content", "delta") for k in _STEP),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A model or an agent by name, and an input."""
    if not isinstance(body, dict) or "input" not in body:
        return False
    return isinstance(body.get("model"), str) or isinstance(body.get("agent"), str)


def of_agent(body: Any) -> bool:
    """What is asked is an agent."""
    return shaped(body) and isinstance(body.get("agent"), str)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    extras: list[tuple[str, Extra]] = []
    for name, key in (("previous_response", "previous_interaction_id"), ("agent.id", "agent")):
        if said := text(body.get(key)):
            extras.append((name, said))
    tools = (t.get("name") or t.get("type") for t in objects(body.get("tools")))
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=_sampling(body),
        tool_results=_results(body),
        tool_definitions=tuple(n for name in tools if (n := text(name))),
        extras=tuple(extras),
        content=content_of(body) if content else None,
    )


def _sampling(body: dict[str, Any]) -> Sampling:
    config = mapping(body, "generation_config")
    return Sampling(
        max_tokens=integer(config.get("max_output_tokens")),
        temperature=number(config.get("temperature")),
        top_p=number(config.get("top_p")),
        seed=signed(config.get("seed")),
        stop=words(config.get("stop_sequences"), MOST_STOPS),
        output_type=_output_type(body),
        reasoning_level=text(config.get("thinking_level")),
    )


def _output_type(body: dict[str, Any]) -> str | None:
    kinds = {str(f.get("type")) for f in some(body.get("response_format"))}
    kinds |= set(words(body.get("response_modalities"), MOST_STOPS))
    if kinds & {"audio", "image"}:
        return "speech" if "audio" in kinds else "image"
    said = [f.get("mime_type") for f in some(body.get("response_format"))] + [body.get("response_mime_type")]
    mime = next((m for s in said if (m := text(s))), None)
    return None if mime is None else "json" if mime == "application/json" else "text"


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    told = some(body.get("input"))
    found = [text(s.get("call_id")) for s in told if str(s.get("type")).endswith("_result")]
    return last([i for i in found if i], MOST_RESULTS)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """An interaction: the body of a whole answer, or what an event carries."""
    answer.identify(value.get("id"), value.get("model"))
    _use(answer, mapping(value, "usage"))
    _fail(answer, value, *objects(value.get("errors")))
    steps = list(objects(value.get("steps") or value.get("outputs")))
    choice = answer.choice(0) if value.get("status") or steps else None
    if choice is None:
        return
    for index, step in enumerate(steps):
        if index not in answer.taken:
            _step(answer, choice, step, index)
    _finish(answer, choice, text(value.get("status")))


def _use(answer: Answer, said: dict[str, Any]) -> None:
    for key in _COUNTS:
        if (count := integer(said.get(key))) is not None:
            answer.counts[key] = count
    asked, tools, told, thoughts, everything, cached = (answer.counts.get(k) for k in _COUNTS)
    input_, output = settled(asked, tools, told, thoughts, everything)
    by = "{}_tokens_by_modality"
    shares = (
        *modalities("input", said.get(by.format("input")), said.get(by.format("tool_use")), count="tokens"),
        *modalities("output", said.get(by.format("output")), count="tokens"),
    )
    answer.usage = Usage(
        input_, output, cached, reasoning=thoughts, modalities=shares or answer.usage.modalities
    )


def _fail(answer: Answer, *places: dict[str, Any]) -> None:
    for said in places:
        error = mapping(said, "error") or (said if "status" not in said else {})
        if error:
            answer.failure = answer.failure or failure.coded(
                error.get("status") or error.get("code"), error.get("message"), content=answer.content
            )


def _finish(answer: Answer, choice: Choice, status: str | None) -> None:
    if status is None or status in _UNDONE:
        return
    choice.finish = status
    if status == "failed":
        answer.failure = answer.failure or failure.coded(None, None, content=False)


def _step(answer: Answer, choice: Choice, step: dict[str, Any], index: int) -> bool:
    """A step, or the beginning of one; True if it holds output."""
    kind = str(step.get("type"))
    if kind in ("model_output", "thought"):
        spoken = "text" if kind == "model_output" else "reasoning"
        parts = some(step.get("content")) + some(step.get("summary"))
        return max([_say(answer, choice, p, spoken) for p in parts], default=False)
    if kind.endswith("_call"):
        _call(answer, choice, step, kind, index)
        return True
    return kind in _MEDIA or (kind == "text" and _say(answer, choice, step, "text"))


def _say(answer: Answer, choice: Choice, part: dict[str, Any], kind: str) -> bool:
    said = part.get("text")
    if isinstance(said, str) and said:
        answer.say(choice, kind, said)
        return True
    return str(part.get("type")) in _MEDIA


def _call(answer: Answer, choice: Choice, step: dict[str, Any], kind: str, index: int) -> None:
    name = text(step.get("name")) or kind.removesuffix("_call")
    call = answer.call(choice, index=index, id_=text(step.get("id")), name=name)
    if call is not None:
        call.server = kind != "function_call"
        if step.get("arguments"):
            answer.argue_value(call, step["arguments"])


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer."""
    kind = text(value.get("event_type")) or event
    if kind == "error":
        _fail(answer, {"error": mapping(value, "error") or value})
    elif kind in ("step.start", "content.start", "step.delta", "content.delta"):
        if (choice := answer.choice(0)) and _piece(answer, choice, kind, value):
            answer.output(at)
    elif kind == "interaction.status_update":
        _use(answer, mapping(value, "usage"))
        if choice := answer.choice(0):
            _finish(answer, choice, text(value.get("status")))
    elif kind.startswith("interaction."):
        whole(answer, mapping(value, "interaction"))
        answer.done = answer.done or kind in _OVER


def _piece(answer: Answer, choice: Choice, kind: str, value: dict[str, Any]) -> bool:
    index = integer(value.get("index")) or 0
    if kind.endswith(".start"):
        answer.take(index)
        return _step(answer, choice, mapping(value, "step") or mapping(value, "content"), index)
    delta = mapping(value, "delta")
    match str(delta.get("type")):
        case "text":
            return _say(answer, choice, delta, "text")
        case "thought_summary":
            return _say(answer, choice, mapping(delta, "content"), "reasoning")
        case "arguments_delta":
            call = next((c for c in choice.calls() if c.index == index), None)
            if call is not None:
                answer.argue(call, delta.get("arguments"))
            return call is not None
        case other:
            return _step(answer, choice, delta, index) or other in _MEDIA


def _answered(step: dict[str, Any]) -> Iterator[Result]:
    if str(step.get("type")).endswith("_result"):
        yield Result(step.get("call_id"), step.get("name"), step.get("is_error") is True, step.get("result"))


PLACES: Final = Places(
    messages=("input",),
    heads=(("system_instruction",),),
    results=_answered,
    after=("previous_interaction_id",),
    mine=lambda step: (
        step.get("role") == "model" or str(step.get("type")) in ("thought", "function_call", "model_output")
    ),
)
GEMINI_INTERACTIONS: Final = Dialect(
    "gemini_interactions", shaped, ask, frame, whole, kept=_KEPT, places=PLACES
)
# An agent of the vendor's, asked by the same door.
GEMINI_AGENTS: Final = replace(
    GEMINI_INTERACTIONS, name="gemini_agents", shaped=of_agent, operation="invoke_agent"
)
