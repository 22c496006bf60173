"""The teller's ears: the facts socket and the kernel's ring, read as far as they go. Orders nothing, means nothing.

Who may speak is the kernel's word (SO_PEERCRED), not the header's. The ring is read first and
without bound but the caller's, for what it cannot hold is lost while sockets can wait.
"""

import os
import selectors
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Final, Protocol

from hexr_autoinst.capture.stream import MAX_FRAME, Reader, frame, header
from hexr_autoinst.config import Session
from hexr_autoinst.control import peer_uid
from hexr_autoinst.errors import WireError
from hexr_autoinst.model.facts import CAMERA, Exchanged, Fact, Lost

_READ: Final = 1 << 18
_FDS: Final = 4
_RING_BATCH: Final = 1 << 16
RAW_BYTES: Final = 96 << 20  # of records that wait to be decoded
_BEHIND: Final = 32 << 20  # a recorder's disk may lag so much, then it is let go
_CONNECTIONS: Final = 64
ROLES: Final = ("camera", "tap", "recorder")


class Ring(Protocol):
    """What capture/ebpf/ring gives."""

    def fileno(self) -> int:
        """The descriptor to wait on."""

    @property
    def pending(self) -> int:
        """Bytes that wait."""

    def read(self) -> Iterator[bytes]:
        """The records that are there now."""

    def close(self) -> None:
        """Unmap; the descriptor stays ours to close."""


Decode = Callable[[bytes], Fact | None]
OpenRing = Callable[[int, int], tuple[Ring, Decode]]


