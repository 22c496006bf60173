"""Piston, an engine that compiles and runs code. https://github.com/engineer-man/piston#execute-endpoint

Where a stage of two failed, the one that came first ends the run. A signal is a failure without an exit code.
"""

import re
from typing import Any, Final

from hexr_autoinst.dissect.effects.run import Asked, Outcome, Sandbox, Way, code, seconds, word
from hexr_autoinst.dissect.lenient import mapping, text
from hexr_autoinst.model.exchange import Exchange

_MILLI: Final = 1000


def _shaped(body: dict[str, Any]) -> bool:
    return isinstance(body.get("language"), str) and isinstance(body.get("files"), list)


def _asks(body: dict[str, Any], exchange: Exchange) -> Asked:  # noqa: ARG001 - the body says all
    return Asked(word(body.get("language")), seconds(body.get("run_timeout"), _MILLI))


def _says(said: dict[str, Any]) -> Outcome:
    compiled, run = mapping(said, "compile"), mapping(said, "run")
    last = compiled if compiled.get("code") or compiled.get("signal") else run
    return Outcome(code(last.get("code")), text(last.get("signal"), 32), word(said.get("language")))


EFFECT: Final = Sandbox(
    "piston",
    (Way(re.compile(r"(?:/.*)?/api/v2/(?:piston/)?execute"), _shaped, _asks, _says),),
    kept=("language", "run_timeout", "run.-", "compile.-", "run.signal", "compile.signal"),
)
