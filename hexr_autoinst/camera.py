"""The camera process: loads and attaches, watches processes come and go, reads who they are. Parses no byte of anybody's traffic.

`python -m hexr_autoinst.camera`, started as root by the supervisor; keeps only the capabilities that
attaching and reading /proc need. Says what it does in JSON lines on standard output; the data ring
is passed to the teller and never read here.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from hexr_autoinst import drop
from hexr_autoinst.capture.ebpf import loaders, procfs, targets
from hexr_autoinst.capture.ebpf.attach import Attachments
from hexr_autoinst.capture.ebpf.decode import Decoder, Look
from hexr_autoinst.capture.ebpf.filter import install
from hexr_autoinst.capture.ebpf.loader import Objects
from hexr_autoinst.capture.ebpf.ring import Ring
from hexr_autoinst.capture.ebpf.talkers import Talkers
from hexr_autoinst.capture.ebpf.world import World
from hexr_autoinst.capture.errands import Errand, Errands
from hexr_autoinst.capture.outbox import Outbox
from hexr_autoinst.capture.stream import header
from hexr_autoinst.config import Config, Session
from hexr_autoinst.errors import CaptureUnavailable, HexrError
from hexr_autoinst.verdict import cgroup_mounts, told

# Probes and maps; /proc and files of others; a child of no privilege, started and ended; deleted files by map_files.
CAPABILITIES: Final = (
    "BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH", "SETUID", "SETGID", "SETPCAP", "KILL", "CHECKPOINT_RESTORE",
)  # fmt: skip
# Where a link of many probes is unknown (before 6.6), each is an event of perf's, which Debian's 6.1 gives to nobody
# without this, whatever kernel.perf_event_paranoid says.
EVENTS: Final = "SYS_ADMIN"
_SECOND: Final = 1.0
_SWEEP_EVERY: Final = 60
_FORK_DELAY: Final = 0.01  # most children execute something at once
# The kernel tells of a mapping just before it stands in /proc/PID/maps.
_MAPPED_DELAYS: Final = (0.0, 0.003, 0.015, 0.06, 0.25)
_EXEC_DELAYS: Final = (0.05, 0.2, 0.8)


class Camera:
    """Everything the loop touches. `turn` is one round of it."""

    def __init__(
        self,
        config: Config,
        session: Session,
        objects: Objects,
        say: Callable[[dict[str, Any]], None],
        choice: loaders.Choice = loaders.FIRST,
    ) -> None:
        """Attach nothing yet."""
        self._choice = choice
        self.config, self.say, self.objects = config, say, objects
        self._offset = session.clock_offset
        self._ring = Ring(*objects.control_ring)
        self._decoder = Decoder(session.clock_offset)
        ring, size = objects.data_ring
        first = header(
            "camera", ring=True, ring_size=size, clock_offset=session.clock_offset, host=session.host
        )
        path = str(Path(config.run_dir) / "facts.sock")
        self.outbox = Outbox(path, first, (ring,), self._snapshot, self._now)
        self.world = World(self.outbox.send, self._now, session.clock_offset)
        self.attachments = Attachments(objects, _confine(os.getpid()), say)
        self._talkers, self._errands = Talkers(), Errands()
        self._daemon: frozenset[int] = frozenset()
        self._missed: set[str] = set()
        self._stats: dict[str, int] = {}
        self._next_second = 0.0
        self._seconds = 0
        self._written = ""

    def start(self, daemon: tuple[int, ...]) -> None:
        """Everything that lives already: rules, the libraries that are known, the processes that may be watched."""
        config = self.config
        root = next(iter(cgroup_mounts()), "/sys/fs/cgroup")
        install(self.objects, config.only, config.not_, root, daemon)
        self.objects.clear.search()
        self._daemon = frozenset(daemon)
        self._scan(*_named(config))
        while self.attachments.fds:
            self.turn(())
        self._write_status()

    def _scan(self, *first: targets.Target) -> None:
        """Whoever may be watched and is not known yet, with the files that it executes."""
        wanted = list(first)
        only, not_, mounts = self.config.only, self.config.not_, cgroup_mounts()
        for pid in procfs.pids():
            if not _ours(pid, self._daemon) and told(pid, only, not_, mounts=mounts):
                if (key := procfs.key(pid)) not in self.world:
                    self.world.found(pid)
                if key and procfs.pipes(pid):
                    self._talkers.found(key)
                wanted += targets.of_process(pid)
        self.attachments.look(wanted, time.monotonic())

    def turn(self, more: Iterable[int]) -> list[int]:
        """Wait for what comes next and do it; which of `more` are ready."""
        now = time.monotonic()
        self._errands.run(now)
        self.outbox.pump(now)
        self._each_second(now)
        poll = select.poll()
        for fd in (self._ring.fileno(), *self.attachments.fds, *more):
            poll.register(fd, select.POLLIN)
        if self.outbox.fileno() >= 0:
            poll.register(self.outbox.fileno(), select.POLLIN | (select.POLLOUT if self.outbox.busy else 0))
        ready = [fd for fd, _ in poll.poll(self._patience(now) * 1000)]
        for fd in ready:
            if fd in self.attachments.fds:
                self.attachments.answer(fd)
        for record in self._ring.read():
            if look := self._decoder.look(record):
                self._talkers.heard(look, now)
                self.objects.clear.watch_pipes(
                    on=self._talkers.wanted(now)
                )  # at once: the parent is about to speak
                self._look(look)
        return [fd for fd in ready if fd in more]

    def close(self) -> None:
        """Take every probe away."""
        self.attachments.close()
        self._write_status()
        self.outbox.close()
        self._ring.close()
        self.objects.close()

    def _look(self, look: Look) -> None:
        match look.kind:
            case "exec":
                self.world.became(look)
                self._survey(look.key.pid)
                if self._missed:
                    self._later(_EXEC_DELAYS, lambda: self._survey(look.key.pid))
            case "fork":
                self._later((_FORK_DELAY,), lambda: self.world.born(look))
            case "mapped":
                if targets.worth(look.name):
                    self._missed.add(look.name)
                    self._later(_MAPPED_DELAYS, lambda: self._mapped(look))
                self._later((_SECOND,), lambda: self.world.again(look.key))
            case "exit":
                self.world.ended(look.key)

    def _survey(self, pid: int) -> bool:
        self.attachments.look(targets.of_process(pid), time.monotonic())
        return False

    def _mapped(self, look: Look) -> bool:
        """Whether the file could be seen in its process. If never, each new process is searched for it."""
        found = list(targets.of_process(look.key.pid))
        self.attachments.look(found, time.monotonic())
        if seen := any(t.inode == look.inode for t in found):
            self._missed.discard(look.name)
        return seen

    def _later(self, delays: tuple[float, ...], errand: Errand) -> None:
        self._errands.after(delays, errand, time.monotonic())

    def _patience(self, now: float) -> float:
        waits = (self._next_second - now, self._errands.wait(now), self.outbox.wait(now))
        return max(0.0, min(w for w in waits if w is not None))

    def _each_second(self, now: float) -> None:
        if now < self._next_second:
            return
        self._next_second = now + _SECOND
        self._seconds += 1
        self.attachments.expire(now)
        self.objects.clear.watch_pipes(on=self._talkers.wanted(now))
        if self._seconds % _SWEEP_EVERY == 0:
            self.world.sweep()
            self._talkers.keep(p.key for p in self.world.snapshot())
        before, self._stats = self._stats, self.objects.stats()
        # An exec is a record of both rings and no fact: what drops it drops no fact.
        for name, n in self._stats.items():
            if name.startswith("dropped.") and name != "dropped.exec" and n > before.get(name, 0):
                self.outbox.lost("ring", n - before.get(name, 0))
        if self._stats.get("control.dropped", 0) > before.get("control.dropped", 0):
            self._scan()  # births and mappings went unheard
        self._write_status()

    def _write_status(self) -> None:
        status = {
            "attached": self.attachments.attached, "refused": self.attachments.refused,
            "processes": len(self.world), "kernel": self._stats, "absent": self.objects.absent,
            "programs": {name: one._asdict() for name, one in self.objects.runs().items()},
            "loader": {"name": self._choice.loader, "why": self._choice.why}, "uncounted": self.objects.uncounted, "carried": self.objects.carried,
            "cleartext": {**self.objects.clear.why, "watching_pipes": self.objects.clear.pipes},
            "teller": {"connected": self.outbox.fileno() >= 0, "connections": self.outbox.connections},
            "missed": {"identities": self.world.unread, "looks": self._errands.skipped, "records": self._decoder.bad},
        }  # fmt: skip
        text = json.dumps(status)
        if text != self._written:
            path = Path(self.config.run_dir) / "camera.json"
            try:
                fresh = path.with_suffix(".new")
                fresh.write_text(text, encoding="utf-8")
                fresh.replace(path)
                self._written = text
            except OSError as error:
                sys.stderr.write(f"{path} cannot be written: {error}\n")

    def _snapshot(self) -> Iterable[Any]:
        return self.world.snapshot()

    def _now(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) + self._offset


def _named(config: Config) -> Iterable[targets.Target]:
    """Files to attach before anybody maps them: where only some are watched, the others shall not even trap."""
    yield from (targets.Target(path, (path,)) for path in config.libraries.split(":") if path)
    if not config.only:
        yield from targets.well_known(os.environ.get("PATH", os.defpath))


def _ours(pid: int, daemon: frozenset[int]) -> bool:
    while pid > 0:
        if pid in daemon:
            return True
        found = procfs.stat(pid)
        pid = found.parent if found else 0
    return False


def _confine(parent: int) -> Callable[[], None]:
    def confine() -> None:
        drop.become_nobody()
        drop.end_with_parent(parent)

    return confine


def _load(config: Config) -> tuple[Objects, loaders.Choice]:
    if os.geteuid() != 0:
        raise CaptureUnavailable(detail="only root may load BPF programs: run `sudo hexr-autoinst start`")
    choice = loaders.chosen(config.loader)
    if choice.fallen_back and not choice.obstacle:
        _say(
            {"event": "warning", "why": f"{choice.why}: the loader bcc compiles for it, which takes a while"}
        )
    return loaders.load(choice, loaders.objects_folder(), loaders.sources_folder(), config), choice


def _say(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run until told to end, or until the supervisor has."""
    try:
        config = Config.from_json(os.environ["HEXR_CONFIG_JSON"])
        session = Session(**json.loads(os.environ["HEXR_SESSION_JSON"]))
        objects, choice = _load(config)
        camera = Camera(config, session, objects, _say, choice)
    except HexrError as error:
        _say({"event": "unavailable", "why": str(error.facts.get("detail") or error.message)})
        return error.exit_code
    return _run(camera)


def _run(camera: Camera) -> int:
    lifeline = int(os.environ.get("HEXR_LIFELINE_FD", "-1"))
    stop, stopped = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(stopped, b"."))
    ends = (stop,) if lifeline < 0 else (stop, lifeline)
    try:
        drop.reduce(CAPABILITIES if camera.objects.multi else (*CAPABILITIES, EVENTS))
        # Our own processes are never watched: the supervisor and all that it starts.
        camera.start((os.getpid(),) if lifeline < 0 else (os.getppid(),))
        camera.say(
            {"event": "ready", "attached": len(camera.attachments.attached), "processes": len(camera.world)}
        )
        while not camera.turn(ends):
            pass
    except HexrError as error:
        camera.say({"event": "unavailable", "why": str(error.facts.get("detail") or error.message)})
        return error.exit_code
    finally:
        camera.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
