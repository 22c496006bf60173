"""Which of Azure's content filters have acted, beside an OpenAI-shaped answer or in its error. What was found and let pass is none.

https://learn.microsoft.com/en-us/azure/ai-foundry/openai/concepts/content-filter
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.lenient import mapping, text

_MOST: Final = 32
_ERROR: Final = ("error", "innererror", "content_filter_result")
RESULTS: Final = "content_filter_results"
# As `dissect.veil` names them.
KEPT: Final = (f"choices.{RESULTS}.*.filtered", f"{'.'.join(_ERROR)}.*.filtered")


def acted(said: Any) -> tuple[str, ...]:
    """The filters that have acted, in the order of their names."""
    found = sorted(name for name, one in mapping(said).items() if mapping(one).get("filtered") is True)
    return tuple(n for name in found[:_MOST] if (n := text(name, 64)))


def prompt(answer: Answer, value: dict[str, Any]) -> None:
    """An error says which filters have acted on the prompt."""
    if found := acted(mapping(value, *_ERROR)):
        answer.extras["guard.prompt_blocked"] = found
