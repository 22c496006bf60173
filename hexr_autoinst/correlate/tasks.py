"""Tasks of the agent protocol as what is told says of them: each change of state once, whichever calls have said so. Bounded in number.

A task has two ends. Where this host has both, the end that does it says how it goes; the other's word is the same word later.
A call is told when it is over, so what an older call says of a time that has been told already is no news.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.model.operation import AgentCall
from hexr_autoinst.model.story import Placed, TaskMoved

REMEMBERED: Final = 8_192
_ENDS: Final = frozenset({"completed", "failed", "canceled", "rejected"})
_CHANGE: Final = "task_state"
_STATE: Final = "a2a.state"


@dataclass(slots=True)
class Life:
    """One task: when it was first heard of, its state and since when."""

    began: int
    state: str = ""
    at: int = 0


class Tasks:
    """The tasks that were heard of, the one that has been quiet for the longest time first."""

    def __init__(self) -> None:
        """None yet."""
        self._lives: OrderedDict[bytes, Life] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._lives)

    def heard(self, told: Placed) -> Iterator[TaskMoved]:
        """What this call says of a task that nobody has said before."""
        call = told.operation
        if not isinstance(call, AgentCall) or call.protocol != "a2a":
            return
        task = dict(call.facts).get("a2a.task")
        if not isinstance(task, str) or (told.other_tenant and not _does(told, call)):
            return
        life = self._life(task, told.exchange.began)
        for at, state in _states(told, call):
            if at <= life.at or state == life.state or life.state in _ENDS:
                continue
            seconds = max(0, at - life.began) / NANO if state in _ENDS else None
            yield TaskMoved(at, told.agent, told.place, life.state, state, seconds)
            life.state, life.at = state, at

    def _life(self, task: str, began: int) -> Life:
        name = blake2b(task.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        life = self._lives.setdefault(name, Life(began))
        life.began = min(life.began, began)
        self._lives.move_to_end(name)
        if len(self._lives) > REMEMBERED:
            self._lives.popitem(last=False)
        return life


def _does(told: Placed, call: AgentCall) -> bool:
    """Whether it is told from the end that does the task. Who sends a push notification does."""
    return told.serves != (call.operation == "push_notification")


def _states(told: Placed, call: AgentCall) -> Iterator[tuple[int, str]]:
    """Every state with its time, and the last one where the changes were too many to be kept."""
    last = ""
    for moment in call.moments:
        if moment.name == _CHANGE:
            last = str(dict(moment.facts).get(_STATE, ""))
            yield moment.at, last
    final = dict(call.facts).get(_STATE)
    if isinstance(final, str) and final != last:
        yield told.exchange.ended, final