@dataclass(slots=True, eq=False)
class _Peer:
    connection: socket.socket
    uid: int
    reader: Reader = field(default_factory=Reader)
    role: str = ""
    fds: list[int] = field(default_factory=list)
    unsent: bytearray = field(default_factory=bytearray)
    veiled: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Which users may speak in which role: the camera and recorders are root's, the tap the proxy's."""

    root: frozenset[int]
    tap: frozenset[int]

    def allows(self, role: object, uid: int) -> bool:
        """Whether this user may be this."""
        return (
            uid in self.root
            if role in ("camera", "recorder")
            else role == "tap" and uid in self.root | self.tap
        )


class Intake:
    """Everything that facts come from, behind one selector."""

    def __init__(
        self,
        listener: socket.socket,
        policy: Policy,
        session: Session,
        push: Callable[[Fact], None],
        open_ring: OpenRing,
    ) -> None:
        """`push` takes each fact; `open_ring` makes a reader and a decoder of a descriptor."""
        self.swallowed: Counter[str] = Counter()
        self.records = 0
        self.ring_peak = 0
        self._rings = 0
        self._listener, self._policy, self._session = listener, policy, session
        self._push, self._open_ring = push, open_ring
        self._heard_at = 0
        self._raw: deque[bytes] = deque()
        self._raw_bytes = 0
        self._decode: Decode = lambda _: None
        self._peers: set[_Peer] = set()
        self._ring: tuple[Ring, Decode] | None = None
        self._selector = selectors.DefaultSelector()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def also(self, fd: int, callback: Callable[[], object]) -> None:
        """Wait for this descriptor too (signals, lifeline)."""
        self._selector.register(fd, selectors.EVENT_READ, callback)

    @property
    def roles(self) -> Counter[str]:
        """Who is connected."""
        return Counter(p.role for p in self._peers if p.role)

    @property
    def has_ring(self) -> bool:
        """Whether the kernel's facts can be heard."""
        return self._ring is not None

    def poll(self, seconds: float) -> None:
        """Wait at most so long, then read what is there: the ring first, and all of it."""
        ready = self._selector.select(seconds)
        self.drain_ring()
        for key, _ in ready:
            if key.data is not None:
                key.data()

    def drain_ring(self) -> None:
        """Take the records out as they are: what the ring cannot hold is lost, what we hold is not.

        A record is copied in a microsecond and decoded in ten, so a flood is taken first and read after.
        """
        if self._ring is None:
            return
        ring, _ = self._ring
        self.ring_peak = max(self.ring_peak, ring.pending)
        if self._raw_bytes > RAW_BYTES:
            return  # then the kernel drops, and counts
        for record in islice(ring.read(), _RING_BATCH):
            self.records += 1
            self._raw_bytes += len(record)
            self._raw.append(record)

    def decode(self, most: int) -> bool:
        """Make facts of the oldest records; whether there are more."""
        for _ in range(min(most, len(self._raw))):
            record = self._raw.popleft()
            self._raw_bytes -= len(record)
            try:
                fact = self._decode(record)
            except Exception:  # noqa: BLE001 - law 9: a record that cannot be read is a loss, told and counted
                self.swallowed["intake.decode"] += 1
                fact = Lost(self._heard_at, "ebpf", "decode", 1)  # beside its neighbors in time
            if fact is not None:
                self._heard_at = max(self._heard_at, fact.at)
                self._push(fact)
        return bool(self._raw)

    def horizon(self, until: int) -> int:
        """The time up to which all has been heard: records that wait hold the others back, so that order stands."""
        return min(until, self._heard_at) if self._raw else until

    @property
    def veils(self) -> bool:
        """Whether a recorder wants to see no content."""
        return any(p.veiled for p in self._peers)

    def record(self, fact: Fact, *, veiled: bool = False) -> None:
        """Hand the merged stream to every recorder of its kind; one that lags too far is let go and counted."""
        recorders = [p for p in self._peers if p.role == "recorder" and p.veiled == veiled]
        if not recorders:
            return
        data = frame(fact)
        if len(data) > MAX_FRAME:
            self.swallowed["intake.record_too_long"] += 1
            data = frame(Lost(fact.at, fact.source, "recording", 1))
        for peer in recorders:
            peer.unsent += data
            self._flush(peer)

    def close(self) -> None:
        """Let everybody go."""
        self._let_ring_go()
        for peer in list(self._peers):
            self._flush(peer)
            self._drop(peer)
        self._selector.close()

    def _accept(self) -> None:
        with suppress(OSError):  # gone before we came
            connection, _ = self._listener.accept()
            uid = peer_uid(connection)
            if len(self._peers) >= _CONNECTIONS or uid not in self._policy.root | self._policy.tap:
                self.swallowed["intake.refused"] += 1
                connection.close()
                return
            connection.setblocking(False)
            peer = _Peer(connection, uid)
            self._peers.add(peer)
            self._selector.register(connection, selectors.EVENT_READ, lambda: self._read(peer))

    def _read(self, peer: _Peer) -> None:
        try:
            if peer.role in ("", "camera"):
                data, fds, _, _ = socket.recv_fds(peer.connection, _READ, _FDS)
                peer.fds += fds
            else:
                data = peer.connection.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        try:
            for fact in peer.reader.feed(data):
                self._greet(peer)
                if isinstance(fact, Exchanged):  # of a file: what is live goes through redaction
                    raise WireError(detail="an exchange that was not heard here")
                self._push(fact)
            self._greet(peer)
        except WireError:
            self.swallowed[f"intake.{peer.role or 'stranger'}"] += 1
            self._drop(peer)

    def _greet(self, peer: _Peer) -> None:
        """Once the header is there: may it be what it says, and what does it bring."""
        if peer.role or peer.reader.header is None:
            return
        role = peer.reader.header.get("role")
        if not self._policy.allows(role, peer.uid):
            raise WireError(detail=f"uid {peer.uid} may not be {role!r}")
        peer.role = str(role)
        if peer.role == "camera" and peer.reader.header.get("ring") and peer.fds:
            self._take_ring(peer.fds.pop(0), int(peer.reader.header.get("ring_size") or 0))
        if peer.role == "recorder":
            peer.veiled = peer.reader.header.get("veiled") is True
            peer.unsent += header(
                "recording", plaintext=not peer.veiled, veiled=peer.veiled, **asdict(self._session)
            )
            self._flush(peer)
        _close(peer.fds)

    def _take_ring(self, fd: int, size: int) -> None:
        self._let_ring_go()
        try:
            self._ring = self._open_ring(fd, size)
            self._decode = self._ring[1]
            if self._rings:
                self._push(Lost(self._heard_at, "ebpf", CAMERA, 1))
            self._rings += 1
        except (OSError, ValueError) as error:
            os.close(fd)
            raise WireError(detail=f"the ring cannot be mapped: {error}") from error
        self._selector.register(self._ring[0].fileno(), selectors.EVENT_READ, None)

    def _let_ring_go(self) -> None:
        """What a dead camera's ring still holds is taken first: its pages live as long as our mapping."""
        if self._ring is None:
            return
        self.drain_ring()
        self.decode(len(self._raw))  # a new camera's records want a new decoder
        ring, self._ring = self._ring[0], None
        fd = ring.fileno()
        self._selector.unregister(fd)
        ring.close()
        os.close(fd)

    def _flush(self, peer: _Peer) -> None:
        try:
            while peer.unsent:
                sent = peer.connection.send(peer.unsent)
                del peer.unsent[:sent]
        except BlockingIOError:
            if len(peer.unsent) > _BEHIND:
                self.swallowed["intake.recorder_too_slow"] += 1
                self._drop(peer)
        except OSError:
            self._drop(peer)

    def _drop(self, peer: _Peer) -> None:
        if peer not in self._peers:
            return
        self._peers.discard(peer)
        _close(peer.fds)
        self._selector.unregister(peer.connection)
        peer.connection.close()
        if peer.role == "camera" and not self.roles["camera"]:
            self._let_ring_go()


def _close(fds: list[int]) -> None:
    while fds:
        os.close(fds.pop())
