"""What a client says first to a proxy: bytes in, one Greeting out. Pure; no socket, no clock.

RFC 9110 §9.3.6 (CONNECT), RFC 9112 §3.2.2 (absolute-form). Only what a splice needs is read: the
rest of the message goes on as it came.
"""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

# As nginx's large_client_header_buffers (four of 8k) and then some: cookies and bearer tokens are long.
LIMIT: Final = 64 << 10
_END: Final = b"\r\n\r\n"
# RFC 9110 §7.6.1: for this hop alone. `Connection` is written anew.
_HOP: Final = frozenset({b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive"})
_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Greeting:
    """`connect`: a tunnel; `forward`: plain HTTP through us; `origin`: asked of us; `bad`: no proxy request.

    `onward` is what the far end must get first: what followed the CONNECT, or the rewritten request.
    """

    kind: Literal["connect", "forward", "origin", "bad"]
    host: str = ""
    port: int = 0
    onward: bytes = b""


def read(data: bytes) -> Greeting | None:
    """The greeting at the start of these bytes; None while its head is not whole."""
    end = data.find(_END)
    if not _may_be_http(data):
        return Greeting("bad")
    if end < 0:
        return Greeting("bad") if len(data) >= LIMIT else None
    head, rest = data[:end], data[end + len(_END) :]
    line, _, fields = head.partition(b"\r\n")
    parts = line.decode("latin-1").split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        return Greeting("bad")
    method, target, _ = parts
    if method == "CONNECT":
        return _connect(target, rest)
    if "://" in target:
        return _forward(method, target, fields, rest)
    return Greeting("origin")


def _may_be_http(data: bytes) -> bool:
    # A method is a token (RFC 9110 §5.6.2) of upper-case letters in practice; a ClientHello begins with 0x16.
    word = data[:8].partition(b" ")[0]
    return word.isalpha() or not data or b"-" in word


def _connect(target: str, rest: bytes) -> Greeting:
    host, _, port = target.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        return Greeting("bad")
    return Greeting("connect", _bare(host), int(port), rest)


def _bare(host: str) -> str:
    return host.removeprefix("[").removesuffix("]").lower()


def _forward(method: str, target: str, fields: bytes, rest: bytes) -> Greeting:
    try:
        url = urlsplit(target)
        port = url.port or _PORTS.get(url.scheme, 0)
    except ValueError:
        return Greeting("bad")
    if not url.hostname or not port:
        return Greeting("bad")
    path = target.partition("://")[2]
    start = next((i for i, c in enumerate(path) if c in "/?"), len(path))
    path = path[start:]
    path = path if path.startswith("/") else f"/{path}"
    line = f"{method} {path} HTTP/1.1".encode("latin-1")
    return Greeting("forward", url.hostname.lower(), port, _rewritten(line, fields) + rest)


def _rewritten(line: bytes, fields: bytes) -> bytes:
    """The request as its origin wants it, and the last of its connection: the next may be for another origin."""
    kept = [line]
    upgrade = False
    for field in fields.split(b"\r\n") if fields else ():
        name = field.partition(b":")[0].strip().lower()
        upgrade = upgrade or name == b"upgrade"
        if name not in _HOP:
            kept.append(field)
    kept.append(b"Connection: Upgrade" if upgrade else b"Connection: close")
    return b"\r\n".join(kept) + _END
