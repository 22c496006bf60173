"""Words to the service manager: the sd_notify datagram, nothing else. See sd_notify(3).

A plain socket: libsystemd would be the only shared library that the supervisor needs.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass


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
