"""Header blocks of HTTP/2 to fields (RFC 7541), by a decoder that knows when it does not know.

A block refers to fields that earlier blocks have said. Whoever joined late, or lost a block, does not have them: but what
is added from then on has the lowest indices, so those are right, and whatever lies beyond is unknown. Such a field is
left out, and the block is `known` no longer. `hpack` decodes; the table that may forget is ours.
"""

from typing import Final, NamedTuple

import hpack
from hpack.exceptions import InvalidTableIndex
from hpack.table import HeaderTable

TABLE: Final = (
    64 << 10
)  # what a client allows at most in practice (Firefox); an encoder that uses more is not followed
_UNKNOWN: Final = (b"", b"")


class Block(NamedTuple):
    """Fields in order. `known`: these are all of them."""

    fields: tuple[tuple[str, str], ...]
    known: bool = True


class _Table(HeaderTable):
    """`missed`: how often something was asked for that was said before `forgot` was set."""

    def __init__(self) -> None:
        super().__init__()
        self.forgot = False
        self.missed = 0

    def get_by_index(self, index: int) -> tuple[bytes, bytes]:
        try:
            return super().get_by_index(index)
        except InvalidTableIndex:
            if not self.forgot or index <= 0:
                raise
            self.missed += 1
            return _UNKNOWN


class Blocks:
    """The blocks of one direction of a connection, in order. `broken`: a block could not be decoded."""

    def __init__(self, limit: int, *, joined: bool) -> None:
        """`limit`: bytes of one list of fields (RFC 9113 section 6.5.2). `joined`: earlier blocks were not seen."""
        self._limit = limit
        self._most = TABLE
        self._start(forgot=joined)

    def forget(self) -> None:
        """A block is missing, or may be."""
        self._start(forgot=True)

    def read(self, block: bytes) -> Block:
        """The fields of a whole block; none where it is no block, or too much."""
        before = self._table.missed
        try:
            found = tuple(self._decoder.decode(block, raw=True))
        except (hpack.HPACKError, ValueError, IndexError):
            self.forget()  # what else it would have added is not known
            return Block((), known=False)
        named = tuple((_text(name), _text(value)) for name, value in found if name)
        return Block(named, self._table.missed == before and len(named) == len(found))

    def _start(self, *, forgot: bool) -> None:
        self._decoder = hpack.Decoder(max_header_list_size=self._limit)
        self._decoder.max_allowed_table_size = self._most
        self._decoder.header_table = self._table = _Table()
        self._table.forgot = forgot


def _text(raw: bytes | str) -> str:
    """As it was meant, where it is UTF-8; else each byte as one character."""
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
