"""Daytona's toolbox: commands and code in a sandbox. https://www.daytona.io/docs/en/process-code-execution/

A command in a session that runs on by itself has no end here: its exit code is asked for elsewhere, and not told.
"""

import re
from typing import Any, Final

from hexr_autoinst.dissect.effects.run import Asked, Outcome, Sandbox, Way, code, seconds, word
from hexr_autoinst.model.exchange import Exchange


def _commands(body: dict[str, Any]) -> bool:
    return isinstance(body.get("command"), str)


def _codes(body: dict[str, Any]) -> bool:
    return isinstance(body.get("code"), str)


def _asks(body: dict[str, Any], exchange: Exchange) -> Asked:  # noqa: ARG001 - the body says all
    return Asked(word(body.get("language")), seconds(body.get("timeout")))


def _says(said: dict[str, Any]) -> Outcome:
    return Outcome(code(said.get("exitCode")))


EFFECT: Final = Sandbox(
    "daytona",
    (
        Way(
            re.compile(r"(?:/.*)?/toolbox/(?:.*/)?process/(?:execute|session/[^/]+/exec)"),
            _commands,
            _asks,
            _says,
        ),
        Way(re.compile(r"(?:/.*)?/toolbox/(?:.*/)?process/code-run"), _codes, _asks, _says),
    ),
    hosts=re.compile(r"(?:[a-z0-9-]+\.)*daytona\.(?:io|work)"),
    kept=("language", "timeout", "exitCode"),
)
