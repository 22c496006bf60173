"""Asks the supervisor who is at the other end of an accepted connection. No answer in time is an answer: unknown."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# owner.py speaks the other half; tests/front/test_ask.py holds both to one layout.
_REQUEST: Final = struct.Struct("!BB16sH16sH")
_REPLY: Final = struct.Struct("!BBIQ256s")
_VERSION: Final = 1
_TOLD: Final = 1
PATIENCE_S: Final = 0.05  # an answer takes a millisecond


@dataclass(frozen=True, slots=True)
class Caller:
    """The process at the other end: what every flow of its connection is stamped with."""

    pid: int
    start: int
    executable: str


async def ask(path: Path, client: socket.socket, patience: float = PATIENCE_S) -> Caller | None:
    """The caller if it is to be told; None if it is not, is unknown, or nobody answered in time."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK) as line:
        try:
            line.connect(str(path))
            line.send(question(client))
            try:
                async with asyncio.timeout(patience):
                    return answer(await loop.sock_recv(line, _REPLY.size))
            except TimeoutError:
                # Our own loop may have been late: what lies in the socket by now came in time enough.
                return answer(line.recv(_REPLY.size))
        except OSError:
            return None


def question(client: socket.socket) -> bytes:
    """The request for the 4-tuple of an accepted socket, as the client sees it."""
    theirs, ours = client.getpeername(), client.getsockname()
    version = 4 if client.family == socket.AF_INET else 6
    pack = [socket.inet_pton(client.family, end[0]).ljust(16, b"\0") for end in (theirs, ours)]
    return _REQUEST.pack(_VERSION, version, pack[0], theirs[1], pack[1], ours[1])


def answer(reply: bytes) -> Caller | None:
    """The caller in a reply; None unless it says `told` in our version."""
    if len(reply) != _REPLY.size:
        return None
    version, told, pid, start, executable = _REPLY.unpack(reply)
    if version != _VERSION or told != _TOLD:
        return None
    return Caller(pid, start, executable.rstrip(b"\0").decode("utf-8", "replace"))
