"""A process without what it does not need to be told: an argument or a value stays only where the agent would be another without it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hexr_autoinst.correlate.naming import ATTRIBUTES, agent, declared
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.model.facts import Process
from hexr_autoinst.model.story import Agent

MARK: Final = "~"
_WORDS: Final = 256  # more than any interpreter's own flags before the name of a program


def veiled(rules: Rules, process: Process) -> Process:
    """The same agent, with the fewest words of its own."""
    wanted = _known(rules, process)
    least = replace(process, args=process.args[:_WORDS])
    # The last argument first: what a program is told stands behind its name.
    places: list[int | str] = [*reversed(range(len(least.args))), *sorted(least.env)]
    for what in places:
        for lighter in _lighter(least, what):
            if _known(rules, lighter) == wanted:
                least = lighter
                break
    return least


def _known(rules: Rules, process: Process) -> tuple[Agent, bool]:
    return agent(rules, process), declared(rules, process)


def _lighter(process: Process, what: int | str) -> Iterator[Process]:
    """The process with less of one argument or value, the least first."""
    if isinstance(what, int):
        word = process.args[what]
        for said in (f"-{MARK}" if word.startswith(("-", "+")) else MARK, word.rpartition("/")[2]):
            yield replace(process, args=(*process.args[:what], said, *process.args[what + 1 :]))
        return
    others = {k: v for k, v in process.env.items() if k != what}
    yield replace(process, env=others)
    # OTEL_RESOURCE_ATTRIBUTES is a list: of several that name, these together are enough.
    pairs = process.env[what].split(",")
    yield replace(
        process, env={**others, what: ",".join(p for p in pairs if p.partition("=")[0].strip() in ATTRIBUTES)}
    )
