"""What happens to each connection: read its greeting, ask who calls, then hand it over or splice it. Never refuse.

Whatever cannot be captured is passed on; only a target that cannot be reached is an answer of
ours (502), and a request that is none for a proxy (400).
"""

import asyncio
import contextlib
import errno
import ipaddress
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Final

from hexr_autoinst.front.ask import Caller, ask
from hexr_autoinst.front.greeting import Greeting, read
from hexr_autoinst.front.hand import Hand
from hexr_autoinst.front.passes import Passes
from hexr_autoinst.front.splice import reach, splice

PATIENCE_S: Final = 30.0  # for a whole greeting
QUEUE_S: Final = 1.0  # for the question who calls, its turn included
_ASKERS: Final = 2
_PIECE: Final = 16 << 10
_LINGER_S: Final = 1.0
_ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
PRESENCE: Final = b"This is the proxy of hexr-autoinst."
_OUT_OF_FILES: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)


class Door:
    """The proxy's listening socket and everything that was decided at it."""

    def __init__(
        self, listener: socket.socket, owner: Path, hand: Hand | None, passes: Passes, counts: Counter[str]
    ) -> None:
        """`hand` None: everything is spliced."""
        listener.setblocking(False)
        self.counts = counts
        self._listener = listener
        self._owner = owner
        self._hand = hand
        self._passes = passes
        self._asking = asyncio.Semaphore(_ASKERS)
        self._open: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """Connections that are the front's own now: greeting or spliced."""
        return len(self._open)

    async def serve(self) -> None:
        """Accept until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                if error.errno not in _OUT_OF_FILES:
                    raise
                self.counts["no_files_left"] += 1
                await asyncio.sleep(0.1)  # the callers wait in the backlog
                continue
            self.counts["accepted"] += 1
            task = loop.create_task(self._guarded(client))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def _guarded(self, client: socket.socket) -> None:
        try:
            await self._serve_one(client)
        except OSError:
            self.counts["client_gone"] += 1
        except Exception:  # noqa: BLE001 - law 9: a defect costs one connection and is counted
            self.counts["defects"] += 1
        finally:
            client.close()

    async def _serve_one(self, client: socket.socket) -> None:
        client.setblocking(False)
        peeked, greeting = await self._greeted(client)
        if greeting is None:
            self.counts["silent"] += 1
        elif greeting.kind == "origin":
            await self._say(client, "200 OK", PRESENCE)
        elif greeting.kind == "bad":
            self.counts["not_proxy_requests"] += 1
            await self._say(
                client, "400 Bad Request", PRESENCE + b" It takes CONNECT and absolute http:// requests."
            )
        elif self._is_us(greeting):
            self.counts["loops"] += 1
            await self._say(client, "502 Bad Gateway", PRESENCE + b" It does not connect to itself.")
        elif not await self._handed(client, peeked, greeting):
            await self._spliced(client, greeting)

    async def _greeted(self, client: socket.socket) -> tuple[bytes, Greeting | None]:
        loop = asyncio.get_running_loop()
        data = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while piece := await loop.sock_recv(client, _PIECE):
                    data += piece
                    if greeting := read(data):
                        return data, greeting
        return data, None

    async def _handed(self, client: socket.socket, peeked: bytes, greeting: Greeting) -> bool:
        if self._hand is None:
            self.counts["spliced_no_worker"] += 1
            return False
        caller = await self._caller(client)
        if caller is None:
            self.counts["spliced_not_told"] += 1
            return False
        if self._passed(caller, greeting):
            self.counts["spliced_passed_through"] += 1
            return False
        await self._hand.first()
        if not await self._hand.give(client, peeked, caller):
            self.counts["spliced_no_worker"] += 1
            return False
        self.counts["handed"] += 1
        return True

    async def _caller(self, client: socket.socket) -> Caller | None:
        """A crowd of new connections waits here, not at the supervisor's desk: the 50 ms are for one answer."""
        try:
            async with asyncio.timeout(QUEUE_S), self._asking:
                return await ask(self._owner, client)
        except TimeoutError:
            return None

    def _passed(self, caller: Caller, greeting: Greeting) -> bool:
        return greeting.kind == "connect" and self._passes.passed(
            caller.executable, f"{greeting.host}:{greeting.port}", time.monotonic()
        )

    async def _spliced(self, client: socket.socket, greeting: Greeting) -> None:
        try:
            far = await reach(greeting.host, greeting.port)
        except (OSError, UnicodeError) as error:
            self.counts["unreachable"] += 1
            detail = (
                f" {greeting.host}:{greeting.port} cannot be reached: {str(error) or 'no answer in time'}"
            )
            await self._say(client, "502 Bad Gateway", PRESENCE + detail.encode("utf-8", "replace"))
            return
        established = _ESTABLISHED if greeting.kind == "connect" else b""
        await splice(client.dup(), far, established, greeting.onward)

    def _is_us(self, greeting: Greeting) -> bool:
        here = self._listener.getsockname()
        if greeting.port != here[1]:
            return False
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(greeting.host).is_loopback
        return greeting.host == "localhost"

    async def _say(self, client: socket.socket, status: str, text: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, head.encode() + text)
        # Closed with bytes unread, a socket is reset and the answer lost (RFC 9112 section 9.6).
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                while await loop.sock_recv(client, _PIECE):
                    pass
