"""The control socket: one JSON line in, one JSON line out. `status` for anybody, `stop` for root.

Both ends live here: the supervisor answers, `hexr-autoinst status` and `stop` ask.
"""

import contextlib
import json
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hexr_autoinst.errors import HexrError, NotRoot, NotRunning

SOCKET: Final = "control.sock"
VERBS: Final = ("status", "stop")
_LONGEST: Final = 4096
_ANSWER_LONGEST: Final = 1 << 20
_PEER: Final = struct.Struct("iII")  # struct ucred: pid, uid, gid


def listen(path: Path) -> socket.socket:
    """The socket, open to every user: what each may ask is decided by who asks."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen(16)
    return listener


def peer_uid(connection: socket.socket) -> int:
    """Who is at the other end, as the kernel says it (SO_PEERCRED, unix(7))."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(raw)[1])


def reply(
    request: bytes, uid: int, status: Callable[[], dict[str, Any]], stop: Callable[[], None]
) -> dict[str, Any]:
    """The answer to one line. Whatever the line holds, an answer comes."""
    try:
        asked = json.loads(request)
    except (ValueError, RecursionError):
        return {"error": "not JSON"}
    verb = asked.get("verb") if isinstance(asked, dict) else None
    if verb not in VERBS:
        return {"error": f"unknown verb; there are {', '.join(VERBS)}"}
    if verb == "status":
        return status()
    if uid not in (0, os.geteuid()):
        return {"error": "not allowed"}
    stop()
    return {"stopping": True, "pid": os.getpid()}


def serve(connection: socket.socket, status: Callable[[], dict[str, Any]], stop: Callable[[], None]) -> None:
    """Answer what is there now and hang up. A caller that is slow or silent gets nothing."""
    with connection, contextlib.suppress(OSError):
        connection.settimeout(0.2)
        request = connection.recv(_LONGEST)
        answer = reply(request, peer_uid(connection), status, stop)
        connection.sendall(json.dumps(answer).encode() + b"\n")


def ask(run_dir: Path, verb: str, timeout: float = 3.0) -> dict[str, Any]:
    """What the running supervisor says; NotRunning when there is none."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(run_dir / SOCKET))
            connection.sendall(json.dumps({"verb": verb}).encode() + b"\n")
            answer = json.loads(_line(connection))
    except TimeoutError:
        raise HexrError(
            detail="the supervisor is there but does not answer; `sudo hexr-autoinst stop`"
        ) from None
    except (OSError, ValueError):
        raise NotRunning from None
    if answer.get("error") == "not allowed":
        raise NotRoot(verb=verb)
    if "error" in answer:
        raise HexrError(detail=str(answer["error"]))
    found: dict[str, Any] = answer
    return found


def _line(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n") and len(data) < _ANSWER_LONGEST:
        more = connection.recv(1 << 16)
        if not more:
            break
        data += more
    return data


def wait_gone(pid: int, seconds: float) -> bool:
    """Whether the process has ended within the time. A pidfd cannot mistake a reused pid for it."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return True
    try:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([handle], [], [], left)[0]:
                return True
        return False
    finally:
        os.close(handle)
