"""The watched processes that live now, kept from looks of the kernel and readings of /proc; told as Process facts.

Identity is read at once, because an agent may live for 300 ms; what is gone before it could be read
is told with what the kernel's look said of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from hexr_autoinst.capture.ebpf import procfs
from hexr_autoinst.capture.ebpf.decode import Look
from hexr_autoinst.model.facts import Fact, Key, Process

_MOST: Final = 32_768  # as many as the kernel keeps verdicts for


class World:
    """Who lives. `tell` is given each new or changed Process."""

    def __init__(self, tell: Callable[[Fact], None], clock: Callable[[], int], clock_offset: int) -> None:
        """`clock` is Unix time by the session's offset to the boot clock."""
        self._tell, self._clock, self._offset = tell, clock, clock_offset
        self._living: OrderedDict[Key, Process] = OrderedDict()
        self.unread = 0
        self.forgotten = 0

    def __len__(self) -> int:
        """How many live."""
        return len(self._living)

    def __contains__(self, key: Key | None) -> bool:
        """Whether it is known and lives."""
        return key in self._living

    def snapshot(self) -> Iterable[Process]:
        """For a teller that has just come."""
        return tuple(self._living.values())

    def found(self, pid: int) -> None:
        """A process that lived before us, or whose birth was missed."""
        self._learn(procfs.process(pid, self._clock(), self._offset))

    def became(self, look: Look) -> None:
        """It has executed a program."""
        fact = procfs.process(look.key.pid, look.at, self._offset, look.at)
        if fact is None or fact.key != look.key:
            self.unread += 1
            fact = Process(look.at, "ebpf", look.key, look.parent, look.name, started=look.at)
        self._learn(fact)

    def born(self, look: Look) -> bool:
        """It was forked and did not execute anything since: a worker of its parent. Always done."""
        if look.key not in self._living:
            fact = procfs.process(look.key.pid, look.at, self._offset, look.at)
            if fact is not None and fact.key == look.key:
                self._learn(fact)
        return True

    def again(self, key: Key) -> bool:
        """It has mapped something: its hints may say more now. Always done."""
        old = self._living.get(key)
        new = procfs.process(key.pid, self._clock(), self._offset, old.started) if old else None
        if old and new and new.key == key and set(new.hints) - set(old.hints):
            self._learn(replace(new, hints=tuple(dict.fromkeys((*old.hints, *new.hints)))))
        return True

    def ended(self, key: Key) -> None:
        """It is gone; that it is, the kernel tells the teller itself."""
        self._living.pop(key, None)

    def sweep(self) -> None:
        """Forget whose end was missed."""
        for key in [k for k in self._living if procfs.key(k.pid) != k]:
            del self._living[key]

    def _learn(self, fact: Process | None) -> None:
        if fact is None:
            return
        self._living[fact.key] = fact
        while len(self._living) > _MOST:
            self._living.popitem(last=False)
            self.forgotten += 1
        self._tell(fact)
