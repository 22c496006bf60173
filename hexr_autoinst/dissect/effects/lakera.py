"""Lakera Guard, versions 1 (an endpoint for each detector) and 2 (a project's policy). https://docs.lakera.ai/docs/api

What the last message says was said last: a user's is the prompt, an assistant's is the output.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.effects.scan import (
    OUTPUT,
    PROMPT,
    Finding,
    Guard,
    Verdict,
    Way,
    flags,
    invalid_if,
    scanner,
)
from hexr_autoinst.dissect.lenient import mapping, number, objects

_DIRECTIONS: Final = {"assistant": OUTPUT, "user": PROMPT, "system": PROMPT}
_DETECTORS: Final = "prompt_injection|moderation|pii|unknown_links|relevant_language|sentiment|guard"


def _v2(body: dict[str, Any]) -> bool:
    return isinstance(body.get("messages"), list)


def _v1(body: dict[str, Any]) -> bool:
    return bool(body.get("input"))


def _direction(body: dict[str, Any], match: re.Match[str]) -> str | None:  # noqa: ARG001 - the body says all
    roles = [r for one in objects(body.get("messages")) if isinstance(r := one.get("role"), str)]
    return _DIRECTIONS.get(roles[-1]) if roles else None


def _undirected(body: dict[str, Any], match: re.Match[str]) -> None:
    """Version 1 scans a text, whoever said it."""


def _policy(body: dict[str, Any]) -> Verdict:
    flagged = body.get("flagged")
    findings = (
        Finding(known, hit=found if isinstance(found := one.get("detected"), bool) else None)
        for one in objects(body.get("breakdown"))
        if (known := scanner(one.get("detector_type")))
    )
    return Verdict(not flagged if isinstance(flagged, bool) else None, tuple(findings))


def _detected(body: dict[str, Any]) -> Verdict:
    results = tuple(objects(body.get("results")))
    valid = invalid_if(r["flagged"] for r in results if isinstance(r.get("flagged"), bool))
    return Verdict(valid, tuple(f for r in results for f in _categories(r)))


def _categories(result: dict[str, Any]) -> Iterator[Finding]:
    scores = mapping(result, "category_scores")
    for one in flags(result.get("categories")):
        yield Finding(one.scanner, number(scores.get(one.scanner)), one.hit)


EFFECT: Final = Guard(
    "lakera",
    (
        Way(re.compile(r"(?:/.*)?/v2/guard(?:/results)?"), _v2, _direction, _policy),
        Way(re.compile(rf"/v1/(?:{_DETECTORS})"), _v1, _undirected, _detected, own=True),
    ),
    hosts=re.compile(r"(?:[a-z0-9-]+\.)*lakera\.ai"),
    kept=("messages.role", "flagged", "breakdown.detector_type", "results.categories.-", "results.category_scores.-"),
)  # fmt: skip
