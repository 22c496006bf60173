"""Frames of an answer that outruns its question: they wait, within reason, and the budget knows of them."""

from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.model.exchange import Said
from hexr_autoinst.wire.budget import Budget

_MOST: Final = 256


@dataclass(slots=True)
class Early:
    """What waits. `size` is its share of the budget."""

    budget: Budget
    waiting: list[Said] = field(default_factory=list)
    size: int = 0

    def add(self, said: Said, most: int) -> bool:
        """One more; whether that is too many, or more than `most` bytes."""
        size = len(said.frame.event) + len(said.frame.data) + len(said.frame.raw)
        self.waiting.append(said)
        self.size += size
        self.budget.used += size
        return len(self.waiting) > _MOST or self.size > most

    def take(self) -> list[Said]:
        """All of it, and its share of the budget back."""
        self.budget.used -= self.size
        waited, self.waiting, self.size = self.waiting, [], 0
        return waited
