"""Azure AI Content Safety and its Prompt Shields. https://learn.microsoft.com/en-us/rest/api/contentsafety/

`analyze` gives severities and leaves the verdict to its caller; the detectors say what they have detected.
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
    invalid_if,
    scanner,
)
from hexr_autoinst.dissect.lenient import number, objects

# What may be asked, and on which side of a model what it looks at stands.
_DIRECTIONS: Final = {
    "shieldPrompt": PROMPT,
    "detectJailbreak": PROMPT,
    "detectGroundedness": OUTPUT,
    "detectProtectedMaterial": OUTPUT,
    "detectProtectedMaterialForCode": OUTPUT,
}
_LISTED: Final = ("categoriesAnalysis", "blocklistsMatch")
_ANALYSIS: Final = "Analysis"


def _shaped(body: dict[str, Any]) -> bool:
    return any(key in body for key in ("text", "userPrompt", "documents", "image", "code"))


def _asks(body: dict[str, Any], match: re.Match[str]) -> str | None:  # noqa: ARG001 - the path says all
    return _DIRECTIONS.get(match["what"])


def _says(body: dict[str, Any]) -> Verdict:
    findings = (*_severities(body), *_detections(body))
    return Verdict(invalid_if(f.hit for f in findings if f.hit is not None), findings)


def _severities(body: dict[str, Any]) -> Iterator[Finding]:
    for one in objects(body.get("categoriesAnalysis")):
        if name := scanner(one.get("category")):
            yield Finding(name, number(one.get("severity")))


def _detections(body: dict[str, Any]) -> Iterator[Finding]:
    """`userPromptAnalysis`, `protectedMaterialAnalysis` and their like: an object, or a list of them, with one truth."""
    grounded = body.get("ungroundedDetected")
    if isinstance(grounded, bool):
        yield Finding("groundedness", number(body.get("ungroundedPercentage")), grounded)
    for key, said in body.items():
        if key in _LISTED or not key.endswith(_ANALYSIS):
            continue
        name = scanner(key.removesuffix(_ANALYSIS))
        for one in [said] if isinstance(said, dict) else objects(said):
            hit = next((one[k] for k in ("attackDetected", "detected") if isinstance(one.get(k), bool)), None)
            if name and hit is not None:
                yield Finding(name, hit=hit)


EFFECT: Final = Guard(
    "azure_content_safety",
    (
        Way(
            re.compile(r"(?:/.*)?/contentsafety/(?:text|image|imageWithText):(?P<what>\w+)"),
            _shaped,
            _asks,
            _says,
        ),
    ),
    kept=(
        "categoriesAnalysis.category", "userPromptAnalysis.-", "documentsAnalysis.-", "protectedMaterialAnalysis.detected",
        "jailbreakAnalysis.-", "customCategoryAnalysis.-", "ungroundedPercentage", "documents", "error.code",
    ),
)  # fmt: skip
