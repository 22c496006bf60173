"""Surveys in a child that can do nothing: other people's files are parsed and disassembled there, never by the camera.

The child holds the files, a pipe and no privilege; it writes a JSON line for each file and ends. So a
hostile ELF file that breaks a parser has won nothing, and the disassembler's memory is gone with it.
"""

import json
import os
import resource
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from hexr_autoinst.capture.ebpf import disassembler, known
from hexr_autoinst.capture.ebpf.symbols import Plan, Probe, Refusal, survey

_SECONDS: Final = 10  # of CPU for all the files of one child
_MEMORY: Final = 2 << 30
_LONGEST_ANSWER: Final = 1 << 20


@dataclass(slots=True)
class Survey:
    """A child at work. Select on `fd`; `answers` reads what has come, `over` says whether it was the last."""

    pid: int
    fd: int
    names: tuple[str, ...]
    over: bool = False
    answered: set[int] = field(default_factory=set)
    _rest: bytes = b""

    def answers(self) -> list[tuple[int, Plan | Refusal]]:
        """Number and answer of each file that is done. When it is over, unanswered files are refused."""
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = [one for line in lines if (one := _parsed(line, self.names))]
        if not data or len(self._rest) > _LONGEST_ANSWER:
            self.close()
            missing = set(range(len(self.names))) - self.answered - {number for number, _ in found}
            found += [(n, Refusal(self.names[n], "", "the survey of it failed")) for n in sorted(missing)]
        self.answered |= {number for number, _ in found}
        return found

    def close(self) -> None:
        """End the child, which is ours, and reap it."""
        if not self.over:
            self.over = True
            os.close(self.fd)
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def start(files: Sequence[tuple[str, int]], confine: Callable[[], None]) -> Survey:
    """Survey (name, descriptor) pairs; the descriptors stay the caller's. `confine` drops the child's privilege."""
    parent_end, child_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    os.set_blocking(child_end, True)
    pid = os.fork()
    if pid == 0:
        _work(files, confine, child_end)
    os.close(child_end)
    return Survey(pid, parent_end, tuple(name for name, _ in files))


def _work(files: Sequence[tuple[str, int]], confine: Callable[[], None], out: int) -> NoReturn:
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        _close_all_but({out, *(fd for _, fd in files)})
        disassembler.preload()  # while the installation can still be read
        entries = known.load()
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        confine()
        for number, (name, fd) in enumerate(files):
            os.write(out, _line(number, survey(name, fd, entries)))
    finally:
        os._exit(0)  # whatever happened: unanswered files are refused, and nothing of the camera runs here


def _close_all_but(kept: set[int]) -> None:
    """The child gets no ring, map, link or socket of its parent, and cannot speak in its name."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    for fd in [int(one.name) for one in os.scandir("/proc/self/fd")]:
        if fd > 2 and fd not in kept:
            try:
                os.close(fd)
            except OSError:
                continue  # the descriptor of this very listing


def _line(number: int, answer: Plan | Refusal) -> bytes:
    return json.dumps([number, type(answer).__name__, *answer]).encode() + b"\n"


def _parsed(line: bytes, names: tuple[str, ...]) -> tuple[int, Plan | Refusal] | None:
    """What a child says is as little trusted as what it has read."""
    try:
        number, kind, path, *rest = json.loads(line)
        if not 0 <= int(number) < len(names) or path != names[number]:
            return None
        if kind == "Plan":
            return number, _plan(path, rest)
        return number, Refusal(path, *(str(x)[:500] for x in rest))
    except (ValueError, TypeError, RecursionError):
        return None


def _plan(path: str, raw: Any) -> Plan:
    device, inode, label, rung, probes = raw
    found = tuple(
        Probe(str(f), int(at), tuple(int(r) for r in rets), int(inner), tuple(str(t) for t in through))
        for f, at, rets, inner, through in probes
    )
    return Plan(path, int(device), int(inode), str(label)[:64], str(rung), found)
