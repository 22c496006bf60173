"""The processes of this host as facts told them: who lives, whose child, who is gone. Bounded; names nobody."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.model.facts import Exited, Key, Process

REMEMBERED: Final = 32_768  # kernel.pid_max's default: as many as one host runs at once
AFTERLIFE: Final = 60 * NANO  # a gone process still answers for what arrives late
_GENERATIONS: Final = 32


@dataclass(slots=True)
class Life:
    """One process. `gone_at` without `exited`: its pid was seen again with another start."""

    key: Key
    process: Process | None = None
    exited: Exited | None = None
    gone_at: int | None = None


class World:
    """Every process that a fact named, by key."""

    def __init__(self) -> None:
        """Nobody lives yet."""
        self._lives: dict[Key, Life] = {}
        self._by_pid: dict[int, Key] = {}
        self._gone: deque[tuple[int, Key]] = deque()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._lives)

    def get(self, key: Key | None) -> Life | None:
        """What is known of it."""
        return self._lives.get(key) if key else None

    def gone_at(self, key: Key | None) -> int | None:
        """When a process has gone; None of one that is there, or unheard of."""
        life = self.get(key)
        return life.gone_at if life else None

    def known(self, key: Key | None) -> bool:
        """Whether its identity has arrived."""
        life = self.get(key)
        return life is not None and life.process is not None

    def met(self, key: Key, at: int) -> list[Key]:
        """Something names it. Returns the keys that were forgotten to make room."""
        if key in self._lives:
            return []
        self._life(key, at)
        return self._make_room()

    def process(self, fact: Process) -> list[Key]:
        """It lives, or is read again. Returns the keys that were forgotten to make room."""
        life = self._life(fact.key, fact.at)
        life.process = fact
        return self._make_room()

    def exited(self, fact: Exited) -> list[Key]:
        """It is gone. Returns the keys that were forgotten to make room."""
        life = self._life(fact.key, fact.at)
        life.exited = fact
        self._end(life, fact.at)
        return self._make_room()

    def forget(self, now: int) -> list[Key]:
        """The keys whose afterlife is over, forgotten with this call."""
        over = []
        while self._gone and self._gone[0][0] + AFTERLIFE <= now:
            over += self._drop(self._gone.popleft()[1])
        return over

    def ancestors(self, key: Key) -> Iterator[Key]:
        """Its parent, its parent's parent … as far as known; a circle (hostile facts) ends."""
        seen = {key}
        for _ in range(_GENERATIONS):
            life = self._lives.get(key)
            parent = life.process.parent if life and life.process else None
            if parent is None or parent in seen:
                return
            yield parent
            seen.add(parent)
            key = parent

    def _life(self, key: Key, at: int) -> Life:
        life = self._lives.get(key)
        if life is None:
            life = self._lives[key] = Life(key)
            before = self._by_pid.get(key.pid)
            if before is None or before.start < key.start:
                # A pid is given away only after its process is gone: an exit was missed.
                if before in self._lives:
                    self._end(self._lives[before], at)
                self._by_pid[key.pid] = key
            else:
                self._end(life, at)  # an old process, heard of late
        return life

    def _end(self, life: Life, at: int) -> None:
        if life.gone_at is None:
            life.gone_at = at
            self._gone.append((at, life.key))

    def _make_room(self) -> list[Key]:
        over = []
        while len(self._lives) > REMEMBERED:
            oldest = self._gone.popleft()[1] if self._gone else next(iter(self._lives))
            over += self._drop(oldest)
        return over

    def _drop(self, key: Key) -> list[Key]:
        if self._by_pid.get(key.pid) == key:
            del self._by_pid[key.pid]
        return [key] if self._lives.pop(key, None) else []
