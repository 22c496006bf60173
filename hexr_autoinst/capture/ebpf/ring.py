"""Consumes one BPF ring buffer through its descriptor alone: no library, no privilege.

The layout is the kernel's (kernel/bpf/ringbuf.c): a consumer page that may be written, a producer
page and the data, both read-only, the data mapped twice in a row so that no record is cut. A record
is a header of two 32-bit words (length with the busy and discard bits, page offset) and its bytes.
"""

import mmap
from collections.abc import Iterator
from typing import Final

_BUSY: Final = 1 << 31
_DISCARD: Final = 1 << 30
_HEADER: Final = 8
_PAGE: Final = mmap.PAGESIZE


class Ring:
    """The one consumer of a ring of `size` bytes.

    Wake-ups are batched in the kernel: besides waiting for `fileno()`, read every 50 ms.
    """

    def __init__(self, fd: int, size: int) -> None:
        """Map the ring; the descriptor stays the caller's to close."""
        if size <= 0 or size & (size - 1) or size % _PAGE:
            raise ValueError(f"a ring has a power of two of pages, not {size} bytes")
        self._fd = fd
        self._mask = size - 1
        self._consumer = mmap.mmap(fd, _PAGE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        try:
            self._shared = mmap.mmap(fd, _PAGE + 2 * size, mmap.MAP_SHARED, mmap.PROT_READ, offset=_PAGE)
        except OSError:
            self._consumer.close()
            raise
        # Views of native words: one load or store each, as the kernel's are. The struct module writes
        # zeros first and then byte by byte; a reserve that read the zero found the ring full.
        self._consumed = memoryview(self._consumer).cast("Q")
        self._produced = memoryview(self._shared).cast("Q")
        self._words = memoryview(self._shared).cast("I")

    def fileno(self) -> int:
        """For epoll."""
        return self._fd

    @property
    def pending(self) -> int:
        """Bytes between the producer and us."""
        return self._produced[0] - self._consumed[0]

    def read(self) -> Iterator[bytes]:
        """Every record that is ready now; each is given back to the kernel once it was taken."""
        at, end = self._consumed[0], self._produced[0]
        while at < end:
            start = _PAGE + (at & self._mask)
            word = self._words[start >> 2]
            if word & _BUSY:
                return
            length = word & ~(_BUSY | _DISCARD)
            at += (length + _HEADER + 7) & ~7
            # copied before the position moves: from then on the kernel may write there
            record = b"" if word & _DISCARD else self._shared[start + _HEADER : start + _HEADER + length]
            self._consumed[0] = at
            if record:
                yield record
            if at >= end:
                end = self._produced[0]

    def close(self) -> None:
        """Unmap."""
        for view in (self._consumed, self._produced, self._words):
            view.release()
        self._consumer.close()
        self._shared.close()
