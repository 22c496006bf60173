"""Record bytes of the kernel's rings become facts, or (for the camera) looks at processes. No IO.

`at` of a fact is the record's CLOCK_BOOTTIME plus the session's offset. Bytes inside a chunk are
not looked at here.
"""

import ipaddress
from typing import Any, Final, Literal, NamedTuple

from hexr_autoinst.capture.ebpf import layout
from hexr_autoinst.model.facts import (
    Address,
    Chunk,
    Closed,
    Conn,
    Exited,
    Fact,
    Handshake,
    Health,
    Key,
    Medium,
    Opened,
    Role,
)

_TICK: Final = 10_000_000  # ns in one tick of /proc's start time (USER_HZ is 100 everywhere)
_AF_UNIX, _AF_INET = 1, 2
_ROLES: Final[tuple[Role, ...]] = ("unknown", "client", "server")
_MEDIA: Final[tuple[Medium, ...]] = ("tls", "socket", "pipe")
_ANSWERS: Final = (None, False, True)
_MAX_GAP: Final = 1 << 31


class Look(NamedTuple):
    """What the control ring says: a watched process was born, became a program, mapped a file, or ended.

    `device` and `inode` are those of `vma->vm_file` as /proc/PID/maps shows them; `at` is Unix time. `pipes`: of an exec,
    whether it talks to its parent by pipes; of a fork, how many ends of pipes the parent has open.
    """

    kind: Literal["fork", "exec", "mapped", "exit"]
    at: int
    key: Key
    parent: Key | None = None
    device: int = 0
    inode: int = 0
    name: str = ""
    pipes: int = 0


