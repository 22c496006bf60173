"""Code that an agent runs: a child process of an interpreter with a program, from exec to exit. Not its helpers: what serves it, or is an agent itself."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.command import language
from hexr_autoinst.correlate.hosts import Host
from hexr_autoinst.correlate.identity import run_id, run_trace
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.lineage import Turn
from hexr_autoinst.correlate.rules import NANO, Rules
from hexr_autoinst.correlate.standing import Spot
from hexr_autoinst.correlate.windows import Window
from hexr_autoinst.correlate.words import words
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.facts import Exited, Key, Process
from hexr_autoinst.model.story import Ambiguous, CodeRun, Place, Told

REMEMBERED: Final = 4096  # that run at once
LONGEST: Final = 60 * 60 * NANO  # that a turn waits for one


@dataclass(slots=True, eq=False)
class Run:
    """One process. `language`: of the newest program that it has become which is code; `process`: what the agent has started.

    `turn` is None where several have it in hand, nobody knows which.
    """

    process: Process
    language: str
    agent: Key
    turn: Turn | None = None
    under: str = ""
    window: Window | None = None
    rivals: tuple[Spot, ...] = ()

    def stand(self, host: Host) -> None:
        """Where it hangs."""
        self.leave()
        self.turn, self.window, self.rivals = host.turn, host.window, host.rivals
        if self.turn is not None:
            self.under = host.under or self.turn.under
            self.turn.runs.append(self)

    def leave(self) -> None:
        """It hangs nowhere."""
        if self.turn is not None:
            self.turn.runs.remove(self)
            self.turn = None

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
            if run.rivals and (host := self._host(run.agent, process)) and not host.rivals:
                run.stand(host)  # what it became says whose it is: a shell's wrapper did not
            return
        agent = self._agents.above(process.key)
        if not code or agent is None or self._agents.is_one(process.key) or self._is_part(process, agent):
            return
        if host := self._host(agent, process):
            self._runs[process.key] = run = Run(process, code, agent)
            run.stand(host)
            if len(self._runs) > REMEMBERED:
                self._drop(next(iter(self._runs)))

    def _host(self, agent: Key, process: Process) -> Host | None:
        at = process.started or process.at
        host = self._invocations.child(agent, at, words(process.args))
        return host if host and (host.turn or host.rivals) else None

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
        span, turn = run_id(self._salt, fact.key), run.turn
        self._drop(fact.key)
        if turn is None:
            agent = self._agents.who(run.agent, fact.source)
            place = Place(run_trace(self._salt, fact.key), span, None, run.rivals)
        else:
            turn.last = max(turn.last, fact.at)  # its silence begins now
            self._invocations.fix(turn)
            agent = self._invocations.agent(turn)
            place = Place(turn.trace_id, span, run.under, run.rivals)
        began = run.process.started or run.process.at
        told = CodeRun(agent, place, run.process, fact, run.language, min(began, fact.at))
        return [told, Ambiguous(fact.at, agent)] if run.rivals else [told]

    def _drop(self, key: Key) -> None:
        self._runs.pop(key).leave()

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
