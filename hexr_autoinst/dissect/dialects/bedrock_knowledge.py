"""Bedrock's knowledge bases: documents found and an answer made of them; and documents put in order.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_RetrieveAndGenerate.html. No tokens are told.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.dialects import bedrock_guardrail
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Content, Extra, Sampling

_KINDS: Final = ("knowledgeBaseConfiguration", "externalSourcesConfiguration")
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    *(
        f"retrieveAndGenerateConfiguration.{kind}.{k}"
        for kind in _KINDS
        for k in ("knowledgeBaseId", "modelArn!", "generationConfiguration.guardrailConfiguration.guardrailId",
                  "generationConfiguration.inferenceConfig.textInferenceConfig.stopSequences!")
    ),
    "sessionId", "guardrailAction", "action", "output.-",
    "rerankingConfiguration.bedrockRerankingConfiguration.modelConfiguration.modelArn!",
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A question, and where to look for the answer."""
    return bool(mapping(body, "input")) and bool(mapping(body, "retrieveAndGenerateConfiguration"))


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    wanted = mapping(body, "retrieveAndGenerateConfiguration")
    config = next((c for kind in _KINDS if (c := mapping(wanted, kind))), {})
    generation = mapping(config, "generationConfiguration")
    found: list[tuple[str, Extra]] = []
    if base := text(config.get("knowledgeBaseId")):
        found += [("aws.knowledge_base", base), ("data_source", base)]
    if guardrail := text(mapping(generation, "guardrailConfiguration").get("guardrailId")):
        found.append(("aws.guardrail", guardrail))
    said = mapping(body, "input").get("text")
    asked = dumped([message("user", [text_part(said)])]) if isinstance(said, str) else None
    return Ask(
        model=text(config.get("modelArn")),
        sampling=_sampling(mapping(generation, "inferenceConfig", "textInferenceConfig")),
        conversation=text(body.get("sessionId")),
        extras=tuple(found),
        content=Content(input_messages=asked) if content else None,
    )


def _sampling(config: dict[str, Any]) -> Sampling:
    return Sampling(
        max_tokens=integer(config.get("maxTokens")),
        temperature=number(config.get("temperature")),
        top_p=number(config.get("topP")),
        stop=words(config.get("stopSequences"), MOST_STOPS),
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    answer.conversation = text(value.get("sessionId")) or answer.conversation
    answer.done = "output" in value
    _say(answer, mapping(value, "output"))
    if value.get("guardrailAction") == "INTERVENED":
        bedrock_guardrail.intervened(answer)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """One event of a streamed answer, which has no last one of its own."""
    if event == "output":
        answer.done = True
        _say(answer, value)
        answer.output(at)
    elif event == "guardrail" and value.get("action") == "INTERVENED":
        bedrock_guardrail.intervened(answer)


def _say(answer: Answer, output: dict[str, Any]) -> None:
    said = output.get("text")
    if isinstance(said, str) and (choice := answer.choice(0)):
        answer.say(choice, "text", said)


def ranks(body: Any) -> bool:
    """Questions, and sources to put in order."""
    return isinstance(body, dict) and isinstance(body.get("queries"), list) and "sources" in body


def ask_order(body: Any, _content: bool) -> Ask:
    """The model, and how many sources."""
    config = mapping(body, "rerankingConfiguration", "bedrockRerankingConfiguration", "modelConfiguration")
    sources = elements(body.get("sources")) if isinstance(body, dict) else []
    return Ask(model=text(config.get("modelArn")), extras=(("inputs", len(sources)),))


def order(answer: Answer, value: dict[str, Any]) -> None:
    """The order is not looked at."""
    answer.found = isinstance(value.get("results"), list)


def _never(_answer: Answer, _event: str, _value: dict[str, Any], _at: int) -> None:
    """It is not streamed."""


BEDROCK_KNOWLEDGE: Final = Dialect("bedrock_knowledge", shaped, ask, frame, whole, kept=_KEPT)
BEDROCK_ORDER: Final = Dialect(
    "bedrock_order", ranks, ask_order, _never, order, "rerank", "rerank", kept=_KEPT
)