class Decoder:
    """Turns records into facts; remembers per stream the next sequence number, to see what is missing."""

    def __init__(self, clock_offset: int) -> None:
        """`clock_offset` added to CLOCK_BOOTTIME gives Unix nanoseconds."""
        self._offset = clock_offset
        self._next: dict[tuple[Conn, int], int] = {}
        self.bad = 0
        self.seen: dict[str, int] = {}

    def decode(self, record: bytes) -> Fact | None:
        """The fact of a record of the data ring; None for one that is no fact (exec) or damaged (`bad`)."""
        if len(record) < layout.Head.size:
            self.bad += 1
            return None
        kind, pid, start, at = layout.Head.form.unpack_from(record)
        shape = _SHAPES.get(kind)
        if shape is None or len(record) < shape.size:
            self.bad += 1
            return None
        name = layout.KINDS[kind]
        self.seen[name] = self.seen.get(name, 0) + 1
        key = Key(pid, start // _TICK)
        return self._fact(kind, at + self._offset, key, shape.form.unpack_from(record), record)

    def look(self, record: bytes) -> Look | None:
        """The look of a record of the control ring."""
        if len(record) < layout.Head.size:
            self.bad += 1
            return None
        kind, pid, start, at = layout.Head.form.unpack_from(record)
        key, when = Key(pid, start // _TICK), at + self._offset
        if kind == layout.EXIT:
            return Look("exit", when, key)
        if kind not in _LOOKS or len(record) < layout.Look.size:
            self.bad += 1
            return None
        born, inode, device, parent, pipes, _, name = layout.Look.form.unpack_from(record)[4:]
        above = Key(parent, born // _TICK) if parent else None
        return Look(_LOOKS[kind], when, key, above, _device(device), inode, _text(name), pipes)

    def _fact(self, kind: int, at: int, key: Key, values: tuple[Any, ...], record: bytes) -> Fact | None:
        if kind == layout.CHUNK:
            return self._chunk(at, key, values[4:], record)
        if kind == layout.CLOSED:
            return self._closed(at, key, values[4:])
        if kind == layout.EXEC:
            return None
        if kind == layout.EXIT:
            self._forget(key)
        return _PLAIN[kind](at, key, values[4:])

    def _chunk(self, at: int, key: Key, values: tuple[Any, ...], record: bytes) -> Fact | None:
        handle, generation, lost, seq, length, direction, joined, medium, _ = values
        if length > len(record) - layout.Chunk.size or direction > 1 or medium >= len(_MEDIA):
            self.bad += 1
            return None
        conn = Conn(key, handle, generation)
        expected = self._next.get((conn, direction))
        self._next[conn, direction] = seq + 1
        gap = seq - expected if expected is not None else (0 if joined else seq)
        if gap and not lost:  # a record lost where the kernel could not say how much
            lost = -1
        data = record[layout.Chunk.size : layout.Chunk.size + length]
        way: Literal["out", "in"] = "in" if direction else "out"
        return Chunk(at, "ebpf", conn, way, seq, data, lost, bool(joined), _MEDIA[medium])

    def _closed(self, at: int, key: Key, values: tuple[Any, ...]) -> Fact:
        conn = Conn(key, values[0], values[1])
        for direction in (0, 1):
            self._next.pop((conn, direction), None)
        return Closed(at, "ebpf", conn, key)

    def _forget(self, key: Key) -> None:
        for place in [p for p in self._next if p[0].key == key]:
            del self._next[place]

    @property
    def streams(self) -> int:
        """How many directions of streams are remembered."""
        return len(self._next)


def _handshake(at: int, key: Key, values: tuple[Any, ...]) -> Fact:
    handle, generation, duration, role, ok, timed, chosen, mutual, _, library, sni, alpn, version = values
    return Handshake(
        at,
        "ebpf",
        Conn(key, handle, generation),
        duration if timed else None,
        _role(role),
        "ok" if ok else "failed",
        library=_text(library),
        sni=_text(sni) or None,
        alpn=_text(alpn) if chosen else None,
        version=said if (said := _text(version)).startswith(("TLS", "SSL", "DTLS")) else None,
        mutual=_ANSWERS[mutual] if mutual < len(_ANSWERS) else None,
    )


def _opened(at: int, key: Key, values: tuple[Any, ...]) -> Fact:
    handle, generation, connect, local, peer, local_port, peer_port, family, _, role, failed, timed, _ = (
        values
    )
    return Opened(
        at,
        "ebpf",
        Conn(key, handle, generation),
        key,
        _address(local, local_port, family),
        _address(peer, peer_port, family),
        _role(role),
        connect if timed else None,
        bool(failed),
    )


def _health(at: int, key: Key, values: tuple[Any, ...]) -> Fact:
    handle, sent, received, duration, rtt, retransmits = values
    conn = Conn(key, handle, 0)
    return Health(at, "ebpf", conn, rtt, sent, received, retransmits, duration or None)


def _exited(at: int, key: Key, values: tuple[Any, ...]) -> Fact:
    cpu, code, signal = values
    return Exited(at, "ebpf", key, None if signal else code, signal or None, cpu)


def _role(number: int) -> Role:
    return _ROLES[number] if number < len(_ROLES) else "unknown"


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def _address(raw: bytes, port: int, family: int) -> Address:
    """An end of a connection. What is no network's is an inode, and in place of its port stands what it is an end of."""
    if family != _AF_UNIX:
        return Address(_host(raw, family), port)
    kind = "pipe" if port == _MEDIA.index("pipe") else "unix"
    return Address(f"{kind}:{int.from_bytes(raw[:8], 'little')}", 0)


def _host(raw: bytes, family: int) -> str:
    """IPv4 as such, also where a socket of the other family carries it (RFC 4291 2.5.5.2)."""
    if family == _AF_INET:
        return str(ipaddress.IPv4Address(raw[:4]))
    address = ipaddress.IPv6Address(raw)
    return str(address.ipv4_mapped or address)


def _device(kernel: int) -> int:
    """The kernel's `major << 20 | minor` as stat and os.makedev write it."""
    major, minor = kernel >> 20, kernel & 0xFFFFF
    return (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12 | (major & ~0xFFF) << 32


_SHAPES: Final = {
    layout.CHUNK: layout.Chunk,
    layout.HANDSHAKE: layout.Handshake,
    layout.OPENED: layout.Opened,
    layout.CLOSED: layout.Closed,
    layout.HEALTH: layout.Health,
    layout.EXEC: layout.Look,
    layout.EXIT: layout.Gone,
}
_PLAIN: Final = {
    layout.HANDSHAKE: _handshake,
    layout.OPENED: _opened,
    layout.HEALTH: _health,
    layout.EXIT: _exited,
}
_LOOKS: Final[dict[int, Literal["fork", "exec", "mapped"]]] = {
    layout.FORK: "fork",
    layout.EXEC: "exec",
    layout.MAPPED: "mapped",
}
