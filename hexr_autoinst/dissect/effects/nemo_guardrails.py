"""NeMo Guardrails' microservice: its checks, which run rails without a model. https://docs.nvidia.com/nemo/microservices/latest/guardrails/

Its other door answers as a model does, and is told as one.
"""

import re
from typing import Any, Final

from hexr_autoinst.dissect.effects.scan import OUTPUT, PROMPT, Finding, Guard, Verdict, Way, scanner
from hexr_autoinst.dissect.lenient import mapping, objects

_DIRECTIONS: Final = {"assistant": OUTPUT, "user": PROMPT}
_VALID: Final = {"success": True, "passed": True, "blocked": False}


def _shaped(body: dict[str, Any]) -> bool:
    return isinstance(body.get("messages"), list)


def _asks(body: dict[str, Any], match: re.Match[str]) -> str | None:  # noqa: ARG001 - the body says all
    """An assistant's message among those that are checked makes it the output that is in question."""
    roles = [r for one in objects(body.get("messages")) if isinstance(r := one.get("role"), str)]
    return _DIRECTIONS.get(roles[-1]) if roles else None


def _says(body: dict[str, Any]) -> Verdict:
    findings = (
        Finding(name, hit=None if (passed := _valid(said)) is None else not passed)
        for rail, said in mapping(body, "rails_status").items()
        if (name := scanner(rail))
    )
    return Verdict(_valid(body), tuple(findings))


def _valid(said: Any) -> bool | None:
    status = mapping(said).get("status")
    return _VALID.get(status) if isinstance(status, str) else None


EFFECT: Final = Guard(
    "nemo_guardrails",
    (Way(re.compile(r"(?:/.*)?/guardrails?/checks"), _shaped, _asks, _says),),
    kept=("messages.role", "status", "rails_status.*.status"),
)
