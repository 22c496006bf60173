"""`python -m proxy_addons.worker`: mitmproxy and the tap as a process of the front. Takes sockets, tells facts, ends with its front.

Environment: HEXR_FRONT_FD (the line to the front), HEXR_CONFIG_JSON, HEXR_SESSION_JSON,
HEXR_UPSTREAM_ROOTS, HEXR_SUPERVISOR_PID.
"""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mitmproxy import connection, version

from hexr_autoinst.model.facts import Key
from proxy_addons import added, embed
from proxy_addons.facts_out import FactsOut
from proxy_addons.guard import Guard, Way
from proxy_addons.guard_client import Client
from proxy_addons.passthrough import Passthrough
from proxy_addons.preflight import Preflight
from proxy_addons.tap import Tap

_LONGEST: Final = 256 << 10
_BEAT_S: Final = 1.0
RECYCLE_BYTES: Final = 300 << 20
_FLUSH_S: Final = 1.0
_ORPHAN_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Caller:
    """The process behind a client connection, as the front was told."""

    key: Key
    executable: str


# Set in the task that serves a connection: the hooks of that connection run in the same context.
CALLER: ContextVar[Caller | None] = ContextVar("CALLER", default=None)


class Ours:
    """Our one addon: remembers who calls; the others hang below it."""

    def __init__(
        self,
        out: FactsOut,
        now: Callable[[], int],
        learned: Callable[[str, str, float, str], None],
        roots: str,
        guard: Mapping[str, Any],
    ) -> None:
        """Wire the tap and the pass-through to their ways out. `guard`: the configuration, of which `guard*` is read."""
        self._callers: dict[str, Caller] = {}
        self.passthrough = Passthrough(Preflight(roots or None), self.executable_of, learned)
        self.tap = Tap(out.offer, now, self.key_of)
        self.guarded: Counter[str] = Counter()
        step = []
        if guard.get("guard"):
            client = Client(guard["guard"], guard["guard_timeout"], self.guarded)
            enforce = guard["guard_mode"] == "enforce"
            step = [Guard(client, self.tap, Way(out.offer, now, self.key_of), enforce=enforce)]
            self.tap.beside = step[0].seen
        # Pass-through first: it sees what the tap must not tell. The guard next: what it holds, the tap tells later.
        self.addons = [self.passthrough, *step, self.tap, added.Added(), _Forget(self._callers)]

    def client_connected(self, client: connection.Client) -> None:
        """Before anything else of a connection."""
        if caller := CALLER.get():
            self._callers[client.id] = caller

    def key_of(self, client_id: str) -> Key | None:
        """The process of a client connection."""
        caller = self._callers.get(client_id)
        return caller.key if caller else None

    def executable_of(self, client_id: str) -> str:
        """Its program, "" when unknown."""
        caller = self._callers.get(client_id)
        return caller.executable if caller else ""


class _Forget:
    """After the others have heard of a connection's end."""

    def __init__(self, callers: dict[str, Caller]) -> None:
        self._callers = callers

    def client_disconnected(self, client: connection.Client) -> None:
        self._callers.pop(client.id, None)


