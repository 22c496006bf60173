"""Who owns a connection to the proxy: 4-tuple in; pid, start, executable and told-or-not out.

The front has no right to look at other users' processes, so it asks the supervisor, one
fixed-size message for one connection, on a seqpacket socket. A hostile question gets no answer.
"""

import os
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hexr_autoinst.config import Rule
from hexr_autoinst.netlink import Socket, Tuple4, find
from hexr_autoinst.verdict import cgroup_mounts, look, told

VERSION: Final = 1
REQUEST: Final = struct.Struct("!BB16sH16sH")
REPLY: Final = struct.Struct("!BBIQ256s")
NOT_TOLD: Final = 0
TOLD: Final = 1
UNKNOWN: Final = 2
_WIDTHS: Final = {4: 4, 6: 16}
_VERDICT_TTL_NS: Final = 2_000_000_000  # a process may be moved to another cgroup
_CACHED: Final = 1024


@dataclass(frozen=True, slots=True)
class Owner:
    """The process behind a connection."""

    told: int
    pid: int = 0
    start: int = 0
    exe: str = ""


def pack_request(connection: Tuple4) -> bytes:
    """The question of the front. Addresses are padded to 16 bytes."""
    family = 4 if len(connection.local) == 4 else 6
    return REQUEST.pack(
        VERSION, family, connection.local, connection.local_port, connection.peer, connection.peer_port
    )


def unpack_request(data: bytes) -> Tuple4 | None:
    """The connection asked about, or None when these bytes are no question."""
    if len(data) != REQUEST.size:
        return None
    version, family, local, local_port, peer, peer_port = REQUEST.unpack(data)
    width = _WIDTHS.get(family)
    if version != VERSION or width is None:
        return None
    return Tuple4(local[:width], local_port, peer[:width], peer_port)


def pack_reply(owner: Owner) -> bytes:
    """The answer; a path longer than the field is cut."""
    return REPLY.pack(VERSION, owner.told, owner.pid, owner.start, owner.exe.encode("utf-8", "replace")[:256])


def unpack_reply(data: bytes) -> Owner:
    """What the front reads."""
    _, told_, pid, start, exe = REPLY.unpack(data)
    return Owner(told_, pid, start, exe.rstrip(b"\0").decode("utf-8", "replace"))


def holder(found: Socket, first: Iterable[int] = (), proc: str = "/proc") -> int | None:
    """The pid that holds the socket: those seen before, then the newest of its user, then everybody."""
    wanted = f"socket:[{found.inode}]"
    tried = set()
    for pid in (*first, *_newest(found.uid, proc), *_newest(None, proc)):
        if pid not in tried and _holds(f"{proc}/{pid}/fd", wanted):
            return pid
        tried.add(pid)
    return None


def _newest(uid: int | None, proc: str) -> Iterator[int]:
    # Pids grow until they wrap, so the highest are the newest but for once in 4 million.
    for pid in sorted((int(name) for name in _names(proc) if name.isdecimal()), reverse=True):
        try:
            if uid is None or os.stat(f"{proc}/{pid}").st_uid == uid:  # noqa: PTH116 - as above
                yield pid
        except OSError:
            continue


def _holds(folder: str, wanted: str) -> bool:
    for name in _names(folder):
        try:
            # Ten thousand links may be read for one answer: no Path objects here.
            if os.readlink(f"{folder}/{name}") == wanted:  # noqa: PTH115 - see above
                return True
        except OSError:
            continue
    return False


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - as above
    except OSError:
        return []  # gone, or another user's and we are not root


class Desk:
    """Answers questions; remembers who asked before, so that a busy agent is found in microseconds."""

    def __init__(
        self,
        only: tuple[Rule, ...] = (),
        not_: tuple[Rule, ...] = (),
        *,
        ours: Callable[[], frozenset[int]] = frozenset,
        name: Callable[[int, int], None] = lambda _pid, _start: None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`ours` names our own processes, which are never told; `name` hears of each caller that is."""
        self.asked = 0
        self.unknown = 0
        self.refused = 0
        self._only, self._not = only, not_
        self._ours, self._clock, self._name = ours, clock, name
        self._mounts = cgroup_mounts()
        self._verdicts: OrderedDict[tuple[int, int], tuple[int, bool]] = OrderedDict()

    def answer(self, request: bytes) -> bytes | None:
        """The reply to one question; None where the bytes are no question."""
        connection = unpack_request(request)
        if connection is None:
            self.refused += 1
            return None
        self.asked += 1
        owner = self.owner(connection)
        self.unknown += owner.told == UNKNOWN
        return pack_reply(owner)

    def owner(self, connection: Tuple4) -> Owner:
        """The process behind the connection, as far as it can be known."""
        found = find(connection)
        pid = holder(found, reversed([pid for pid, _ in self._verdicts])) if found else None
        process = look(pid) if pid else None
        if process is None:
            return Owner(UNKNOWN)
        verdict = TOLD if self._told(process.pid, process.start) else NOT_TOLD
        return Owner(verdict, process.pid, process.start, process.exe)

    def _told(self, pid: int, start: int) -> bool:
        now, known = self._clock(), self._verdicts.get((pid, start))
        if known and now - known[0] < _VERDICT_TTL_NS:
            return known[1]
        verdict = pid not in self._ours() and told(pid, self._only, self._not, mounts=self._mounts)
        self._verdicts[pid, start] = (now, verdict)
        self._verdicts.move_to_end((pid, start))
        if verdict:
            self._name(pid, start)
        if len(self._verdicts) > _CACHED:
            self._verdicts.popitem(last=False)
        return verdict
