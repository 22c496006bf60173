"""What carries an exchange, and its id: a hash of who spoke and how often, stable from the first fact on; never random, never a clock."""

import hashlib
from dataclasses import dataclass
from typing import Final

from hexr_autoinst.model.facts import Address, Conn, Key, Role, Source

_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_TWO: Final = tuple([a + b for a in _BASE32 for b in _BASE32])  # ten bits as two of its letters
_SHIFTS: Final = tuple(range(70, -10, -10))


@dataclass(slots=True)
class Carrier:
    """What carries an exchange: whose, which, the how-manieth, in which role."""

    id: str
    source: Source
    key: Key | None
    conn: Conn | str
    ordinal: int
    role: Role
    local: Address | None = None
    peer: Address | None = None
    entry: str = ""


def exchange_id(salt: bytes, source: Source, carrier: Conn | str, ordinal: int, stream: int = 0) -> str:
    """Base32 (lower case, 16 characters) of BLAKE2b-80. A HAR entry keeps its own name.

    `stream` tells apart what counts its exchanges anew on one connection: a stream that was joined late,
    or forgotten and found again, is named by the sequence number it was found at.
    """
    if source == "har" and isinstance(carrier, str):
        return carrier
    if isinstance(carrier, str):
        text = f"{source}\0{carrier}\0{ordinal}"
    else:
        text = f"{source}\0{carrier.key.pid}\0{carrier.key.start}\0{carrier.handle}\0{carrier.generation}"
        text += f"\0{stream}\0{ordinal}"
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=10, key=salt[:64]).digest()
    number = int.from_bytes(digest, "big")
    return "".join([_TWO[number >> shift & 1023] for shift in _SHIFTS])
