"""When pipes are watched: only while a process talks to its parent by one, or is about to. Pure.

A pipe is seen at the end of its reads and writes alone, for which every system call of the host takes a longer way. So
that is attached when a process was executed with pipes to its parent, or may be soon: its parent has made pipes and forks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.capture.ebpf.decode import Look
from hexr_autoinst.model.facts import Key

# Two ends of what tells a parent that its child has executed; two more for each pipe to talk by.
_PREPARED: Final = 3
_PATIENCE: Final = 10.0  # seconds that a parent may take from a fork to its child's program


@dataclass(slots=True)
class Talkers:
    """The processes that talk to their parents by pipes, and a fork that may lead to one."""

    _living: set[Key] = field(default_factory=set)
    _until: float = 0.0

    def heard(self, look: Look, now: float) -> None:
        """A process was forked, became a program, or ended."""
        if look.kind == "exec" and look.pipes:
            self._living.add(look.key)
        elif look.kind == "fork" and look.pipes >= _PREPARED:
            self._until = now + _PATIENCE
        elif look.kind == "exit":
            self._living.discard(look.key)

    def found(self, key: Key) -> None:
        """One was there before us, or its beginning went unheard."""
        self._living.add(key)

    def keep(self, living: Iterable[Key]) -> None:
        """Whose end was missed is forgotten."""
        self._living.intersection_update(living)

    def wanted(self, now: float) -> bool:
        """Whether pipes are to be watched."""
        return bool(self._living) or now < self._until
