"""Things to do a little later, again and again until done: a bounded agenda. Reads no clock: it is told the time."""

import heapq
from collections.abc import Callable
from typing import Final

Errand = Callable[[], bool]  # whether it is done

_MOST: Final = 4096


class Errands:
    """`after` adds one, `run` does what is due, `wait` says when to come back."""

    def __init__(self, most: int = _MOST) -> None:
        """Nothing to do yet."""
        self._agenda: list[tuple[float, int, tuple[float, ...], Errand]] = []
        self._count = 0
        self._most = most
        self.skipped = 0

    def after(self, delays: tuple[float, ...], errand: Errand, now: float) -> None:
        """Do it after the first delay, and after each further one until it answers that it is done."""
        if len(self._agenda) >= self._most:
            self.skipped += 1
            return
        self._count += 1  # no two entries compare their errands
        heapq.heappush(self._agenda, (now + delays[0], self._count, delays[1:], errand))

    def run(self, now: float) -> None:
        """Do everything that is due."""
        while self._agenda and self._agenda[0][0] <= now:
            _, _, later, errand = heapq.heappop(self._agenda)
            if not errand() and later:
                self.after(later, errand, now)

    def wait(self, now: float) -> float | None:
        """Seconds until the next is due; None when there is nothing to do."""
        return max(0.0, self._agenda[0][0] - now) if self._agenda else None
