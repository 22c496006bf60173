"""A multipart body (RFC 2046 section 5.1, RFC 7578), in pieces, to a short one that is still multipart.

Fields stay; a file, or a part of a type that is no text, is emptied, and a Content-Length in its head says how long it was.
A field whose name is a credential's loses its value here, since its name and its value stand in different lines.
"""

import re
from collections.abc import Callable, Generator
from typing import Final

from hexr_autoinst.wire import redact
from hexr_autoinst.wire.hold import Hold

MOST: Final = 256 << 10  # bytes of the result
_HEAD: Final = 8 << 10
_FIELD: Final = 64 << 10
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,200})"|([^;,\s"]{1,200}))', re.IGNORECASE)
_FILE: Final = re.compile(rb";\s*filename\*?\s*=", re.IGNORECASE)
_NAME: Final = re.compile(rb';\s*name="?([^";\r\n]*)', re.IGNORECASE)
_TYPE: Final = re.compile(rb"^content-type:\s*([^\r\n;]*)", re.IGNORECASE | re.MULTILINE)
_READABLE: Final = re.compile(rb"^\s*(?:text/|application/json|[^;]*\+json)|^\s*\Z", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"^content-length:[^\r\n]*(?:\r\n|\Z)", re.IGNORECASE | re.MULTILINE)


def boundary(content_type: str) -> bytes:
    """The boundary that a multipart content type names; empty for other types."""
    found = _BOUNDARY.search(content_type) if content_type[:10].lower() == "multipart/" else None
    return (found[1] or found[2]).encode() if found else b""


class Multipart:
    """Holds as `hold` does: bytes in, the short body out."""

    def __init__(self, boundary: bytes) -> None:
        """`boundary`: as the content type names it."""
        self.cut = self.lost = False
        self._line = b"--" + boundary
        self._bytes = b"\r\n"  # the first boundary begins a line too
        self._made: list[bytes] = []
        self._size = 0
        self._field = Hold(_FIELD)
        self._open = b""  # the head of the part that is read
        self._reading = self._parts()
        next(self._reading)

    @property
    def held(self) -> int:
        """Bytes held."""
        return self._size + len(self._bytes) + self._field.held

    def add(self, piece: bytes) -> None:
        """Take bytes."""
        if not self.lost:
            self._bytes += piece
            if next(self._reading, True):  # what follows the last boundary, or is no part, is nothing
                self._bytes = b""

    def shrink(self) -> None:
        """Give memory back: it is short already."""
        self.cut = self.lost = True
        self._made, self._size, self._bytes = [], 0, b""
        self._field.take()

    def take(self) -> bytes:
        """What was kept; of a part that did not end, its head alone."""
        if self._open:
            self._keep(self._open, b"")
        kept = b"".join((*self._made, self._line, b"--\r\n")) if self._made else b""
        self._made, self._size, self._bytes = [], 0, b""
        self._field.take()
        return kept

    def _parts(self) -> Generator[bool, None, None]:
        yield from self._content(_drop)
        while (yield from self._some(2)) and not self._bytes.startswith(b"--"):
            head = yield from self._head()
            if head is None:
                return
            self._open = head = _LENGTH.sub(b"", head)
            if _is_file(head):
                length = yield from self._content(_drop)
                self._keep(head + b"Content-Length: %d\r\n" % length, b"")
            else:
                yield from self._content(self._field.add)
                self.cut = self.cut or self._field.cut
                value = self._field.take()
                self._keep(head, redact.MARK.encode() if value and _is_secret(head) else value)
            self._open = b""

    def _some(self, size: int) -> Generator[bool, None, bool]:
        while len(self._bytes) < size:
            yield False
        return True

    def _head(self) -> Generator[bool, None, bytes | None]:
        """The fields of a part, each with its line's end; None for what is no head."""
        while (end := self._bytes.find(b"\r\n\r\n")) < 0:
            if len(self._bytes) > _HEAD:
                return None
            yield False
        head, self._bytes = self._bytes[:end], self._bytes[end + 4 :]
        fields = head.partition(b"\r\n")[2]  # the boundary's own line comes first
        return fields + b"\r\n" if fields else b""

    def _content(self, take: Callable[[bytes], None]) -> Generator[bool, None, int]:
        """Hand on what stands before the next boundary; its length."""
        mark, length = b"\r\n" + self._line, 0
        while (end := self._bytes.find(mark)) < 0:
            sure = max(0, len(self._bytes) - len(mark) + 1)
            take(self._bytes[:sure])
            length += sure
            self._bytes = self._bytes[sure:]
            yield False
        take(self._bytes[:end])
        self._bytes = self._bytes[end + len(mark) :]
        return length + end

    def _keep(self, head: bytes, value: bytes) -> None:
        part = b"%s\r\n%s\r\n%s\r\n" % (self._line, head, value)
        if self._size + len(part) > MOST:
            self.cut = True
        else:
            self._made.append(part)
            self._size += len(part)


def _drop(_: bytes) -> None:
    """A file's content, and what stands before the first boundary."""


def _is_file(head: bytes) -> bool:
    kind = _TYPE.search(head)
    return bool(_FILE.search(head) or (kind and not _READABLE.search(kind[1])))


def _is_secret(head: bytes) -> bool:
    name = _NAME.search(head)
    return name is not None and redact.is_secret(name[1].decode("utf-8", "replace"))
