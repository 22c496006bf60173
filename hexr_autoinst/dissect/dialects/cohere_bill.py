"""What a call has cost, in Cohere's words: `meta` of v1, `usage` of v2. What is billed wins over what was consumed.

The consumed tokens count the prompt that Cohere writes around the caller's, and `cached_tokens` is a part of them: of
the billed ones it may be more than there are. https://docs.cohere.com/v2/docs/how-does-cohere-pricing-work
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.lenient import integer, mapping, number, text
from hexr_autoinst.model.operation import Usage

# v1 says it where the answer offended; v2 never has. https://docs.cohere.com/v1/reference/chat
_TOXIC = "ERROR_TOXIC"
_FAILED = ("ERROR", "ERROR_LIMIT", "TIMEOUT")


def billed(place: str) -> tuple[str, ...]:
    """What stands at a place is no content: see `dissect.veil`."""
    return (f"{place}.billed_units.-", f"{place}.tokens.-")


KEPT: Final = billed("meta")


def bill(answer: Answer, said: dict[str, Any]) -> None:
    """Take the tokens and what else is billed."""
    billed, consumed = mapping(said, "billed_units"), mapping(said, "tokens")
    if billed or consumed:
        answer.usage = _usage(billed, consumed, said) or answer.usage
    if (pages := integer(billed.get("pages"))) is not None:
        answer.extras["pages"] = pages
    for unit in ("search_units", "classifications"):
        if (units := number(billed.get(unit))) is not None:
            answer.extras["units"] = int(units) if units.is_integer() else units
    if (images := integer(billed.get("images"))) is not None:
        answer.extras["images"] = images


def _usage(billed: dict[str, Any], consumed: dict[str, Any], said: dict[str, Any]) -> Usage | None:
    asked, told = integer(billed.get("input_tokens")), integer(billed.get("output_tokens"))
    if asked is None and told is None:
        asked, told = integer(consumed.get("input_tokens")), integer(consumed.get("output_tokens"))
        cached = integer(said.get("cached_tokens"))
        return (
            Usage(asked, told, cache_read=cached)
            if asked is not None or told is not None
            else _images(billed)
        )
    image = integer(billed.get("image_tokens")) or 0
    if asked is not None and image > asked:  # a part is not greater than its whole: they are told apart
        asked += image
    return Usage(asked, told, modalities=_modalities(billed))


def _images(billed: dict[str, Any]) -> Usage | None:
    """An embedding of images alone is billed in tokens of images."""
    tokens = integer(billed.get("image_tokens"))
    return Usage(tokens, modalities=_modalities(billed)) if tokens is not None else None


def _modalities(billed: dict[str, Any]) -> tuple[tuple[str, str, int], ...]:
    image, plain = integer(billed.get("image_tokens")), integer(billed.get("text_tokens"))
    if not image:
        return ()
    return (("image", "input", image), *((("text", "input", plain),) if plain is not None else ()))


def ended(answer: Answer, finish: str | None, said: dict[str, Any]) -> None:
    """An end that is a failure, whatever the HTTP status says."""
    if finish == _TOXIC:
        answer.extras["guard.output_blocked"] = failure.FILTERED
        answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)
    elif finish in _FAILED:
        code = text(said.get("error_type")) or finish
        answer.failure = answer.failure or failure.coded(code, said.get("error"), content=answer.content)
