"""`python -m hexr_autoinst.front`: the front as a process. Environment in, status file and event lines out.

Reads HEXR_CONFIG_JSON, HEXR_LISTEN_FD (else it binds the configured port itself) and
HEXR_WORKER_PYTHON. Ends on SIGTERM, SIGINT, or when its parent has gone (HEXR_LIFELINE_FD closes).
"""

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.config import Config
from hexr_autoinst.errors import CaptureUnavailable
from hexr_autoinst.front.door import Door
from hexr_autoinst.front.hand import Hand, environment
from hexr_autoinst.front.passes import Passes
from hexr_autoinst.trust import export, paths, upstream_roots, write

WORKER_PYTHON: Final = "/opt/hexr-autoinst/proxy/bin/python"
_BEAT_S: Final = 1.0
# For the first worker: minutes of imports on a slow machine. Connections are served, and not told, meanwhile.
_START_S: Final = 100.0


class Front:
    """The parts of the process and what it says about itself."""

    def __init__(self, config: Config, env: Mapping[str, str], python: str) -> None:
        """Open the door; nothing is accepted yet."""
        self._config = config
        self._counts: Counter[str] = Counter()
        self._worker: dict[str, Any] = {}
        self._passes = Passes()
        self._said = b""
        self._parent = os.getppid()
        self._lifeline = int(env["HEXR_LIFELINE_FD"]) if "HEXR_LIFELINE_FD" in env else None
        self.listener = _listener(config, env)
        self._hand = Hand(
            python,
            environment(env) | {"HEXR_UPSTREAM_ROOTS": str(self._roots())},
            self._heard,
            self._counts,
        )
        owner = Path(config.run_dir) / "owner.sock"
        self._door = Door(self.listener, owner, self._hand, self._passes, self._counts)

    async def run(self) -> None:
        """Serve until a signal or the parent's end."""
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, over.set)
        if self._lifeline is not None:
            loop.add_reader(self._lifeline, over.set)  # nobody writes to it: readable means closed
        self._publish_door()
        tasks = [loop.create_task(t) for t in (self._door.serve(), self._hand.keep(), self._beat(over))]
        ended, announced = loop.create_task(over.wait()), loop.create_task(self._announce())
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, announced):
            task.cancel()
        await self._hand.end()
        self._unpublish_door()

    async def _announce(self) -> None:
        """The door is open from the start; ready is who can tell what passes it."""
        await self._hand.first(_START_S)
        if not self._hand.ready:
            _say("warning", why="the proxy's worker is not up: connections pass through untold until it is")
        _say("ready", port=self.listener.getsockname()[1])

    def _roots(self) -> Path:
        return upstream_roots(self._config.state_dir, self._config.upstream_ca)

    def _publish_door(self) -> None:
        host, port = self.listener.getsockname()[:2]
        words = {"host": host, "port": port, "pid": os.getpid()}
        try:
            write(paths(self._config.state_dir).door, json.dumps(words).encode(), 0o644)
        except OSError as error:
            self._counts["trust_unwritable"] += 1
            _say(
                "warning", text=f"{error.filename} cannot be written: `env` and `run` will not find the proxy"
            )

    def _unpublish_door(self) -> None:
        with contextlib.suppress(OSError):
            paths(self._config.state_dir).door.unlink(missing_ok=True)

    def _heard(self, message: dict[str, Any]) -> None:
        if learned := message.get("pass"):
            self._passes.learn(learned["exe"], learned["target"], time.monotonic() + learned["ttl"])
            self._counts["passes_learned"] += 1
            who = learned["exe"] or "every client"
            _say(
                "warning", why=f"{who} to {learned['target']} is passed through undecrypted: {learned['why']}"
            )
        if message.get("ready"):
            self._export(Path(message["ca"]))
            _say("worker", pid=message["pid"], mitmproxy=message.get("mitmproxy", ""))
        if "counts" in message:
            self._worker = message["counts"]

    def _export(self, authority: Path) -> None:
        try:
            export(self._config.state_dir, authority, self._config.upstream_ca)
        except OSError as error:
            self._counts["trust_unwritable"] += 1
            _say(
                "warning", text=f"{error.filename} cannot be written: clients cannot be given our certificate"
            )

    async def _beat(self, over: asyncio.Event) -> None:
        path = Path(self._config.run_dir) / "front.json"
        while True:
            status = json.dumps(self._status()).encode()
            if status != self._said:
                try:
                    write(path, status, 0o644)
                    self._said = status
                except OSError:
                    self._counts["status_unwritable"] += 1
            if os.getppid() != self._parent:
                over.set()
            await asyncio.sleep(_BEAT_S)

    def _status(self) -> dict[str, Any]:
        current = self._hand.current
        return {
            "pid": os.getpid(),
            "port": self.listener.getsockname()[1],
            "worker": {
                "ready": self._hand.ready,
                "pid": current.process.pid if current else None,
                **self._worker,
            },
            "open": self._door.open,
            "counts": dict(sorted(self._counts.items())),
        }


def _listener(config: Config, env: Mapping[str, str]) -> socket.socket:
    if fd := env.get("HEXR_LISTEN_FD"):
        return socket.socket(fileno=int(fd))
    return socket.create_server(("127.0.0.1", config.proxy_port), backlog=1024)


def _say(event: str, **more: object) -> None:
    with contextlib.suppress(OSError):  # the supervisor has gone; the beat will notice
        sys.stdout.write(json.dumps({"event": event, **more}) + "\n")
        sys.stdout.flush()


def main() -> int:
    """Run until told to end."""
    # Two descriptors for each connection; the soft limit of 1,024 is for select(2).
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    config = Config.from_json(os.environ["HEXR_CONFIG_JSON"])
    python = os.environ.get("HEXR_WORKER_PYTHON", WORKER_PYTHON)
    if not os.access(python, os.X_OK):
        why = f"the proxy's own environment is missing ({python}): `sudo make install` in the clone makes it"
        _say("unavailable", why=why)
        return CaptureUnavailable.exit_code
    asyncio.run(Front(config, os.environ, python).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
