"""Classifying texts by labels: no conversation and no guard, so it is told as a completion whose operation is its own word.

https://docs.cohere.com/v1/reference/classify https://docs.mistral.ai/api/endpoint/classifiers https://api.jina.ai/docs
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.cohere_bill import KEPT as BILL
from hexr_autoinst.dissect.dialects.cohere_bill import bill
from hexr_autoinst.dissect.lenient import elements, integer, mapping, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Usage

_LABELED: Final = ("classifications", "results", "data")
_INPUTS: Final = ("inputs", "input")
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("id", "model!", "usage.-", *BILL)


def shaped(body: Any) -> bool:
    """Inputs: too plain to be known anywhere but on the vendors' own hosts."""
    return isinstance(body, dict) and any(key in body for key in _INPUTS)


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - what is classified is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = next((body[key] for key in _INPUTS if key in body), None)
    count = 1 if isinstance(said, str) else len(elements(said))
    return Ask(model=text(body.get("model")), extras=(("inputs", count),) if count else ())


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The id, the model and the bill."""
    answer.identify(value.get("id"), value.get("model"))
    answer.found = isinstance(next((value[key] for key in _LABELED if key in value), None), list)
    bill(answer, mapping(value, "meta"))
    usage = mapping(value, "usage")
    tokens = next(
        (n for k in ("prompt_tokens", "total_tokens") if (n := integer(usage.get(k))) is not None), None
    )
    if tokens is not None:  # labels are chosen, not written: all tokens are the input's
        answer.usage = Usage(tokens)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Labels are never streamed."""


CLASSIFY: Final = Dialect(
    "classify", shaped, ask, frame, whole, kind="completion", operation="classify", kept=_KEPT
)
