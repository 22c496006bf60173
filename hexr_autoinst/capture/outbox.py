"""Facts of a privileged process on their way to the teller: a socket that comes back, bounded, and counted when full.

A teller that restarts gets the header, the ring's descriptor and the whole world again; what is lost
meanwhile is told as Lost by the next one.
"""

import contextlib
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from hexr_autoinst.capture.stream import frame
from hexr_autoinst.model.facts import Fact, Lost

_MOST_WAITING: Final = 8 << 20
_FIRST_DELAY: Final = 0.02
_LAST_DELAY: Final = 1.0
PLACE: Final = "facts_socket"


class Outbox:
    """Call `pump` whenever the socket is ready and at each turn of the loop."""

    def __init__(
        self,
        path: str,
        first: bytes,
        fds: tuple[int, ...],
        snapshot: Callable[[], Iterable[Fact]],
        clock: Callable[[], int],
    ) -> None:
        """`first` is the header line, sent with `fds`; `snapshot` is what every new teller must know; `clock` stamps losses."""
        self._path, self._first, self._fds = path, first, fds
        self._snapshot, self._clock = snapshot, clock
        self._socket: socket.socket | None = None
        self._waiting = bytearray()
        self._lost: Counter[str] = Counter()
        self._due = 0.0
        self._delay = _FIRST_DELAY
        self.connections = 0

    def fileno(self) -> int:
        """The socket's descriptor, or -1 while there is none."""
        return self._socket.fileno() if self._socket else -1

    @property
    def busy(self) -> bool:
        """Whether bytes wait for room in the socket."""
        return bool(self._waiting)

    def wait(self, now: float) -> float | None:
        """Seconds until the next try to connect; None while connected."""
        return None if self._socket else max(0.0, self._due - now)

    def send(self, fact: Fact) -> None:
        """Tell a fact, if anybody listens: who connects later gets the snapshot instead."""
        if self._socket is None:
            return
        data = frame(fact)
        if len(self._waiting) + len(data) > _MOST_WAITING:
            self._lost[PLACE] += 1
            return
        self._waiting += data

    def lost(self, place: str, n: int) -> None:
        """`n` facts were dropped at `place`: kept until a teller has been told."""
        self._lost[place] += n

    def pump(self, now: float) -> None:
        """Connect if it is time, notice an end, write what fits."""
        if self._socket is None and now >= self._due:
            self._connect(now)
        if self._socket is None:
            return
        if not self._waiting:
            self._tell_losses()
        try:
            self._hear()
            while self._waiting:
                sent = self._socket.send(self._waiting)
                del self._waiting[:sent]
        except BlockingIOError:
            return
        except OSError:
            self._end(now)

    def close(self) -> None:
        """Try to say the last words, then hang up."""
        self.pump(float("inf"))
        if self._socket:
            self._socket.close()
            self._socket = None

    def _connect(self, now: float) -> None:
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            one.connect(self._path)
            # A descriptor travels with bytes (unix(7)): with the first of them.
            socket.send_fds(one, [self._first], list(self._fds))
        except OSError:
            one.close()
            self._retry(now)
            return
        self._socket, self._delay = one, _FIRST_DELAY
        self.connections += 1
        self._waiting = bytearray(b"".join(map(frame, self._snapshot())))

    def _hear(self) -> None:
        """The teller says nothing: bytes are ignored, an end is an end."""
        assert self._socket is not None
        with contextlib.suppress(BlockingIOError):
            if not self._socket.recv(4096):
                raise ConnectionResetError

    def _tell_losses(self) -> None:
        for place, n in self._lost.items():
            self._waiting += frame(Lost(self._clock(), "ebpf", place, n))
        self._lost.clear()

    def _end(self, now: float) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None
        self._waiting.clear()  # processes are in the next snapshot
        self._retry(now)

    def _retry(self, now: float) -> None:
        self._due, self._delay = now + self._delay, min(self._delay * 2, _LAST_DELAY)
