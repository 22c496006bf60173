"""What every protocol of a connection is to the stream that carries it: one interface, and one way to spend facts.

A fact is spent on the exchange that its bytes touch first, else as `Skipped`. A talker that holds facts pays or spends
them before it ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hexr_autoinst.model.exchange import Heard, Skipped
from hexr_autoinst.model.facts import Chunk, Conn, Direction, Role, Side
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.talk import Talk

# (conn, seq of the first chunk that was seen, ordinal, role): what an exchange's id is made of.
Opener = Callable[[Conn, int, int, Role], Talk]
OTHER: dict[Direction, Direction] = {"out": "in", "in": "out"}


@dataclass(frozen=True, slots=True)
class Line:
    """What a talker is told of the connection. `first`: the sequence number that it was found at."""

    conn: Conn
    limits: Limits
    opener: Opener
    first: int
    scheme: str = "https"
    joined: bool = False


@dataclass(slots=True)
class Handover:
    """What follows is another protocol: `talk` goes on in it; `rest` are bytes of it that have come."""

    protocol: str
    talk: Talk
    rest: dict[Direction, bytes] = field(default_factory=dict)


class Talker(Protocol):
    """One protocol. `role` is the observed process's own; `buffered` are bytes that are not a body's."""

    handover: Handover | None

    @property
    def role(self) -> Role: ...
    @property
    def buffered(self) -> int: ...
    @property
    def talks(self) -> tuple[Talk, ...]:
        """The exchanges that are open, oldest first."""
        ...

    @property
    def settled(self) -> bool:
        """Whether it has found what it reads; before, another protocol may."""
        ...

    def feed(self, chunk: Chunk, lost: int, heard: list[Heard]) -> None:
        """Take one chunk, before which `lost` bytes are missing (-1: nobody knows how many); add to what was heard.

        WireError: read no further.
        """
        ...

    def give_up(self) -> None:
        """Free what can be freed: what it belongs to is lost."""
        ...

    def close(self, at: int, why: str = "") -> list[Heard]:
        """The connection is over; `why` marks what was still open, if anything but its end is to blame."""
        ...

    def quit(self, at: int, reason: str, why: str = "") -> list[Heard]:
        """Read no further: what is open ends here, and facts that wait are spent with this reason."""
        ...


class Holder(Protocol):
    """One direction, and the facts of it that wait for an exchange to pay."""

    held: int


def pay(holder: Holder, talk: Talk) -> None:
    """This exchange pays."""
    talk.facts += holder.held
    holder.held = 0


def spend(holder: Holder, at: int, reason: str) -> list[Heard]:
    """No exchange does."""
    held, holder.held = holder.held, 0
    return [Skipped(at, reason, held)] if held else []


def opposite(side: Side | None) -> Side | None:
    """The other side; None where none is known."""
    if side is None:
        return None
    return "response" if side == "request" else "request"
