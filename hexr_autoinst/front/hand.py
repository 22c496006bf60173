"""Hands accepted sockets to the worker, and keeps a worker alive: started again with a growing pause, counted.

One seqpacket pair for each worker. Ours: a JSON line, then the bytes read so far, with the socket
beside them (SCM_RIGHTS). The worker's: JSON. A socket counts as handed once the worker says that
it took it; until then ours stays open, so that a worker that dies costs nobody a connection.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.front.ask import Caller

MODULE: Final = "proxy_addons.worker"
LINE_ENV: Final = "HEXR_FRONT_FD"
_LONGEST: Final = 64 << 10
TAKE_S: Final = 3.0  # a worker that took nothing for so long is stuck: it is replaced
_PAUSES_S: Final = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_SETTLED_S: Final = 30.0
# More than the worker takes to hand its last facts on, less than we are given (cast.STOP_ORDER).
GOODBYE_S: Final = 2.5
HOLD_S: Final = (
    5.0  # who comes before the first worker waits for it, but never longer than this after our start
)


class Worker:
    """One worker process and the line to it."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        """Just started: not ready."""
        self.process = process
        self.ready = False
        self.draining = False
        self._line = line
        self._next = 0
        self._pending: dict[int, asyncio.Future[bool]] = {}

    async def give(self, client: socket.socket, peeked: bytes, caller: Caller) -> bool:
        """Whether the worker took the socket. If not, it is still ours, as it was."""
        self._next += 1
        number = self._next
        words = {"id": number, "pid": caller.pid, "start": caller.start, "exe": caller.executable}
        taken = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            socket.send_fds(self._line, [json.dumps(words).encode() + b"\n" + peeked], [client.fileno()])
            await asyncio.wait([taken], timeout=TAKE_S)
            if not taken.done():
                self.process.kill()
            return bool(await taken)
        except OSError:
            return False  # dead, or its queue is full: the caller splices
        finally:
            self._pending.pop(number, None)

    async def listen(self, heard: Callable[["Worker", dict[str, Any]], None]) -> None:
        """Pass on every message until the worker is gone."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(self._line, _LONGEST):
                self._read(data, heard)
        self.ready = False
        self._line.close()
        for taken in self._pending.values():
            if not taken.done():
                taken.set_result(False)

    def _read(self, data: bytes, heard: Callable[["Worker", dict[str, Any]], None]) -> None:
        message = json.loads(data)
        if "took" in message:
            taken = self._pending.get(message["took"])
            if taken and not taken.done():
                taken.set_result(True)
        else:
            self.ready = self.ready or bool(message.get("ready"))
            self.draining = self.draining or bool(message.get("drain"))
            heard(self, message)


class Hand:
    """Keeps one ready worker; an old one that drains goes on beside it until its last connection ends."""

    def __init__(
        self,
        python: str,
        env: Mapping[str, str],
        heard: Callable[[dict[str, Any]], None],
        counts: Counter[str],
    ) -> None:
        """`heard` gets every message of every worker but acknowledgements."""
        self.current: Worker | None = None
        self.counts = counts
        self._command = [python, "-O", "-P", *_compiled(python), "-m", MODULE]
        self._env = dict(env)
        self._heard = heard
        self._living: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._replace = asyncio.Event()
        self._first = asyncio.Event()
        self._began = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether a socket can be handed over now."""
        return self.current is not None and self.current.ready and not self.current.draining

    async def first(self, seconds: float = HOLD_S) -> None:
        """Until the first worker is ready or has failed; no longer than so many seconds after our start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._began + seconds - time.monotonic()):
                await self._first.wait()

    async def give(self, client: socket.socket, peeked: bytes, caller: Caller) -> bool:
        """Whether a worker took the socket."""
        worker = self.current
        if worker is None or not self.ready:
            return False
        return await worker.give(client, peeked, caller)

    async def keep(self) -> None:
        """Start a worker, and another whenever it ends or drains. Runs until cancelled."""
        failures = 0
        while True:
            self._replace.clear()
            began = time.monotonic()
            try:
                self._start()
            except OSError:
                # Out of memory or descriptors: the next try is after a pause.
                self.counts["worker_unstartable"] += 1
                self._replace.set()
            await self._replace.wait()
            if self.current and self.current.draining:
                self.counts["worker_recycled"] += 1
                continue
            self.counts["worker_ended"] += 1
            failures = 0 if time.monotonic() - began > _SETTLED_S else failures + 1
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])

    async def end(self) -> None:
        """End every worker; what does not go in time is killed."""
        for worker in self._living:
            worker.process.terminate()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GOODBYE_S)
        for worker in self._living:
            worker.process.kill()

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            theirs.setblocking(False)
            try:
                process = self._process(theirs.fileno())
            except OSError:
                ours.close()
                raise
        self.current = worker = Worker(process, ours)
        self._living.add(worker)
        task = asyncio.get_running_loop().create_task(self._attend(worker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _process(self, line: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            env={**self._env, LINE_ENV: str(line)},
            pass_fds=[line],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # our standard output is the supervisor's event line
            cwd="/",
        )

    async def _attend(self, worker: Worker) -> None:
        try:
            await worker.listen(self._on_message)
        finally:
            # It closed its line: it is dead or about to be.
            self._first.set()
            await asyncio.to_thread(worker.process.wait)
            self._living.discard(worker)
            if worker is self.current:
                self._replace.set()

    def _on_message(self, worker: Worker, message: dict[str, Any]) -> None:
        if worker.ready:
            self._first.set()
        if worker.draining and worker is self.current:
            self._replace.set()
        self._heard({**message, "pid": worker.process.pid})


def _compiled(python: str) -> list[str]:
    """Where the installation has laid what -O makes of every module: the worker may write none itself."""
    place = Path(python).parent.parent / "pycache"
    return ["-X", f"pycache_prefix={place}"] if place.is_dir() else []


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """What a worker may see: never a key-log file (TLS secrets on disk), never our own sockets."""
    dropped = {"SSLKEYLOGFILE", "MITMPROXY_SSLKEYLOGFILE", "HEXR_LISTEN_FD", "NOTIFY_SOCKET"}
    return {k: v for k, v in base.items() if k not in dropped} | {"HEXR_SUPERVISOR_PID": str(os.getppid())}
