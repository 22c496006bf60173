"""Who answers: the owner of the host; behind a gateway whoever the wire names; else the shape's vendor, and that is deduced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange

_FRAMES: Final = 8  # at the beginning of a stream that are asked
_LAST: Final = 2  # at its end: the one that finishes, and the one with the usage


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's name; `inferred` where no host and no word on the wire gave it."""

    name: str
    inferred: bool = False


# What an exchange (its request at first, its answer's head at the end) and a piece of its answer say about who answers.
Tells = Callable[[Exchange, Mapping[str, Any]], Provider | None]


@dataclass(slots=True)
class Who:
    """The question of one exchange. `otherwise` holds unless one of `asks` finds a better answer, in the places `kept`."""

    otherwise: Provider
    asks: tuple[Tells, ...]
    exchange: Exchange
    kept: tuple[str, ...] = ()
    found: Provider | None = None
    frames: int = 0
    last: tuple[Mapping[str, Any], ...] = ()

    @property
    def provider(self) -> Provider:
        """As far as it is known."""
        return self.found or self.otherwise

    def hear(self, value: Mapping[str, Any]) -> None:
        """A piece of a streamed answer. What it says at its end is asked when the head is known too."""
        if not self.asks:
            return
        self.last = (*self.last[1 - _LAST :], value)
        if self.found is None and self.frames < _FRAMES:
            self.frames += 1
            self._ask(self.exchange, value)

    def close(self, exchange: Exchange, value: Any) -> Provider:
        """The whole exchange: the answer that stands."""
        for piece in (value,) if isinstance(value, Mapping) else self.last or ({},):
            if self.asks and (self.found is None or self.found.inferred):
                self._ask(exchange, piece)
        self.last = ()
        return self.provider

    def _ask(self, exchange: Exchange, value: Mapping[str, Any]) -> None:
        said = {provider for tells in self.asks if (provider := tells(exchange, value)) is not None}
        sure = {provider for provider in said if not provider.inferred} or said
        if len(sure) == 1:  # two answers are none
            self.found = sure.pop()


def who(question: Question, claimant: str) -> Who:
    """The question for an exchange that `claimant` reads."""
    from hexr_autoinst.dissect import VENDORS  # the list imports the vendors, and they this file

    shape, owner = VENDORS.named(claimant), VENDORS.named(question.owner) if question.owner else None
    if owner is None:
        return Who(Provider(shape.provider, inferred=True), VENDORS.tellers, question.exchange, VENDORS.kept)
    asks = (owner.tells,) if owner.tells else ()
    otherwise = Provider(owner.provider) if owner.provider else Provider(shape.provider, inferred=True)
    return Who(otherwise, asks, question.exchange, owner.kept)
