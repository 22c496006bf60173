"""OpenAI's moderations: what a text or a picture was found to hold. https://platform.openai.com/docs/api-reference/moderations

The outcome is told, not what was looked at. Something that was flagged is no failure of the call. Mistral's say no `flagged`: the
categories that are true are the verdict. https://docs.mistral.ai/api/endpoint/classifiers
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.effects.scan import Finding, Verdict, flags, invalid_if, scan
from hexr_autoinst.dissect.lenient import mapping, number, objects, text
from hexr_autoinst.dissect.reading import Dialect

_MOST: Final = 64  # categories; OpenAI has 13
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "results.categories.*", "results.category_scores.*", "input.type")


def shaped(body: Any) -> bool:
    """An input: text, texts, or parts."""
    return isinstance(body, dict) and bool(body.get("input")) and isinstance(body["input"], str | list)


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - the convention has no place for what is looked at
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    said = body.get("input")
    parts = isinstance(said, list) and any(isinstance(p, dict) for p in said[:1])  # of one thing
    inputs = len(said) if isinstance(said, list) and not parts else int(bool(said))
    return Ask(model=text(body.get("model")), extras=(("inputs", inputs),) if inputs else ())


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer: flagged if anything of it is."""
    answer.identify(value.get("id"), value.get("model"))
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    results = list(objects(value.get("results")))
    verdicts = [r["flagged"] for r in results if isinstance(r.get("flagged"), bool)]
    if verdicts:
        answer.extras["moderation.flagged"] = any(verdicts)
    found = sorted({name for r in results for name, hit in mapping(r, "categories").items() if hit is True})
    if found:
        answer.extras["moderation.categories"] = tuple(n for name in found[:_MOST] if (n := text(name)))
    if results:
        answer.scan = scan("", _verdict(results))


def _verdict(results: list[dict[str, Any]]) -> Verdict:
    findings = tuple(
        Finding(one.scanner, number(mapping(r, "category_scores").get(one.scanner)), one.hit)
        for r in results
        for one in flags(r.get("categories"))
    )
    flagged = [r["flagged"] for r in results if isinstance(r.get("flagged"), bool)]
    return Verdict(invalid_if(flagged or [bool(f.hit) for f in findings]), findings)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:  # noqa: ARG001 - a dialect's interface
    """Nobody streams a verdict."""
    whole(answer, value)


OPENAI_MODERATIONS: Final = Dialect(
    "openai_moderations", shaped, ask, frame, whole, kind="moderation", operation="moderation", kept=_KEPT
)
