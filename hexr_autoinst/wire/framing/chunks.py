"""The chunks of a body (RFC 9112 section 7.1) that stand whole in what was read, taken at one go.

A stream's event is one such chunk: three steps for each of them cost as much as all else that is done with it.
"""

import re
from typing import Final

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,7})\r\n")


def whole_chunks(data: bytes, pos: int) -> tuple[int, list[bytes]]:
    """The chunks from `pos` on that are whole, from size to line feed, and where they end.

    What is anything else (the last chunk, an extension, a piece of a chunk) is left to the reader's steps.
    """
    pieces = []
    while found := _SIZE.match(data, pos):
        start, size = found.end(), int(found[1], 16)
        end = start + size
        if not size or data[end : end + 2] != b"\r\n":
            break
        pieces.append(data[start:end])
        pos = end + 2
    return pos, pieces
