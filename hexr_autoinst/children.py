"""One child process: how it starts, what it says, how it is started again. Knows no plane.

A child speaks JSON lines on standard output (events) and plain lines on standard error (its last
words are kept for `status`). It ends with its parent: by PDEATHSIG and by the closing of a pipe.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Literal

from hexr_autoinst.drop import become_ids, end_with_parent
from hexr_autoinst.ground import Ids

State = Literal["waiting", "starting", "ready", "unavailable", "stopped"]

_LINE_LONGEST: Final = 16_384
_FIRST_DELAY: Final = 0.1
_LAST_DELAY: Final = 10.0
_LIVED_LONG: Final = 30.0  # a child that lived so long begins anew with a short delay
_PASSED_ON: Final = ("PATH", "LANG", "TZ", "TERM", "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_COLOR")


@dataclass(frozen=True, slots=True)
class Role:
    """What a child is: module, user, groups, environment and descriptors."""

    name: str
    module: str
    user: str = "root"
    ids: Ids | None = None
    groups: tuple[int, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    fds: tuple[int, ...] = ()


@dataclass(slots=True)
class Child:
    """A role, played by one process after the other."""

    role: Role
    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    state: State = "waiting"
    why: str = ""
    was_ready: bool = False
    restarts: int = 0
    began: float = 0.0
    due: float = 0.0
    delay: float = _FIRST_DELAY
    last_exit: int | None = None
    last_words: str = ""
    garbled: int = 0
    buffers: dict[str, bytearray] = field(default_factory=dict)

    @property
    def pid(self) -> int | None:
        """The pid of the living process."""
        return self.process.pid if self.process else None

    @property
    def pipes(self) -> dict[str, IO[bytes]]:
        """What the living process writes to: `out` and `err`."""
        if self.process is None or self.process.stdout is None or self.process.stderr is None:
            return {}
        return {"out": self.process.stdout, "err": self.process.stderr}

    def status(self, now: float) -> dict[str, Any]:
        """For the control socket."""
        return {
            "name": self.role.name,
            "user": self.role.user,
            "pid": self.pid,
            "state": self.state,
            "why": self.why,
            "restarts": self.restarts,
            "uptime_s": round(now - self.began, 1) if self.process else None,
            "last_exit": self.last_exit,
            "last_words": self.last_words,
        }


def stands(child: Child | None, why: str) -> dict[str, str]:
    """How the work of a child stands: up, off (there is none, as was asked for), or unavailable and why."""
    if child is None and why in ("", "turned off"):
        return {"state": "off", "why": "turned off"}
    if child is None or child.state == "unavailable":
        return {"state": "unavailable", "why": why or (child.why if child else "")}
    return {"state": "up" if child.state == "ready" else child.state, "why": ""}


def command(module: str) -> list[str]:
    """The interpreter for one of our modules: isolated where we are, so that no PYTHONPATH of a caller reaches root."""
    return [sys.executable, *(["-I"] if sys.flags.isolated else []), "-m", module]


def environment(role: Role, base: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What a child gets to see: a few of the caller's variables and its role's own."""
    env = {k: v for k, v in base.items() if k in _PASSED_ON or k.startswith(("LC_", "HEXR_"))}
    if role.name == "teller":
        # Headers of the OTLP exporter may hold a key: only the process that exports needs them.
        env |= {k: v for k, v in base.items() if k.startswith("OTEL_")}
    # Two arenas instead of eight per core: threads of the exporters would cost 20 MB of address space touched.
    env |= {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if not sys.flags.isolated:
        env["PYTHONPATH"] = str(Path(__file__).parent.parent)
    return env | dict(own) | dict(role.env)


def spawn(child: Child, env: Mapping[str, str], lifeline: int) -> None:
    """Start the process of a role, privilege dropped before its first instruction."""
    role = child.role
    parent = os.getpid()
    process = subprocess.Popen(
        command(role.module),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(lifeline, *role.fds),
        env={**env, "HEXR_LIFELINE_FD": str(lifeline)},
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the supervisor, which stops the others in order
        preexec_fn=lambda: _settle_in(role, parent),  # noqa: PLW1509 - this process has one thread
    )
    child.process, child.pidfd = process, os.pidfd_open(process.pid)
    child.state, child.why, child.began = "starting", "", time.monotonic()
    child.buffers = {"out": bytearray(), "err": bytearray()}
    for pipe in child.pipes.values():
        os.set_blocking(pipe.fileno(), False)


def _settle_in(role: Role, parent: int) -> None:
    """In the child, before exec. Whose user changes loses PDEATHSIG (prctl(2)): it is asked for last."""
    if role.ids:
        become_ids(role.ids.uid, role.ids.gid, role.groups)
    end_with_parent(parent)


def settle(child: Child) -> None:
    """The process does its work."""
    child.state, child.was_ready = "ready", True


def lines(child: Child, stream: str) -> list[str] | None:
    """The whole lines that can be read now; None when the stream has ended."""
    try:
        data = os.read(child.pipes[stream].fileno(), 1 << 16)
    except BlockingIOError:
        return []
    if not data:
        return None
    *whole, rest = (child.buffers[stream] + data).split(b"\n")
    if len(rest) > _LINE_LONGEST:
        child.garbled += 1
        rest = bytearray()
    child.buffers[stream] = rest
    return [one[:_LINE_LONGEST].decode("utf-8", "replace") for one in whole]


def event(child: Child, text: str) -> dict[str, Any] | None:
    """The event of a line; anything else is counted, for a child is not to be trusted with our output."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("event"), str):
        child.garbled += 1
        return None
    return found


def ended(child: Child, now: float) -> int:
    """Reap the process; when and whether it starts again is decided by `state` and `due`."""
    assert child.process is not None
    pipes = child.pipes
    code = child.process.wait()
    for pipe in pipes.values():
        pipe.close()
    os.close(child.pidfd)
    if now - child.began > _LIVED_LONG:
        child.delay = _FIRST_DELAY
    child.process, child.pidfd, child.last_exit = None, -1, code
    child.due = now + child.delay
    child.delay = min(child.delay * 2, _LAST_DELAY)
    if child.state != "unavailable":
        child.state = "waiting"
    return code


def terminate(child: Child, number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end, or make it end. It is our own child, so its pid cannot be another's."""
    if child.process:
        child.process.send_signal(number)
