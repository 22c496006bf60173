"""LLM Guard's API: `/analyze/*` waits for every scanner, `/scan/*` for the first that finds something.

https://protectai.github.io/llm-guard/api/overview/. A score is a risk beyond the scanner's threshold: above 0 it has found something,
-1 is the surest that it has not.
"""

import re
from typing import Any, Final

from hexr_autoinst.dissect.effects.scan import Finding, Guard, Verdict, Way, scanner
from hexr_autoinst.dissect.lenient import mapping, number


def _shaped(body: dict[str, Any]) -> bool:
    return isinstance(body.get("prompt"), str)


def _asks(body: dict[str, Any], match: re.Match[str]) -> str:  # noqa: ARG001 - the path says all
    return match["what"]


def _says(body: dict[str, Any]) -> Verdict:
    valid = body.get("is_valid")
    findings = (
        Finding(known, score, score > 0)
        for name, said in mapping(body, "scanners").items()
        if (known := scanner(name)) and (score := number(said)) is not None
    )
    return Verdict(valid if isinstance(valid, bool) else None, tuple(findings))


EFFECT: Final = Guard(
    "llm_guard",
    (Way(re.compile(r".*?/(?:analyze|scan)/(?P<what>prompt|output)"), _shaped, _asks, _says),),
    kept=("is_valid", "scanners.-"),
)
