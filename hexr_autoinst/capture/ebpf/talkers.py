"""When pipes are watched: only while a process talks to its parent by one, or may be about to. Pure.

A pipe is seen at the end of its reads and writes alone, for which every system call of the host takes a longer way. So that is
attached for a while when a program begins (agents start their servers first of all) or a parent has made pipes and forks, and
stays for as long as a process lives that was executed with pipes to its parent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.capture.ebpf.decode import Look
from hexr_autoinst.model.facts import Key

# Two ends of what tells a parent that its child has executed; two more for each pipe to talk by.
_PREPARED: Final = 3
PATIENCE: Final = 10.0  # seconds


@dataclass(slots=True)
class Talkers:
    """The processes that talk to their parents by pipes, and until when one may be about to."""

    _living: set[Key] = field(default_factory=set)
    _until: float = 0.0

    def heard(self, look: Look, now: float) -> None:
        """A process was forked, became a program, or ended."""
        if look.kind == "exec" or (look.kind == "fork" and look.pipes >= _PREPARED):
            self._until = now + PATIENCE
        if look.kind == "exec" and look.pipes:
            self._living.add(look.key)
        elif look.kind in ("exec", "exit"):
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
