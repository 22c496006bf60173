"""What stands for a text, so that the same text is recognized elsewhere and nobody can read it: eight bytes. Bounded work for any length."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

SIZE: Final = 8
LOOKED_AT: Final = 512  # characters of one text, half from each end; its length stands for the rest
SHORTEST: Final = 12  # characters; `Oslo` may be said by anybody


def sample(text: str) -> bytes:
    """The text, or both its ends and its length."""
    if len(text) > LOOKED_AT:
        half = LOOKED_AT // 2
        text = f"{text[:half]}\0{len(text)}\0{text[-half:]}"
    return text.encode("utf-8", "surrogatepass")


def of_text(text: str) -> bytes:
    """Of one text, without the space around it."""
    return blake2b(sample(text.strip()), digest_size=SIZE).digest()


def of_words(texts: Iterable[str], most: int) -> tuple[bytes, ...]:
    """Of each text that is long enough to be nobody else's, the first few."""
    found: dict[bytes, None] = {}
    for text in texts:
        if len(text) >= SHORTEST and len(found) < most:
            found[of_text(text)] = None
    return tuple(found)
