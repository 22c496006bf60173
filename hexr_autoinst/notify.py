"""Words to the service manager: the sd_notify datagram, nothing else. See sd_notify(3).

A plain socket: libsystemd would be the only shared library that the supervisor needs.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# While something starts the manager is asked for so much more time, again and again.
_MORE_S: Final = 60
_ASK_EVERY_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Notifier:
    """Where to speak and how often the watchdog wants a sign (0: never)."""

    address: str = ""
    watchdog_s: float = 0.0

    def say(self, *states: str) -> bool:
        """Send e.g. `READY=1`. False when nobody listens: a lost word is never worth a crash."""
        if not self.address:
            return False
        # A leading @ means the abstract namespace, whose first byte is NUL (unix(7)).
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
                speaker.sendto("\n".join(states).encode(), socket.MSG_DONTWAIT, address)
        except OSError:
            return False
        return True


def notifier(env: Mapping[str, str], pid: int | None = None) -> Notifier:
    """What the service manager asked for in our environment; silent where there is none."""
    address = env.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return Notifier()
    mine = env.get("WATCHDOG_PID", "") in ("", str(pid or os.getpid()))
    micros = env.get("WATCHDOG_USEC", "0")
    seconds = int(micros) / 1e6 if mine and micros.isdecimal() else 0.0
    # sd_watchdog_enabled(3) recommends a sign at half the interval.
    return Notifier(address, seconds / 2)


@dataclass(slots=True)
class Pulse:
    """What is said at intervals: the watchdog's sign, and, while something starts, a plea for more time."""

    notifier: Notifier
    _signed: float = 0.0
    _asked: float = -_ASK_EVERY_S

    def due(self, now: float) -> float:
        """Seconds until the watchdog wants a sign; a second where there is none."""
        every = self.notifier.watchdog_s
        return self._signed + every - now if every else 1.0

    def beat(self, now: float, *, starting: bool) -> None:
        """Say what is due at this time of the monotonic clock."""
        if self.notifier.watchdog_s and self.due(now) <= 0:
            self._signed = now
            self.notifier.say("WATCHDOG=1")
        if starting and now - self._asked >= _ASK_EVERY_S:
            self._asked = now
            self.notifier.say(f"EXTEND_TIMEOUT_USEC={_MORE_S}000000")
