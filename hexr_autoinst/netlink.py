"""sock_diag: the inode and the uid of one TCP socket by its exact 4-tuple. One question, one answer, a few microseconds.

See sock_diag(7) and linux/inet_diag.h. An exact look-up (no NLM_F_DUMP) costs the same however
many sockets the host has; parsing /proc/net/tcp does not.
"""

import ipaddress
import socket
import struct
from dataclasses import dataclass
from typing import Final

_NETLINK_SOCK_DIAG: Final = 4
_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_ALL_STATES: Final = 0xFFFFFFFF
_NO_COOKIE: Final = b"\xff" * 8
_HEADER: Final = struct.Struct("=IHHII")
_REQUEST: Final = struct.Struct("=BBBBI")
# inet_diag_msg: 4 bytes, inet_diag_sockid of 48, then expires, rqueue, wqueue, uid, inode.
_TAIL: Final = struct.Struct("=IIIII")
_TAIL_AT: Final = _HEADER.size + 4 + 48
_TIMEOUT_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket as the kernel knows it."""

    inode: int
    uid: int


@dataclass(frozen=True, slots=True)
class Tuple4:
    """A connection as its owner sees it: `local` is the owner's end. Addresses are packed (4 or 16 bytes)."""

    local: bytes
    local_port: int
    peer: bytes
    peer_port: int


def find(connection: Tuple4) -> Socket | None:
    """The owner's socket, or None when the kernel knows none (closed, or in another network namespace)."""
    try:
        with socket.socket(
            socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG
        ) as talk:
            talk.settimeout(_TIMEOUT_S)
            talk.sendto(question(connection), (0, 0))
            return answer(talk.recv(4096))
    except OSError:
        return None


def rouse() -> None:
    """Ask for nothing: where sock_diag is a module (Debian) the kernel loads it for the first question, and no caller shall wait for that."""
    find(Tuple4(bytes(4), 0, bytes(4), 0))


def question(connection: Tuple4) -> bytes:
    """The request for one connection. A v4-mapped address is asked as IPv4: the kernel hashes both there."""
    local, peer = _plain(connection.local), _plain(connection.peer)
    family = socket.AF_INET if len(local) == 4 else socket.AF_INET6
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES)
    body += struct.pack("!HH", connection.local_port, connection.peer_port)
    body += local.ljust(16, b"\0") + peer.ljust(16, b"\0") + struct.pack("=I", 0) + _NO_COOKIE
    return _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0) + body


def answer(data: bytes) -> Socket | None:
    """The socket of a reply; None for an error message or anything short."""
    if len(data) < _TAIL_AT + _TAIL.size:
        return None
    _, kind, _, _, _ = _HEADER.unpack_from(data)
    if kind != _SOCK_DIAG_BY_FAMILY:
        return None
    _, _, _, uid, inode = _TAIL.unpack_from(data, _TAIL_AT)
    return Socket(inode, uid) if inode else None


def _plain(address: bytes) -> bytes:
    if len(address) == 16 and (mapped := ipaddress.IPv6Address(address).ipv4_mapped):
        return mapped.packed
    return address
