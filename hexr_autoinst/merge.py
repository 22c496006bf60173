"""The reorder window: facts of several inputs become one stream, ordered by their own time. Pure, no clock.

Inputs are each nearly in order but lag one another by a few milliseconds. A fact waits until the
edge's time is `window` past its own; one that comes later than that is taken when it comes.
"""

from heapq import heappop, heappush
from typing import Final

from hexr_autoinst.model.facts import Chunk, Data, Fact, Lost

WINDOW_NS: Final = 50_000_000
# Bounds of what waits. At 16 KiB a chunk the bytes bind first, at 100-byte events the count does.
MAX_FACTS: Final = 100_000
MAX_BYTES: Final = 64 << 20
PLACE: Final = "merge"


class Merge:
    """A bounded heap by (time, order of arrival). What does not fit is dropped and told as `Lost`."""

    def __init__(
        self, window: int = WINDOW_NS, max_facts: int = MAX_FACTS, max_bytes: int = MAX_BYTES
    ) -> None:
        """Empty."""
        self.bytes = 0
        self.dropped = 0
        self._window = window
        self._max_facts = max_facts
        self._max_bytes = max_bytes
        self._heap: list[tuple[int, int, Fact]] = []
        self._arrived = 0
        self._untold = 0
        self._told_at = 0

    def __len__(self) -> int:
        """How many facts wait."""
        return len(self._heap)

    @property
    def has_room(self) -> bool:
        """Whether there is room for a while: whoever can wait should, at three quarters."""
        return len(self._heap) * 4 < self._max_facts * 3 and self.bytes * 4 < self._max_bytes * 3

    def push(self, fact: Fact) -> None:
        """Take one fact; dropped and counted when the bounds are reached."""
        size = len(fact.data) if isinstance(fact, Chunk | Data) else 0
        if len(self._heap) >= self._max_facts or self.bytes + size > self._max_bytes:
            # A Lost that is itself dropped still speaks for the facts it counts.
            lost = fact.n if isinstance(fact, Lost) else 1
            self.dropped += lost
            self._untold += lost
            return
        self._arrived += 1
        self.bytes += size
        heappush(self._heap, (fact.at, self._arrived, fact))

    def watermark(self, now: int) -> int:
        """The time up to which everything may be taken at `now`."""
        return now - self._window

    def pop(self, until: int) -> Fact | None:
        """The next fact whose time is not past `until` (a watermark), or None. Losses are told first."""
        if self._untold:
            lost = Lost(
                max(self._told_at, self._heap[0][0] if self._heap else 0), "ebpf", PLACE, self._untold
            )
            self._untold = 0
            return lost
        if not self._heap or self._heap[0][0] > until:
            return None
        at, _, fact = heappop(self._heap)
        self._told_at = max(self._told_at, at)
        self.bytes -= len(fact.data) if isinstance(fact, Chunk | Data) else 0
        return fact
