"""Every bound of the wire room, in one place. What a bound cuts is marked on the exchange."""

from dataclasses import dataclass

_MIB = 1 << 20
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, counts and nanoseconds. `budget` is over all bodies that are held at once.

    `body` and `frame` are what is held as it came; of longer JSON what is short is kept (`skim`). `decoded` is
    what a few kilobytes may decode to.
    """

    body: int = 4 * _MIB
    decoded: int = 16 * _MIB
    budget: int = 256 * _MIB
    frame: int = 4 * _MIB
    head: int = _MIB
    fields: int = 10_000
    connections: int = 20_000
    exchanges: int = 20_000
    pipelined: int = 64
    streams: int = 1024
    idle: int = 15 * 60 * _SECOND
    sweep: int = 10 * _SECOND
