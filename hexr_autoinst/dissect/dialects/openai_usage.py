"""Usage in the words of OpenAI's APIs, old and new, and of those who speak after them. https://platform.openai.com/docs/api-reference/chat/object

Chat, completions and runs say prompt and completion, Responses, images and audio say input and output. Input includes what came from a
cache, output what was reasoned; where a vendor's own sum leaves reasoning out, the numbers themselves show it.
"""

from collections.abc import Mapping
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.lenient import integer, mapping, number, text
from hexr_autoinst.model.operation import Usage

# Its numbers are no content, nor is what kind of usage it is: see `dissect.veil`.
KEPT: Final = ("usage.type", "usage.*.type")
TIERS: Final = ("service_tier", "system_fingerprint")
_SIDES: Final = {
    "input": (
        ("prompt_tokens", "input_tokens"),
        ("prompt_tokens_details", "input_tokens_details", "input_token_details", "prompt_token_details"),
    ),
    "output": (
        ("completion_tokens", "output_tokens"),
        (
            "completion_tokens_details",
            "output_tokens_details",
            "output_token_details",
            "completion_token_details",
        ),
    ),
}
_MODALITIES: Final = {f"{modality}_tokens": modality for modality in ("text", "image", "audio", "video")}
_COSTS: Final = ("cost", "estimated_cost")
_PREDICTED: Final = (
    ("prediction.accepted", "accepted_prediction_tokens"),
    ("prediction.rejected", "rejected_prediction_tokens"),
)


def take_usage(answer: Answer, said: dict[str, Any]) -> None:
    """Take what an answer says of its usage. A later word overwrites an earlier one: where it is repeated, it is cumulative."""
    told = _details(said, "output")
    answer.usage = usage(said)
    for name, key in _PREDICTED if told else ():
        if count := integer(told.get(key)):
            answer.extras[name] = count
    if (cost := _cost(said)) is not None:
        answer.extras["cost"] = cost


def usage(said: dict[str, Any]) -> Usage:
    """The usage object of any of these APIs."""
    asked, told = _details(said, "input"), _details(said, "output")
    # Perplexity and xAI's older answers have it beside the sums.
    reasoning = _count(told, "reasoning_tokens")
    reasoning = _count(said, "reasoning_tokens") if reasoning is None else reasoning
    # DeepSeek: https://api-docs.deepseek.com/guides/kv_cache; Moonshot has it beside the sums.
    read = _count(asked, "cached_tokens")
    read = _count(said, "prompt_cache_hit_tokens", "cached_tokens") if read is None else read
    return Usage(
        input=_count(said, *_SIDES["input"][0]),
        output=_output(said, reasoning),
        cache_read=read,
        cache_write=_count(asked, "cache_write_tokens", "cache_creation_tokens"),  # OpenRouter's, LiteLLM's
        reasoning=reasoning,
        modalities=(
            *_modalities(asked, "input"),
            *_modalities(mapping(asked, "cached_tokens_details"), "cached_input"),  # Realtime's
            *_modalities(told, "output"),
        ),
    )


def _output(said: dict[str, Any], reasoning: int | None) -> int | None:
    """With reasoning, which some leave out: a part is not greater than its whole, and a total adds up."""
    output = _count(said, *_SIDES["output"][0])
    if output is None or not reasoning:
        return output
    total = integer(said.get("total_tokens"))
    apart = total is not None and total == (_count(said, *_SIDES["input"][0]) or 0) + output + reasoning
    return output + reasoning if apart or reasoning > output else output


def _modalities(details: Mapping[str, Any], side: str) -> tuple[tuple[str, str, int], ...]:
    if details.keys().isdisjoint(_MODALITIES):
        return ()
    found = [(m, side, n) for key, m in _MODALITIES.items() if (n := integer(details.get(key)))]
    return tuple(found) if [m for m, _, _ in found] != ["text"] else ()


def _details(said: dict[str, Any], side: str) -> dict[str, Any]:
    for key in _SIDES[side][1]:
        if (found := said.get(key)) and isinstance(found, dict):
            return found
    return {}


def _count(said: Mapping[str, Any], *keys: str) -> int | None:
    """The first of these members that is a count."""
    for key in keys:
        if (count := integer(said.get(key))) is not None:
            return count
    return None


def _cost(said: dict[str, Any]) -> float | None:
    """What the vendor says the call has cost, in dollars: OpenRouter's and DeepInfra's number, Perplexity's object."""
    if said.keys().isdisjoint(_COSTS):
        return None
    places = (said.get("cost"), mapping(said, "cost").get("total_cost"), said.get("estimated_cost"))
    return next((n for place in places if (n := number(place)) is not None), None)


def tiers(answer: Answer, value: dict[str, Any]) -> None:
    """Which tier has served it, and in which configuration of the vendor's own."""
    for name, key in (("openai.response_tier", "service_tier"), ("openai.fingerprint", "system_fingerprint")):
        said = value.get(key)
        if said is not None and said != answer.extras.get(name) and (found := text(said)):
            answer.extras[name] = found
