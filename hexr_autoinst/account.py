"""The account of facts: issued = told + ignored + dropped + open, always.

Every fact that a plane issues has exactly one fate. Drops happen before the pipeline and are told
by `Lost` facts; what is open waits for the end of its exchange.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Account:
    """Counts since start. `issued` includes what was dropped on the way; `swallowed` counts survived errors."""

    delivered: int = 0
    told: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    swallowed: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    open: int = 0

    @property
    def issued(self) -> int:
        """Facts that the planes issued: those that came, and those known to be lost."""
        return self.delivered + self.dropped.total()

    @property
    def balanced(self) -> bool:
        """Whether the equation holds."""
        return self.issued == self.told + self.ignored.total() + self.dropped.total() + self.open

    def as_dict(self) -> dict[str, object]:
        """For `doctor --json`, the page and the status file."""
        return {
            "issued": self.issued,
            "told": self.told,
            "ignored": dict(sorted(self.ignored.items())),
            "dropped": dict(sorted(self.dropped.items())),
            "open": self.open,
            "balanced": self.balanced,
            "swallowed": dict(sorted(self.swallowed.items())),
            "bytes": self.bytes,
        }
