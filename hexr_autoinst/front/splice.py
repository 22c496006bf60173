"""Copies bytes both ways between a client and its target, reading none of them. Half-closes are kept."""

import asyncio
import socket
import struct
from typing import Final

# RFC 8305's recommended delay: a broken IPv6 route must not cost a minute.
_HAPPY_EYEBALLS_S: Final = 0.25
CONNECT_S: Final = 30.0


class End(asyncio.Protocol):
    """One side of a splice: unread until `begin`."""

    def __init__(self) -> None:
        """Not connected yet."""
        self.other: End | None = None
        self.transport: asyncio.Transport | None = None
        self.eof = False
        self.early = b""
        self.done = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        # Nothing is read before the pair stands: bytes that come early wait in the kernel.
        transport.pause_reading()

    def begin(self, first: bytes) -> None:
        """Send the first bytes and start to copy what comes."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(first)
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            # In older Pythons (3.11.2 of Debian 12) a transport starts to read although `connection_made` has paused it
            #: keep what came, and pause again, which then holds.
            self.early += data
            if self.transport:
                self.transport.resume_reading()
                self.transport.pause_reading()
        elif self.other.transport:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        self.eof = True
        if self.other and self.other.transport and not self.other.transport.is_closing():
            self.other.transport.write_eof()
        if self.other and self.other.eof:
            self.close()
            self.other.close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other:
            # A reset of one side is a reset of the other, else a cut body could pass for a whole one.
            self.other.reset() if exc else self.other.close()
        self.done.set()

    def pause_writing(self) -> None:
        if self.other and self.other.transport:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other and self.other.transport and not self.other.eof:
            self.other.transport.resume_reading()

    def close(self) -> None:
        if self.transport:
            self.transport.close()

    def reset(self) -> None:
        if self.transport and not self.transport.is_closing():
            # Without lingering, close is an RST (socket(7)).
            self.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self.transport.abort()


async def reach(host: str, port: int, patience: float = CONNECT_S) -> End:
    """The far end, connected and unread; OSError (TimeoutError too) when it cannot be reached."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(patience):
        _, end = await loop.create_connection(End, host, port, happy_eyeballs_delay=_HAPPY_EYEBALLS_S)
    return end


async def splice(client: socket.socket, far: End, to_client: bytes, to_server: bytes) -> None:
    """Send what each side must get first, then copy until both have ended. Closes both."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    loop = asyncio.get_running_loop()
    _, near = await loop.connect_accepted_socket(End, client)
    near.other, far.other = far, near
    far.begin(to_server + near.early)
    near.begin(to_client + far.early)
    for one in (near, far):
        if one.eof:  # it ended before the pair stood
            one.eof_received()
    await near.done.wait()
    await far.done.wait()
