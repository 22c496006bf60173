"""The supervisor's sockets: control, owner, facts and the proxy's listener, each made here and removed here."""

import contextlib
import os
import selectors
import socket
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from hexr_autoinst import control
from hexr_autoinst.owner import Desk

_QUESTIONERS: Final = 64
# Where the witness hears of callers, and how one is named (see hexr_autoinst.witness).
CALLERS: Final = "callers.sock"
CALLER: Final = struct.Struct("!IQ")
FILES: Final = (control.SOCKET, "owner.sock", "facts.sock")


class Doors:
    """Opens sockets and registers what is to happen at each in the loop's selector."""

    def __init__(self, run_dir: Path, selector: selectors.BaseSelector) -> None:
        """Nothing is open yet."""
        self._run_dir = run_dir
        self._selector = selector
        self._open: list[socket.socket] = []
        self._questioners = 0

    def control(self, status: Callable[[], dict[str, Any]], stop: Callable[[], None]) -> None:
        """Where `status` and `stop` ask."""
        listener = control.listen(self._run_dir / control.SOCKET)
        self._answer(listener, lambda connection: control.serve(connection, status, stop))

    def owner(self, desk: Desk, gid: int) -> None:
        """Where the front asks who is calling."""
        listener = self._local("owner.sock", socket.SOCK_SEQPACKET, gid)
        self._answer(listener, partial(self._questioner, desk))

    def facts(self, gid: int) -> socket.socket:
        """Where camera and tap reach the teller. Held here, so that they can wait while a teller restarts."""
        listener = self._local("facts.sock", socket.SOCK_STREAM, gid)
        self._open.append(listener)
        return listener

    def callers(self) -> Callable[[int, int], None]:
        """Names a caller of the proxy to the witness; nobody listens where the camera knows all."""
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._open.append(sender)
        path = str(self._run_dir / CALLERS)

        def name(pid: int, start: int) -> None:
            with contextlib.suppress(OSError):  # no witness, or a busy one: the next question names it again
                sender.sendto(CALLER.pack(pid, start), path)

        return name

    def keep(self, one: socket.socket) -> None:
        """Close this one with the others."""
        self._open.append(one)

    def close(self) -> None:
        """Close everything and remove what it left in the run folder."""
        for one in self._open:
            one.close()
        for name in FILES:
            (self._run_dir / name).unlink(missing_ok=True)

    def _local(self, name: str, kind: socket.SocketKind, gid: int) -> socket.socket:
        path = self._run_dir / name
        path.unlink(missing_ok=True)  # the caller holds the run folder: what lies here is a dead run's
        listener = socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        listener.bind(str(path))
        os.chown(path, 0, gid)
        path.chmod(0o660)
        listener.listen(16)
        return listener

    def _answer(self, listener: socket.socket, callback: Callable[[socket.socket], None]) -> None:
        self._open.append(listener)
        self._selector.register(listener, selectors.EVENT_READ, partial(_accept, listener, callback))

    def _questioner(self, desk: Desk, connection: socket.socket) -> None:
        if self._questioners >= _QUESTIONERS:
            connection.close()
            return
        self._questioners += 1
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, partial(self._question, desk, connection))

    def _question(self, desk: Desk, connection: socket.socket) -> None:
        try:
            request = connection.recv(64)
            reply = desk.answer(request) if request else None
            if reply:
                connection.send(reply)
                return
        except BlockingIOError:
            return
        except OSError:
            desk.refused += 1  # the asker is gone; it asks again on a new connection
        self._questioners -= 1
        self._selector.unregister(connection)
        connection.close()


def _accept(listener: socket.socket, callback: Callable[[socket.socket], None]) -> None:
    try:
        connection, _ = listener.accept()
    except OSError:
        return  # gone before we came
    callback(connection)
