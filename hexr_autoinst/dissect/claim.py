"""Who reads an exchange: dissectors compete by confidence, never by order.

`claim` is asked when the request is whole, so the answer may not be there yet. Recognition is
host, path and body shape together; a header alone never makes a claim.
"""

from enum import IntEnum
from typing import Protocol

from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import Operation


class Claim(IntEnum):
    """How sure a dissector is that an exchange is its own."""

    NO = 0
    SHAPE = 1
    PATH = 2
    HOST = 3


class Reading(Protocol):
    """One exchange being read. State is bounded whatever the length of the stream."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The places of the exchange that hold no content: see `dissect.veil`."""

    @property
    def nested(self) -> tuple[str, ...] | None:
        """The texts that the last frame made whole, where frames are pieces of another framing; else None."""

    def frame(self, frame: Frame) -> None:
        """A frame of the streamed answer, as it arrives."""

    def close(self, exchange: Exchange) -> Operation | None:
        """The exchange is over: what it meant, or None if it meant nothing after all."""


class Dissector(Protocol):
    """A vendor's or a protocol's reader."""

    @property
    def name(self) -> str:
        """Short and stable: it names counters."""

    def claim(self, question: Question) -> Claim:
        """How sure this dissector is."""

    def open(self, question: Question, *, content: bool) -> Reading:
        """Begin to read. `content`: messages may be kept."""


def question(exchange: Exchange) -> Question:
    """What the dissectors are asked about an exchange."""
    from hexr_autoinst.dissect import VENDORS  # the list imports the dissectors, and they this file

    return Question(exchange, VENDORS.owner(exchange.request.host))


def choose(question: Question) -> Dissector | None:
    """The dissector with the highest claim; None if nobody claims, or if two claim alike."""
    from hexr_autoinst.dissect import CANDIDATES

    best, found, tied = Claim.NO, None, False
    for dissector in CANDIDATES.of(question):
        claim = dissector.claim(question)
        if claim > best:
            best, found, tied = claim, dissector, False
        elif claim == best:
            tied = True
    return None if tied else found
