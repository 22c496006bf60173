"""Code that an agent runs: a child process of an interpreter with a program, from exec to exit. Not its helpers: what serves it, or is an agent itself."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.command import language
from hexr_autoinst.correlate.identity import run_id
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.lineage import Turn
from hexr_autoinst.correlate.rules import NANO, Rules
from hexr_autoinst.correlate.standing import Spot
from hexr_autoinst.correlate.windows import Window
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.facts import Exited, Key, Process
from hexr_autoinst.model.story import Ambiguous, CodeRun, Place, Told

REMEMBERED: Final = 4096  # that run at once
LONGEST: Final = 60 * 60 * NANO  # that a turn waits for one


@dataclass(slots=True, eq=False)
class Run:
    """One process. `language`: of the newest program that it has become which is code; `process`: what the agent has started."""

    process: Process
    language: str
    turn: Turn
    under: str
    window: Window | None
    rivals: tuple[Spot, ...]

    def held(self, now: int) -> bool:
        """Whether its turn waits for it: as long as the tool does that has started it; its end may have been missed."""
        began = self.process.started or self.process.at
        return self.window is not None and not self.window.ended and now - began < LONGEST


class Runs:
    """The code that runs now."""

    def __init__(self, rules: Rules, world: World, agents: Agents, invocations: Invocations) -> None:
        """None does."""
        self._salt = rules.salt
        self._world = world
        self._agents = agents
        self._invocations = invocations
        self._runs: OrderedDict[Key, Run] = OrderedDict()

    def __len__(self) -> int:
        """How many run."""
        return len(self._runs)

    def begun(self, process: Process) -> None:
        """A process executes a program."""
        code = language(process.args, process.exe)
        if run := self._runs.get(process.key):
            run.language = code or run.language
            return
        agent = self._agents.above(process.key)
        if not code or agent is None or self._agents.is_one(process.key) or self._is_part(process, agent):
            return
        at = process.started or process.at
        host = self._invocations.child(agent, at)
        if host is None or host.turn is None:
            return
        run = Run(process, code, host.turn, host.under or host.turn.under, host.window, host.rivals)
        self._runs[process.key] = run
        host.turn.runs.append(run)
        if len(self._runs) > REMEMBERED:
            self._drop(next(iter(self._runs)))

    def forget(self, keys: list[Key]) -> None:
        """Processes long gone, whose exit nobody has seen."""
        for key in keys:
            self.helps(key)

    def helps(self, key: Key) -> None:
        """It serves its agent, or is one itself."""
        if key in self._runs:
            self._drop(key)

    def exited(self, fact: Exited) -> list[Told]:
        """A process is gone: what it ran is told."""
        run = self._runs.get(fact.key)
        if run is None:
            return []
        self._drop(fact.key)
        run.turn.last = max(run.turn.last, fact.at)  # its silence begins now
        self._invocations.fix(run.turn)
        agent = self._invocations.agent(run.turn)
        span = run_id(self._salt, fact.key)
        place = Place(run.turn.trace_id, span, run.under, run.rivals)
        began = run.process.started or run.process.at
        told = CodeRun(agent, place, run.process, fact, run.language, min(began, fact.at))
        return [told, Ambiguous(fact.at, agent)] if run.rivals else [told]

    def _drop(self, key: Key) -> None:
        run = self._runs.pop(key)
        run.turn.runs.remove(run)

    def _is_part(self, process: Process, agent: Key) -> bool:
        """Whether it is a part of other code that runs, or only a fork of its parent."""
        for above in self._world.ancestors(process.key):
            if above == agent:
                break
            if above in self._runs:
                return True
        life = self._world.get(process.parent)
        parent = life.process if life else None
        return parent is not None and (parent.exe, parent.args) == (process.exe, process.args)
