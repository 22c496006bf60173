"""Amazon Bedrock's ApplyGuardrail and InvokeGuardrailChecks: a guardrail asked by itself, and checks without one.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html. An intervention blocks or masks: either way what
was scanned is not what may be used. Scanners are the policies; their topics and words are the customer's own. Checks have severities and no verdict:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.effects.scan import OUTPUT, PROMPT, Finding, Guard, Verdict, Way, scanner
from hexr_autoinst.dissect.lenient import mapping, number, objects

_SOURCES: Final = {"INPUT": PROMPT, "OUTPUT": OUTPUT}
_ACTIONS: Final = {"NONE": True, "GUARDRAIL_INTERVENED": False}
_ACTED: Final = frozenset({"BLOCKED", "ANONYMIZED"})
_ROLES: Final = {"user": PROMPT, "assistant": OUTPUT}
_NO_POLICY: Final = frozenset({"invocationMetrics", "appliedGuardrailDetails"})


def _shaped(body: dict[str, Any]) -> bool:
    return body.get("source") in _SOURCES and isinstance(body.get("content"), list)


def _asks(body: dict[str, Any], match: re.Match[str]) -> str | None:  # noqa: ARG001 - the body says all
    source = body.get("source")
    return _SOURCES.get(source) if isinstance(source, str) else None


def _says(body: dict[str, Any]) -> Verdict:
    action = body.get("action")
    valid = _ACTIONS.get(action) if isinstance(action, str) else None
    return Verdict(valid, tuple(f for one in objects(body.get("assessments")) for f in _policies(one)))


def _policies(assessment: dict[str, Any]) -> Iterator[Finding]:
    for policy, lists in assessment.items():
        if policy in _NO_POLICY or not (name := scanner(policy)):
            continue
        found = (f for findings in mapping(lists).values() for f in objects(findings))
        yield Finding(name, hit=any(f.get("action") in _ACTED for f in found))


def _checked(body: dict[str, Any]) -> bool:
    return isinstance(body.get("messages"), list) and isinstance(body.get("checks"), dict)


def _last(body: dict[str, Any], match: re.Match[str]) -> str | None:  # noqa: ARG001 - the body says all
    roles = [m.get("role") for m in objects(body.get("messages"))]
    return _ROLES.get(str(roles[-1])) if roles else None


def _scored(body: dict[str, Any]) -> Verdict:
    found: list[Finding] = []
    for check in mapping(body, "results").values():
        for one in objects(mapping({"": check}, "").get("results")):
            name = scanner(one.get("category")) or scanner(one.get("type"))
            score = (
                number(one.get("severityScore")) if "category" in one else number(one.get("confidenceScore"))
            )
            found += [Finding(name, score)] if name else []
    return Verdict(None, tuple(found))


EFFECT: Final = Guard(
    "bedrock_guardrails",
    (Way(re.compile(r"(?:/.*)?/guardrail/[^/]+/version/[^/]+/apply"), _shaped, _asks, _says),
     Way(re.compile(r"(?:/.*)?/guardrail-checks/invoke"), _checked, _last, _scored)),
    kept=("messages.role", "results.*.results.category", "results.*.results.type", "checks.*.categories.category", "source", "action", "assessments.*.*.action", "assessments.invocationMetrics.-", "__type", "x-amzn-errortype:"),
)  # fmt: skip
