"""Facts to the teller's socket: a bounded queue, dropped when full, counted, reconnecting forever. A hook never waits for it.

The stream is that of hexr_autoinst/capture/stream.py: a JSON header line, then length-prefixed
msgpack. That module lives in another environment; a test holds both spellings together.
"""

import asyncio
import json
import socket
import struct
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgpack

from hexr_autoinst.model.codec import VERSION, encode
from hexr_autoinst.model.facts import Data, Fact, Lost

PLACE: Final = "tap_queue"
ROOM: Final = 16 << 20
# Heads and ends are small and close what would else stay open: they get in a little longer.
RESERVE: Final = 1 << 20
_BATCH: Final = 64 << 10
# A send for each chunk of a stream would cost us a task and both ends a system call; the teller waits 50 ms for the late.
GATHER_S: Final = 0.01
_LENGTH: Final = struct.Struct(">I")
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_HEADER: Final = json.dumps({"version": VERSION, "role": "tap"}).encode() + b"\n"


def frame(fact: Fact) -> bytes:
    """One fact as it is written."""
    body: bytes = msgpack.packb(encode(fact), use_bin_type=True)
    return _LENGTH.pack(len(body)) + body


class FactsOut:
    """The queue and its way out. `offer` is all that a hook may call."""

    def __init__(self, path: Path, now: Callable[[], int], room: int = ROOM) -> None:
        """`now` stamps the reports of what was lost."""
        self.counts: Counter[str] = Counter()
        self._path = path
        self._now = now
        self._room = room
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._lost = 0
        self._more = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def offer(self, fact: Fact) -> bool:
        """Queue a fact; False when there was no room: then it is lost and counted."""
        line = frame(fact)
        room = self._room if isinstance(fact, Data) else self._room + RESERVE
        if self._size + len(line) > room:
            self._lost += 1
            self.counts["dropped"] += 1
            return False
        self._put(line)
        self.counts["issued"] += 1
        return True

    async def run(self) -> None:
        """Connect, send, and connect again, until cancelled."""
        failures = 0
        while True:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as line:
                    line.connect(str(self._path))
                    failures = 0
                    await self._send_all(line)
            except OSError:
                self.counts["disconnected"] += 1
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            failures += 1

    async def drained(self) -> None:
        """Wait until everything queued is written."""
        await self._empty.wait()

    async def _send_all(self, line: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(line, _HEADER)
        while True:
            self._report_lost()
            if not self._queue:
                self._more.clear()
                await self._more.wait()
                await asyncio.sleep(GATHER_S)
                continue
            batch = self._batch()
            sent = await _send(line, b"".join(batch))
            self._spend(batch, sent)

    def _put(self, line: bytes) -> None:
        self._queue.append(line)
        self._size += len(line)
        self._empty.clear()
        self._more.set()

    def _report_lost(self) -> None:
        if self._lost:
            lost, self._lost = self._lost, 0
            self._put(frame(Lost(self._now(), "proxy", PLACE, lost)))

    def _batch(self) -> list[bytes]:
        batch: list[bytes] = []
        size = 0
        for line in self._queue:
            batch.append(line)
            size += len(line)
            if size >= _BATCH:
                break
        return batch

    def _spend(self, batch: list[bytes], sent: int) -> None:
        """Forget what is written. A fact that is half written when the line breaks is sent again, whole, on the next."""
        whole = sum(len(line) for line in batch)
        for line in batch:
            if sent < len(line):
                break
            sent -= len(line)
            whole -= len(line)
            self._queue.popleft()
            self._size -= len(line)
        if not self._queue:
            self._empty.set()
        if whole:
            raise ConnectionResetError


async def _send(line: socket.socket, data: bytes) -> int:
    """How many bytes were written before the line broke; all of them when it did not."""
    view, sent = memoryview(data), 0
    while sent < len(data):
        try:
            sent += line.send(view[sent:])
        except BlockingIOError:
            await _writable(line)
        except OSError:
            return sent
    return sent


async def _writable(line: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(line.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(line.fileno())
