"""Who is passed through undecrypted, and until when: learned from failures, forgotten in time. Pure.

The key is the client's executable *and* the target (host:port): a target alone would let one client that
pins its certificates blind us for all (executable "" stands for every client: the server will not have us).
"""

from collections import OrderedDict
from typing import Final

LIMIT: Final = 4096  # a client can make up names: the oldest go first


class Passes:
    """A bounded table of (executable, target) → time of expiry, in whatever unit the caller's clock has."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Nobody is passed yet."""
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._limit = limit

    def __len__(self) -> int:
        """How many are remembered, expired ones among them."""
        return len(self._until)

    def learn(self, executable: str, target: str, until: float) -> None:
        """Pass this client to this target until then."""
        self._until[executable, target.lower()] = until
        self._until.move_to_end((executable, target.lower()))
        if len(self._until) > self._limit:
            self._until.popitem(last=False)

    def passed(self, executable: str, target: str, now: float) -> bool:
        """Whether this connection must not be decrypted."""
        return any(self._holds((who, target.lower()), now) for who in (executable, ""))

    def _holds(self, key: tuple[str, str], now: float) -> bool:
        until = self._until.get(key)
        if until is not None and until <= now:
            del self._until[key]
            return False
        return until is not None
