"""Who reads an exchange: dissectors compete by confidence, never by order.

`claim` is asked when the request is whole, so the answer may not be there yet. Recognition is
host, path and body shape together; a header alone never makes a claim.
"""

from enum import IntEnum
from typing import Protocol

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

    def frame(self, frame: Frame) -> None:
        """A frame of the streamed answer, as it arrives."""

    def close(self, exchange: Exchange) -> Operation | None:
        """The exchange is over: what it meant, or None if it meant nothing after all."""


class Dissector(Protocol):
    """A vendor's or a protocol's reader."""

    @property
    def name(self) -> str:
        """Short and stable: it names counters."""

    def claim(self, exchange: Exchange) -> Claim:
        """How sure this dissector is."""

    def open(self, exchange: Exchange, *, content: bool) -> Reading:
        """Begin to read. `content`: messages may be kept."""


def choose(exchange: Exchange) -> Dissector | None:
    """The dissector with the highest claim; None if nobody claims, or if two claim alike."""
    from hexr_autoinst.dissect import DISSECTORS  # the list imports the dissectors, and they this file

    claims = sorted(((d.claim(exchange), d.name, d) for d in DISSECTORS), key=lambda c: c[:2], reverse=True)
    best, *others = claims
    if best[0] is Claim.NO or (others and others[0][0] == best[0]):
        return None
    return best[2]
