"""Text Generation Inference, the server that Hugging Face's endpoints run. https://huggingface.co/docs/text-generation-inference/basic_tutorials/consuming_tgi

One path answers with an object or with a list of one; a stream has a token in each event, and the counts in its last.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import integer, mapping, number, objects, signed, text, word, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling, Usage

# Of the parameters those that only a generation has.
_PARAMETERS: Final = frozenset(
    {
        "max_new_tokens",
        "return_full_text",
        "do_sample",
        "details",
        "stop",
        "top_n_tokens",
        "typical_p",
        "best_of",
    }
    | {"temperature", "top_p", "repetition_penalty", "decoder_input_details", "watermark"}
)
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "model!",
    "parameters.stop!",
    "parameters.grammar.type",
    "error_type",
    "details.finish_reason",
    "details.*.-",
    "token.-",
    "best_of_sequences.finish_reason",
)


def shaped(body: Any) -> bool:
    """`inputs` is one text, and a parameter of a generation goes with it."""
    return (
        isinstance(body, dict)
        and isinstance(body.get("inputs"), str)
        and not _PARAMETERS.isdisjoint(mapping(body, "parameters"))
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = mapping(body, "parameters")
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") is True,
        sampling=Sampling(
            max_tokens=integer(said.get("max_new_tokens")),
            temperature=number(said.get("temperature")),
            top_p=number(said.get("top_p")),
            top_k=number(said.get("top_k")),
            frequency_penalty=number(said.get("frequency_penalty")),
            seed=signed(said.get("seed")),
            stop=words(said.get("stop"), MOST_STOPS),
            output_type="json" if mapping(said, "grammar").get("type") in ("json", "json_schema") else None,
        ),
        content=prompted(body.get("inputs")) if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer."""
    choice = answer.choice(0) if isinstance(value.get("generated_text"), str) else None
    if choice is not None:
        answer.say(choice, "text", value["generated_text"])
        _details(answer, mapping(value, "details"))


def listed(answer: Answer, values: list[Any]) -> None:
    """A list of one, or of as many as there were inputs: a choice for each, though only the first has its counts taken."""
    for index, value in enumerate(objects(values)):
        choice = answer.choice(index) if isinstance(value.get("generated_text"), str) else None
        if choice is not None:
            answer.say(choice, "text", value["generated_text"])
            details = mapping(value, "details")
            choice.finish = word(details.get("finish_reason"))
            if index == 0:
                _details(answer, details)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """One token; the last event brings the whole text again, and the counts."""
    if isinstance(value.get("error"), str):  # a sentence, beside its code
        code = value.get("error_type")
        answer.failure = answer.failure or failure.coded(code, value["error"], content=answer.content)
    token = mapping(value, "token")
    choice = answer.choice(0) if token else None
    if choice is None:
        return
    said = token.get("text")
    if isinstance(said, str) and said and token.get("special") is not True:
        answer.say(choice, "text", said)
        answer.output(at)
    _details(answer, mapping(value, "details"))


def _details(answer: Answer, said: dict[str, Any]) -> None:
    choice = answer.choice(0) if said else None
    if choice is None:
        return
    choice.finish = word(said.get("finish_reason")) or choice.finish
    answer.done = True
    # A whole answer counts its input only where it was asked to list it.
    asked, listed_ = integer(said.get("input_length")), len(list(objects(said.get("prefill"))))
    answer.usage = Usage(
        asked if asked is not None else listed_ or None, integer(said.get("generated_tokens"))
    )


TGI_GENERATE: Final = Dialect(
    "tgi_generate",
    shaped,
    ask,
    frame,
    whole,
    kind="completion",
    operation="text_completion",
    listed=listed,
    kept=_KEPT,
)