class Worker:
    """The process: the line to the front, the embedded proxy, the way out for facts."""

    def __init__(self, env: Mapping[str, str], loop: asyncio.AbstractEventLoop) -> None:
        """Everything but the serving."""
        config = json.loads(env["HEXR_CONFIG_JSON"])
        offset = int(json.loads(env["HEXR_SESSION_JSON"])["clock_offset"])
        self._line = socket.socket(fileno=int(env["HEXR_FRONT_FD"]))
        self._line.setblocking(False)
        self._state = Path(config["state_dir"])
        self._supervisor = int(env.get("HEXR_SUPERVISOR_PID", "0"))
        self._loop = loop
        self._counts: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._over = asyncio.Event()
        self._draining = False
        self._told: dict[str, int] = {}
        roots = env.get("HEXR_UPSTREAM_ROOTS", "")

        def now() -> int:
            return time.clock_gettime_ns(time.CLOCK_BOOTTIME) + offset

        self.out = FactsOut(Path(config["run_dir"]) / "facts.sock", now)
        self.ours = Ours(self.out, now, self._learned, roots, config)
        self.master = embed.build(loop, self._state / "ca", roots, self.ours)
        self._door = embed.door(self.master, self._counts)

    async def run(self) -> None:
        """Serve until the front says so, ends, or we have grown too large and are empty."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._over.set)
        self._spawn(self.out.run())
        self._spawn(self.master.run())
        await asyncio.sleep(0)
        self._loop.add_reader(self._line.fileno(), self._take)
        gc.collect()
        gc.freeze()  # what start-up made, mitmproxy's thousand modules, lives as long as we do
        self._say(ready=True, ca=str(embed.authority(self._state / "ca")), mitmproxy=version.VERSION)
        self._spawn(self._beat())
        await self._over.wait()
        self._loop.remove_reader(self._line.fileno())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.out.drained(), _FLUSH_S)

    def _take(self) -> None:
        """One socket from the front, or its end."""
        try:
            data, fds, _, _ = socket.recv_fds(self._line, _LONGEST, 1)
        except BlockingIOError:
            return
        except OSError:
            data, fds = b"", []
        if not data:
            self._loop.remove_reader(self._line.fileno())
            self._spawn(self._orphaned())
            return
        head, _, peeked = data.partition(b"\n")
        words = json.loads(head)
        client = socket.socket(fileno=fds[0])
        self._say(took=words["id"])
        self._counts["taken"] += 1
        self._spawn(self._serve(client, peeked, Caller(Key(words["pid"], words["start"]), words["exe"])))

    async def _serve(self, client: socket.socket, peeked: bytes, caller: Caller) -> None:
        CALLER.set(caller)
        client.setblocking(False)
        passage = added.Passage(self._counts)
        added.PASSAGE.set(passage)
        reader = added.Reader(passage.client_read, self._loop)
        reader.feed_data(peeked)  # what the front has read comes first
        protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        try:
            transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, client)
            writer = added.writer(transport, protocol, reader, passage.client_written)
            await self._door.handle_stream(reader, writer)
        except OSError:
            self._counts["clients_gone"] += 1
            client.close()

    async def _orphaned(self) -> None:
        """The front is gone. Finish what is open while the daemon lives; a new front has a worker of its own."""
        self._counts["orphaned"] += 1
        deadline = time.monotonic() + _ORPHAN_S
        # No event of ours says that another process has ended.
        while self._worth_finishing(deadline):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.1)
        self._over.set()

    def _worth_finishing(self, deadline: float) -> bool:
        return embed.connections(self.master) > 0 and _alive(self._supervisor) and time.monotonic() < deadline

    async def _beat(self) -> None:
        while True:
            self._write_keystore()
            counts = self.counts()
            if counts != self._told:
                self._told = counts
                self._say(counts=counts)
            if _resident() > RECYCLE_BYTES and not self._draining:
                self._draining = True
                self._say(drain=True)
            if self._draining and not embed.connections(self.master):
                self._over.set()
            await asyncio.sleep(_BEAT_S)

    def counts(self) -> dict[str, int]:
        """Everything that is counted here, by name."""
        parts = (
            self._counts,
            self.out.counts,
            self.ours.tap.counts,
            self.ours.passthrough.counts,
            self.ours.guarded,
        )
        return {k: v for part in parts for k, v in sorted(part.items())} | {
            "open": embed.connections(self.master)
        }

    def _write_keystore(self) -> None:
        """The bundle as Java wants it, whenever the front has made a new one."""
        bundle, target = self._state / "trust" / "bundle.pem", self._state / "trust" / "bundle.p12"
        try:
            made = target.stat().st_mtime if target.exists() else 0.0
            if not bundle.exists() or bundle.stat().st_mtime <= made:
                return
            fresh = target.with_name(f".{target.name}.{os.getpid()}")
            fresh.write_bytes(embed.keystore(bundle.read_bytes()))
            fresh.chmod(0o644)
            fresh.replace(target)
        except (OSError, ValueError):
            self._counts["keystore_failed"] += 1

    def _learned(self, executable: str, target: str, seconds: float, why: str) -> None:
        self._say(**{"pass": {"exe": executable, "target": target, "ttl": seconds, "why": why}})

    def _say(self, **words: Any) -> None:
        try:
            self._line.send(json.dumps(words).encode())
        except OSError:
            self._counts["unsaid"] += 1  # the front is gone or stuck: _take or it will notice

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _alive(pid: int) -> bool:
    return pid > 1 and Path(f"/proc/{pid}").exists()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _main() -> None:
    await Worker(os.environ, asyncio.get_running_loop()).run()


def main() -> int:
    """Run until told to end. Logs name hosts and paths: only mitmproxy's own failures are written."""
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
    # mitmproxy opens the root logger again: without this every line it would log is made, and thrown away.
    logging.disable(logging.ERROR)
    os.umask(0o077)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
    return 0


if __name__ == "__main__":
    sys.exit(main())
