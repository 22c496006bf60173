"""Words to the service manager: the sd_notify datagram, nothing else. See sd_notify(3).

A plain socket: libsystemd would be the only shared library that the supervisor needs.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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


class Rhythm:
    """A notifier, and the words that are said again and again."""

    def __init__(self, notifier: Notifier) -> None:
        """Nothing is said yet."""
        self.say = notifier.say
        self._watchdog_s = notifier.watchdog_s
        self._signed, self._asked = 0.0, float("-inf")

    def beat(self, now: float, *, starting: bool) -> None:
        """The watchdog's sign when it is due; while starting the wish for more time, which a manager that is waiting grants."""
        if self._watchdog_s and now - self._signed >= self._watchdog_s:
            self._signed = now
            self.say("WATCHDOG=1")
        if starting and now - self._asked >= _ASK_EVERY_S:
            self._asked = now
            self.say(f"EXTEND_TIMEOUT_USEC={_MORE_S}000000")

    def next(self, now: float) -> float:
        """Seconds until the watchdog wants its sign; 1 where nobody does."""
        return self._signed + self._watchdog_s - now if self._watchdog_s else 1.0


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
