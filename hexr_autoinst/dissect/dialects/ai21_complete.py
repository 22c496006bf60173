"""AI21's text completion from before its chat (Jurassic-2). https://docs.ai21.com/v4.0.0/reference/j2-complete-ref"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, objects, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "id",
    "stopSequences!",
    "frequencyPenalty.-",
    "presencePenalty.-",
    "completions.finishReason.reason",
    "completions.data.-",
    "prompt.-",
)


def shaped(body: Any) -> bool:
    """A prompt: the model stands in the path."""
    return isinstance(body, dict) and isinstance(body.get("prompt"), str)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    return Ask(
        sampling=Sampling(
            max_tokens=integer(body.get("maxTokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("topP")),
            top_k=number(body.get("topKReturn")) or None,
            frequency_penalty=number(mapping(body, "frequencyPenalty").get("scale")),
            presence_penalty=number(mapping(body, "presencePenalty").get("scale")),
            choices=integer(body.get("numResults")),
            stop=words(body.get("stopSequences"), MOST_STOPS),
        ),
        content=prompted(body.get("prompt")) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer. Tokens are listed, not counted: what a list holds is its count."""
    answer.identify(word(value.get("id")), None)
    told = 0
    for index, one in enumerate(objects(value.get("completions"))):
        choice, data = answer.choice(index), mapping(one, "data")
        if choice is None:
            break
        choice.finish = word(mapping(one, "finishReason").get("reason"))
        if said := text(data.get("text"), 1 << 20):
            answer.say(choice, "text", said)
        told += len(elements(data.get("tokens")))
    asked = len(elements(mapping(value, "prompt").get("tokens")))
    answer.usage = Usage(asked or None, told or None)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Never streamed."""


AI21_COMPLETE: Final = Dialect(
    "ai21_complete", shaped, ask, frame, whole, kind="completion", operation="text_completion", kept=_KEPT
)
