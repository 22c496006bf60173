"""Anthropic's usage. https://docs.claude.com/en/api/messages#response-usage

Its input leaves the cache out, and its sums leave out what was spent on compacting the conversation: both are added. In a stream the numbers
are cumulative: a later one overwrites an earlier one.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.lenient import integer, mapping, objects, text
from hexr_autoinst.model.operation import Usage

# Its numbers are no content, nor are these: see `dissect.veil`.
KEPT: Final = ("usage.service_tier", "usage.*.type")
_COUNTED: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
# A step of its own, by the model that was asked; an advisor's is by another: https://docs.claude.com/en/docs/build-with-claude/compaction
_APART: Final = "compaction"


def take_usage(answer: Answer, said: dict[str, Any]) -> None:
    """Take what is said of usage, at the beginning of a stream and again at its end."""
    for key in _COUNTED:
        if (count := integer(said.get(key))) is not None:
            answer.counts[key] = count
    # A part of the output, in newer answers: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
    if (thought := integer(mapping(said, "output_tokens_details").get("thinking_tokens"))) is not None:
        answer.counts["thinking_tokens"] = thought
    _compacted(answer, said)
    _aside(answer, said)
    counts = answer.counts
    fresh, output = _sum(counts, "input_tokens"), _sum(counts, "output_tokens")
    read, written = _sum(counts, "cache_read_input_tokens"), _sum(counts, "cache_creation_input_tokens")
    answer.usage = Usage(
        input=None if fresh is None else fresh + (read or 0) + (written or 0),
        output=output,
        cache_read=read,
        cache_write=written,
        reasoning=counts.get("thinking_tokens"),
    )


def _compacted(answer: Answer, said: dict[str, Any]) -> None:
    apart = [i for i in objects(said.get("iterations")) if i.get("type") == _APART]
    for key in _COUNTED if apart else ():
        answer.counts[f"{_APART}.{key}"] = sum(integer(i.get(key)) or 0 for i in apart)


def _sum(counts: dict[str, int], key: str) -> int | None:
    return counts[key] + counts.get(f"{_APART}.{key}", 0) if key in counts else None


def _aside(answer: Answer, said: dict[str, Any]) -> None:
    """The cache's longer life costs more; what the vendor's own tools have done is billed by the piece."""
    hour = integer(mapping(said, "cache_creation").get("ephemeral_1h_input_tokens"))
    if hour:
        answer.extras["cache_write.hour"] = hour
    for key, count in list(mapping(said, "server_tool_use").items())[:8]:
        if key in ("web_search_requests", "web_fetch_requests") and (found := integer(count)):
            answer.extras[f"server.{key}"] = found
    if tier := text(said.get("service_tier")):
        answer.extras["response_tier"] = tier
