"""Who the proxy's callers are, where no kernel plane knows: reads /proc of each caller once, and tells it as a fact.

Takes the camera's place when eBPF is turned off or cannot run. The supervisor names a caller by a
datagram of pid and start; nothing else is looked at. Root, then only what reading /proc needs.
"""

import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Final

from hexr_autoinst import drop
from hexr_autoinst.capture.ebpf.world import World
from hexr_autoinst.capture.outbox import Outbox
from hexr_autoinst.capture.stream import header
from hexr_autoinst.config import Config, Session
from hexr_autoinst.doors import CALLER, CALLERS
from hexr_autoinst.model.facts import Fact, Key

CAPABILITIES: Final = ("SYS_PTRACE", "DAC_READ_SEARCH")
_SWEEP_S: Final = 30.0


class Witness:
    """The loop's state. `turn` is one round of it."""

    def __init__(self, config: Config, session: Session) -> None:
        """Open the socket at which callers are named."""
        run_dir = Path(config.run_dir)
        self._offset = session.clock_offset
        self._path = run_dir / CALLERS
        self._path.unlink(missing_ok=True)
        self.callers = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.callers.bind(str(self._path))
        self._path.chmod(0o600)
        first = header("camera", ring=False, clock_offset=session.clock_offset, host=session.host)
        self.world = World(self._tell, self._now, session.clock_offset)
        self.outbox = Outbox(str(run_dir / "facts.sock"), first, (), self.world.snapshot, self._now)
        self.refused = 0
        self._swept = 0.0

    def turn(self, ends: tuple[int, ...]) -> bool:
        """Wait for the next caller and tell it; whether it is time to end."""
        now = time.monotonic()
        self.outbox.pump(now)
        if now - self._swept > _SWEEP_S:
            self._swept = now
            self.world.sweep()
        poll = select.poll()
        for fd in (self.callers.fileno(), *ends):
            poll.register(fd, select.POLLIN)
        if self.outbox.fileno() >= 0:
            poll.register(self.outbox.fileno(), select.POLLIN | (select.POLLOUT if self.outbox.busy else 0))
        wait = self.outbox.wait(now)
        ready = [fd for fd, _ in poll.poll(min(_SWEEP_S, _SWEEP_S if wait is None else wait) * 1_000)]
        if self.callers.fileno() in ready:
            self._hear()
        return any(fd in ready for fd in ends)

    def close(self) -> None:
        """Leave nothing behind."""
        self.outbox.close()
        self.callers.close()
        self._path.unlink(missing_ok=True)

    def _tell(self, fact: Fact) -> None:
        self.outbox.send(fact)

    def _hear(self) -> None:
        while True:
            try:
                data = self.callers.recv(64)
            except BlockingIOError:
                return
            if len(data) != CALLER.size:
                self.refused += 1
                continue
            key = Key(*CALLER.unpack(data))
            if key not in self.world:
                self.world.found(key.pid)

    def _now(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) + self._offset


def main() -> int:
    """Run until told to end, or until the supervisor has."""
    witness = Witness(
        Config.from_json(os.environ["HEXR_CONFIG_JSON"]),
        Session(**json.loads(os.environ["HEXR_SESSION_JSON"])),
    )
    stop, stopped = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(stopped, b"."))
    lifeline = int(os.environ.get("HEXR_LIFELINE_FD", "-1"))
    drop.reduce(CAPABILITIES)
    sys.stdout.write(json.dumps({"event": "ready"}) + "\n")
    sys.stdout.flush()
    try:
        while not witness.turn((stop,) if lifeline < 0 else (stop, lifeline)):
            pass
    finally:
        witness.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
