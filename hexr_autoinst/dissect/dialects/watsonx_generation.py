"""Text generation of watsonx.ai: each event of a stream has the newest text and the counts so far. https://cloud.ibm.com/apidocs/watsonx-ai#text-generation"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling, Usage

_UNFINISHED: Final = "not_finished"
_FAILED: Final = "error"
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model_id!", "id", "parameters.stop_sequences!", "results.stop_reason")


def shaped(body: Any) -> bool:
    """An input that is one text; a deployment has its model in its path and its prompt, maybe, in itself."""
    return isinstance(body, dict) and (
        isinstance(body.get("input"), str) or "model_id" in body or "parameters" in body
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = mapping(body, "parameters")
    return Ask(
        model=text(body.get("model_id")),
        sampling=Sampling(
            max_tokens=integer(said.get("max_new_tokens")),
            temperature=number(said.get("temperature")),
            top_p=number(said.get("top_p")),
            top_k=number(said.get("top_k")),
            seed=signed(said.get("random_seed")),
            stop=words(said.get("stop_sequences"), MOST_STOPS),
        ),
        content=prompted(body.get("input")) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    _take(answer, value)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """One event of a streamed answer."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if _take(answer, value):
        answer.output(at)


def _take(answer: Answer, value: dict[str, Any]) -> bool:
    answer.identify(value.get("id"), value.get("model_id"))
    return max([_result(answer, i, r) for i, r in enumerate(objects(value.get("results")))], default=False)


def _result(answer: Answer, index: int, result: dict[str, Any]) -> bool:
    choice = answer.choice(index)
    if choice is None:
        return False
    finish = word(result.get("stop_reason"))
    if finish is not None and finish.lower() != _UNFINISHED:
        choice.finish = finish
        answer.done = True
    if finish is not None and finish.lower() == _FAILED:
        answer.failure = answer.failure or failure.coded(finish, None, content=False)
    answer.usage = Usage(
        # The input is counted in the first event of a stream alone, the others say 0.
        _most(answer.usage.input, integer(result.get("input_token_count"))),
        _most(answer.usage.output, integer(result.get("generated_token_count"))),
    )
    said = result.get("generated_text")
    if not isinstance(said, str) or not said:
        return False
    answer.say(choice, "text", said)
    return True


def _most(known: int | None, said: int | None) -> int | None:
    return max((n for n in (known, said) if n is not None), default=None)


WATSONX_GENERATION: Final = Dialect(
    "watsonx_generation",
    shaped,
    ask,
    frame,
    whole,
    kind="completion",
    operation="text_completion",
    kept=_KEPT,
)
