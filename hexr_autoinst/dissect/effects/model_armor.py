"""Google Cloud's Model Armor. https://cloud.google.com/security-command-center/docs/reference/model-armor/rest

Each filter's result stands in an object of its own name, somewhere in which it says whether it matched.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.effects.scan import OUTPUT, PROMPT, Finding, Guard, Verdict, Way, scanner
from hexr_autoinst.dissect.lenient import mapping, objects

_ASKED: Final = {"sanitizeUserPrompt": PROMPT, "sanitizeModelResponse": OUTPUT}
_STATES: Final = {"NO_MATCH_FOUND": False, "MATCH_FOUND": True}
_DEEP: Final = 4  # objects below a filter's that are looked into
_FILTERS: Final = "sanitizationResult.filterResults.*"


def _shaped(body: dict[str, Any]) -> bool:
    return any(key in body for key in ("userPromptData", "modelResponseData", "user_prompt_data", "model_response_data"))  # fmt: skip


def _asks(body: dict[str, Any], match: re.Match[str]) -> str:  # noqa: ARG001 - the path says all
    return _ASKED[match["what"]]


def _says(body: dict[str, Any]) -> Verdict:
    result = mapping(body, "sanitizationResult")
    matched = _state(result.get("filterMatchState"))
    return Verdict(None if matched is None else not matched, tuple(_filters(result.get("filterResults"))))


def _filters(said: Any) -> Iterator[Finding]:
    """A map by the filters' names; in the vendor's examples a list of such as well."""
    for results in [said] if isinstance(said, dict) else objects(said):
        for key, result in results.items():
            states = tuple(_states(result, _DEEP))
            if (name := scanner(key)) and states:
                yield Finding(name, hit=any(states))


def _states(value: Any, deep: int) -> Iterator[bool]:
    for key, inner in mapping(value).items():
        state = _state(inner) if key == "matchState" else None
        if state is not None:
            yield state
        elif deep:
            yield from _states(inner, deep - 1)


def _state(value: Any) -> bool | None:
    return _STATES.get(value) if isinstance(value, str) else None


EFFECT: Final = Guard(
    "model_armor",
    (
        Way(
            re.compile(r".*/locations/[^/]+/templates/[^/:]+:(?P<what>sanitizeUserPrompt|sanitizeModelResponse)"),
            _shaped,
            _asks,
            _says,
        ),
    ),
    hosts=re.compile(r"modelarmor(?:\.[a-z0-9-]+\.rep)?\.googleapis\.com"),
    kept=(
        "sanitizationResult.filterMatchState", f"{_FILTERS}.matchState", f"{_FILTERS}.*.matchState",
        f"{_FILTERS}.*.*.matchState", f"{_FILTERS}.*.*.*.matchState", "error.status",
    ),
)  # fmt: skip
