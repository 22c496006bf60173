"""Google's generateContent, on Gemini's API and on Vertex AI. https://ai.google.dev/api/generate-content

A chunk of a stream and a whole answer have one shape. Usage is cumulative; thoughts are output and the results of
the vendor's own tools are input, both beside the counts of the candidates and of the prompt.
"""

from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer, Choice
from hexr_autoinst.dissect.ask import MOST_RESULTS, MOST_STOPS, Ask, last
from hexr_autoinst.dissect.dialects.gemini_content import content_of
from hexr_autoinst.dissect.dialects.google_json import (
    field,
    inside,
    modalities,
    named,
    settled,
    some,
    spelled,
)
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, objects, signed, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.dissect.thread import Places, Result
from hexr_autoinst.model.operation import Sampling, Usage

_COUNTS: Final = (
    "promptTokenCount",
    "toolUsePromptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
    "cachedContentTokenCount",
)
# Finish reasons that mean: a filter took the answer away. https://ai.google.dev/api/generate-content#FinishReason
_BLOCKED: Final = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY",
     "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"}
)  # fmt: skip
# The numbers that are a filter's in both APIs: Vertex AI and Gemini's number what follows 5 differently.
_BLOCKED_NUMBERS: Final = {"3": "SAFETY", "4": "RECITATION", "7": failure.FILTERED, "8": failure.FILTERED, "11": "IMAGE_SAFETY"}  # fmt: skip
# No text of these is content: see `dissect.veil`.
PARTS: Final = (
    "functionCall.id",
    "functionCall.name",
    "toolCall.id",
    "toolCall.toolType",
    "executableCode.id",
)
KEPT: Final = (
    *spelled(
        "contents.role", "contents.parts.functionResponse.id", "contents.parts.functionResponse.name", "generationConfig.-",
        "generationConfig.stopSequences!", "generationConfig.responseModalities", "generationConfig.responseMimeType",
        "generationConfig.responseFormat.text.mimeType", "generationConfig.responseFormat.mimeType",
        "generationConfig.thinkingConfig.thinkingLevel", "tools.functionDeclarations.name",
    ),
    "responseId", "modelVersion!", "usageMetadata.*.modality", "promptFeedback.blockReason",
    *(f"{c}.{k}" for c in ("candidates", "answer") for k in ("finishReason", "content.role", *(f"content.parts.{p}" for p in PARTS))),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """Contents with parts."""
    contents = some(body.get("contents")) if isinstance(body, dict) else []
    return bool(contents) and all(isinstance(c.get("parts"), list | dict) for c in contents[:4])


def ask(body: Any, content: bool) -> Ask:
    """The request's facts; the model stands in the path."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        sampling=_sampling(inside(body, "generationConfig")),
        tool_results=_results(body),
        tool_definitions=_definitions(body),
        content=content_of(body) if content else None,
    )


def _sampling(config: dict[str, Any]) -> Sampling:
    return Sampling(
        max_tokens=integer(field(config, "maxOutputTokens")),
        temperature=number(field(config, "temperature")),
        top_p=number(field(config, "topP")),
        top_k=number(field(config, "topK")),
        frequency_penalty=number(field(config, "frequencyPenalty")),
        presence_penalty=number(field(config, "presencePenalty")),
        seed=signed(field(config, "seed")),
        choices=integer(field(config, "candidateCount")),
        stop=words(field(config, "stopSequences"), MOST_STOPS),
        output_type=_output_type(config),
        reasoning_level=text(field(inside(config, "thinkingConfig"), "thinkingLevel")),
    )


def _output_type(config: dict[str, Any]) -> str | None:
    """The convention's word: sound and images by modality, else what the text is."""
    wanted = {str(m).upper() for m in elements(field(config, "responseModalities"), MOST_STOPS)}
    if wanted & {"AUDIO", "IMAGE"}:
        return "speech" if "AUDIO" in wanted else "image"
    formats = (inside(f, "text") for f in some(field(config, "responseFormat")))
    said = (field(config, "responseMimeType"), *(field(f, "mimeType") for f in formats))
    mime = next((m for s in said if (m := text(s))), None)
    return None if mime is None else "json" if mime.lower() == "application/json" else "text"


def _results(body: dict[str, Any]) -> tuple[str, ...]:
    """By id; Gemini's own calls had none for long, so else by the function's name."""
    parts = (p for c in some(body.get("contents")) for p in some(c.get("parts")))
    answers = [inside(p, "functionResponse") for p in parts]
    found = [text(a.get("id")) or text(a.get("name")) for a in answers]
    return last([i for i in found if i], MOST_RESULTS)


def _definitions(body: dict[str, Any]) -> tuple[str, ...]:
    """Functions by their names, the vendor's own tools by theirs."""
    found: list[str | None] = []
    for tool in some(body.get("tools")):
        found += [text(f.get("name")) for f in some(field(tool, "functionDeclarations"))]
        found += [text(k) for k in tool if k not in ("functionDeclarations", "function_declarations")]
    return tuple(n for n in found if n)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    take(answer, value)


def frame(answer: Answer, _event: str, value: dict[str, Any], at: int) -> None:
    """One chunk of a streamed answer."""
    if take(answer, value):
        answer.output(at)


def take(answer: Answer, value: dict[str, Any]) -> bool:
    """A chunk or a whole answer; True if it carried output."""
    answer.identify(value.get("responseId"), value.get("modelVersion"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if usage := mapping(value, "usageMetadata"):
        answer.usage = used(answer, usage)
    if reason := named(mapping(value, "promptFeedback").get("blockReason")):
        _blocked(answer, "guard.prompt_blocked", failure.FILTERED if reason.isdecimal() else reason)
    candidates = list(objects(value.get("candidates"))) or some(value.get("answer"))  # generateAnswer's
    by_index = any("index" in c for c in candidates)  # of which 0 is left out
    found = False
    for place, one in enumerate(candidates):
        index = integer(one.get("index"))
        choice = answer.choice(index if index is not None else 0 if by_index else place)
        found = (choice is not None and _candidate(answer, choice, one)) or found
    return found


def used(answer: Answer, said: dict[str, Any]) -> Usage:
    """The usage as far as it is known. Some chunks count nothing yet."""
    for key in _COUNTS:
        if (count := integer(said.get(key))) is not None:
            answer.counts[key] = count
    asked, tools, told, thoughts, everything, cached = (answer.counts.get(k) for k in _COUNTS)
    input_, output = settled(asked, tools, told, thoughts, everything)
    return Usage(
        input=input_,
        output=output,
        cache_read=cached,
        reasoning=thoughts,
        modalities=(
            *modalities("input", said.get("promptTokensDetails"), said.get("toolUsePromptTokensDetails")),
            *modalities("cached_input", said.get("cacheTokensDetails")),
            *modalities("output", said.get("candidatesTokensDetails")),
        )
        or answer.usage.modalities,
    )


def _candidate(answer: Answer, choice: Choice, value: dict[str, Any]) -> bool:
    choice.finish = named(value.get("finishReason")) or choice.finish
    if choice.finish in _BLOCKED:
        _blocked(answer, "guard.output_blocked", choice.finish)
    elif choice.finish in _BLOCKED_NUMBERS:
        _blocked(answer, "guard.output_blocked", _BLOCKED_NUMBERS[choice.finish])
    # No `any()`: each part must be taken, whatever the ones before it held.
    parts = some(mapping(value, "content").get("parts"))
    return max([take_part(answer, choice, p) for p in parts], default=False)


def _blocked(answer: Answer, which: str, reason: str) -> None:
    answer.extras[which] = reason
    answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


def take_part(answer: Answer, choice: Choice, part: dict[str, Any]) -> bool:
    """A part of what the model says; whether it is output."""
    said = part.get("text")
    if isinstance(said, str):
        answer.say(choice, "reasoning" if part.get("thought") is True else "text", said)
        return bool(said)
    if said := mapping(part, "functionCall"):
        _called(answer, choice, said)
    elif said := mapping(part, "executableCode"):
        code = {k: v for k, v in said.items() if k != "id"}
        _ran(answer, choice, said.get("id"), "code_execution", code)
    elif said := mapping(part, "toolCall"):
        _ran(answer, choice, said.get("id"), text(said.get("toolType")) or "tool", said.get("args"))
    return bool(said) or "inlineData" in part or "fileData" in part


def _called(answer: Answer, choice: Choice, said: dict[str, Any]) -> None:
    """A call, or with `willContinue` a piece of one, which carries neither name nor id."""
    call = answer.call(choice, index=None, id_=text(said.get("id")), name=text(said.get("name")))
    if call is None:
        return
    if "args" in said:
        answer.argue_value(call, said["args"])
    for piece in objects(said.get("partialArgs")):
        path, value = str(piece.get("jsonPath")), [v for k, v in piece.items() if k.endswith("Value")]
        answer.argue(call, f"{path}={''.join(str(v) for v in value)} ")


def _ran(answer: Answer, choice: Choice, id_: Any, name: str, arguments: Any) -> None:
    """A tool that the vendor runs itself."""
    call = answer.call(choice, index=None, id_=text(id_), name=name)
    if call is not None:
        call.server = True
        if arguments:
            answer.argue_value(call, arguments)


def _answered(message: dict[str, Any]) -> Iterator[Result]:
    """An error has a key of its own: https://ai.google.dev/api/caching#FunctionResponse"""
    for part in some(message.get("parts")):
        if said := inside(part, "functionResponse"):
            response = mapping(said, "response")
            failed = "error" in response and "output" not in response and "result" not in response
            yield Result(said.get("id"), said.get("name"), failed, said.get("response"))


PLACES: Final = Places(
    messages=("contents",),
    heads=(("systemInstruction",), ("system_instruction",)),
    results=_answered,
    aside=frozenset({"thoughtSignature", "thought_signature"}),
)
GEMINI: Final = Dialect(
    "gemini", shaped, ask, frame, whole, operation="generate_content", kept=KEPT, places=PLACES
)
