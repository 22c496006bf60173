"""Would mitmproxy get along with this server? One verifying TLS handshake of our own, asked once, remembered for a while.

A server that we cannot verify (a private authority, a client certificate wanted, a protocol too
old) is the client's business: it is passed through, not answered with a 502 of ours.
"""

import asyncio
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 5.0
GOOD_S: Final = 600.0
BAD_S: Final = 600.0
LIMIT: Final = 1024
_HAPPY_EYEBALLS_S: Final = 0.25

Target = tuple[str, int, str]


class Preflight:
    """Verdicts by (host, port, server name). Concurrent questions about one target share one handshake."""

    def __init__(self, roots: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        """`roots` is the PEM file that mitmproxy verifies with; None is the system's."""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if roots:
            self._context.load_verify_locations(roots)
        else:
            self._context.load_default_certs()
        self._clock = clock
        self._known: OrderedDict[Target, tuple[float, bool]] = OrderedDict()
        self._asked: dict[Target, asyncio.Task[bool | None]] = {}

    async def verified(self, host: str, port: int, name: str) -> bool:
        """False when the server's side of TLS fails for us; a server that is not reached is not judged."""
        target = (host, port, name)
        known = self._known.get(target)
        if known and known[0] > self._clock():
            return known[1]
        task = self._asked.get(target)
        if task is None:
            task = self._asked[target] = asyncio.get_running_loop().create_task(self._handshake(target))
            task.add_done_callback(lambda _: self._asked.pop(target, None))
        # Shielded: the first client's end must not spoil the answer for the others.
        verdict = await asyncio.shield(task)
        if verdict is not None:
            self._remember(target, verdict)
        return verdict is not False

    def _remember(self, target: Target, verdict: bool) -> None:
        self._known[target] = (self._clock() + (GOOD_S if verdict else BAD_S), verdict)
        self._known.move_to_end(target)
        if len(self._known) > LIMIT:
            self._known.popitem(last=False)

    async def _handshake(self, target: Target) -> bool | None:
        host, port, name = target
        try:
            async with asyncio.timeout(PATIENCE_S):
                _, writer = await asyncio.open_connection(
                    host,
                    port,
                    ssl=self._context,
                    server_hostname=name,
                    happy_eyeballs_delay=_HAPPY_EYEBALLS_S,
                )
        except ssl.SSLError:
            return False
        except (OSError, ValueError):
            return None
        writer.transport.abort()
        return True
