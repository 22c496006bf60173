"""The supervisor: starts, watches and restarts the others, and says how all are. Root, one thread, no plane.

Standard library only. Whatever parses bytes of the network or of other processes is a child with
less privilege; this process reads fixed-size questions, its children's event lines, and /proc.
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from hexr_autoinst import __version__, children, ground, live, netlink, notify
from hexr_autoinst.cast import KILL_S, PLANES, STOP_ORDER, prefix, roles, witness, worker_python
from hexr_autoinst.children import Child
from hexr_autoinst.config import Config, load
from hexr_autoinst.doors import Doors
from hexr_autoinst.errors import CaptureUnavailable, HexrError, NotRoot
from hexr_autoinst.owner import Desk

# Every child says when it is ready, on a slow machine after a minute of imports. One that never does must not keep the
# others from being told as up: it is taken as ready.
SETTLED_S: Final = 120.0
# Exit codes that no restart can mend: usage, unavailable, no permission, configuration, state folder.
_FINAL: Final = (64, 69, 73, 77, 78)
# A child that was never ready and has ended so often will not be.
_HOPELESS: Final = 4


class Supervisor:
    """Everything that one run holds."""

    def __init__(self, config: Config, printer: live.Printer) -> None:
        """Nothing is opened before `run`."""
        self.config, self.printer = config, printer
        self.run_dir = Path(config.run_dir)
        self.children: dict[str, Child] = {}
        self.stopping = self.ready = False
        self.off: dict[str, str] = {}
        self.page = ""
        self.proxy_port: int | None = None
        self._fatal: tuple[str, int] | None = None
        self._attached: list[dict[str, Any]] = []
        self._began, self._unix = time.monotonic(), time.time_ns()
        self._selector = selectors.DefaultSelector()
        self._doors = Doors(self.run_dir, self._selector)
        self.desk = Desk(config.only, config.not_, ours=self._ours, name=self._doors.callers())
        self._notify = notify.Rhythm(notify.notifier(os.environ))

    def run(self) -> int:
        """From nothing to nothing: 0 after a stop that was asked for."""
        held = ground.lock(self.run_dir)
        try:
            self._prepare()
            self._enough()
            for child in self.children.values():
                self._notify.beat(time.monotonic(), starting=True)
                self._spawn(child)
            self._loop(lambda: self.stopping)
        finally:
            self._stop()
            os.close(held)
        if self._fatal:
            sys.stderr.write(f"hexr-autoinst: {self._fatal[0]}\n")
            return self._fatal[1]
        return 0

    def stop(self) -> None:
        """End at the next turn of the loop."""
        self.stopping = True

    def _prepare(self) -> None:
        ground.lay(self.config)
        session = ground.session(Path(self.config.state_dir))
        self._lifeline = os.pipe()  # its writing end is ours alone: the children see it close
        self._signals()
        gid = ground.group(ground.PROXY)
        self._doors.control(self.status, self.stop)
        self._doors.owner(self.desk, gid)
        netlink.rouse()
        facts, proxy = self._doors.facts(gid), self._proxy()
        # The port that was found, not the one that was asked for: twins are told apart by it.
        told = replace(self.config, proxy_port=self.proxy_port or self.config.proxy_port)
        self._env = {
            "HEXR_CONFIG_JSON": told.to_json(),
            "HEXR_SESSION_JSON": ground.session_json(session),
            "HEXR_PREFIX": str(prefix()),
        }
        worker = worker_python(os.environ.get("HEXR_PROXY_PYTHON", ""))
        self.children = {r.name: Child(r) for r in roles(self.config, facts, proxy, worker)}
        self._tell()

    def _tell(self) -> None:
        """What those who cannot ask us read: the teller may not open the control socket."""
        about = {"pid": os.getpid(), "proxy_port": self.proxy_port, "state_dir": self.config.state_dir}
        restarts = {name: child.restarts for name, child in self.children.items()}
        ground.write_json(self.run_dir / "supervisor.json", {**about, "restarts": restarts})

    def _signals(self) -> None:
        # The wake-up descriptor turns a signal into an event of the loop (signal.set_wakeup_fd).
        reader, writer = socket.socketpair()
        for end in (reader, writer):
            end.setblocking(False)
            self._doors.keep(end)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop())
        self._selector.register(reader, selectors.EVENT_READ, partial(reader.recv, 64))

    def _proxy(self) -> socket.socket | None:
        if self.config.door == "ebpf":
            self.off["proxy"] = "turned off"
            return None
        worker = worker_python(os.environ.get("HEXR_PROXY_PYTHON", ""))
        if not worker.exists():
            self.off["proxy"] = f"its environment {worker.parent.parent} is missing: run `sudo make install`"
            return None
        listener = ground.proxy_listener(self.config.proxy_port)
        self._doors.keep(listener)
        self.proxy_port = listener.getsockname()[1]
        return listener

    def _loop(self, until: Callable[[], bool], seconds: float = float("inf")) -> None:
        deadline = time.monotonic() + seconds
        while not until() and (now := time.monotonic()) < deadline:
            for key, _ in self._selector.select(max(0.0, min(self._next(), deadline - now))):
                # An earlier callback of this turn may have closed what this key stood for.
                if key.fd in self._selector.get_map():
                    key.data()
            self._tend()

    def _next(self) -> float:
        """Seconds until something is due."""
        now = time.monotonic()
        due = [c.due - now for c in self.children.values() if c.state == "waiting"]
        return min([*due, self._notify.next(now), 1.0 if self.ready else 0.2])

    def _tend(self) -> None:
        now = time.monotonic()
        self._notify.beat(now, starting=not (self.ready or self.stopping))
        if self.stopping:
            return
        for child in self.children.values():
            if child.state == "starting" and now - child.began > SETTLED_S:
                children.settle(child)
            if child.state == "waiting" and now >= child.due:
                child.restarts += 1
                with contextlib.suppress(OSError):  # a full disk: the next restart tells of this one too
                    self._tell()
                self._spawn(child)
        if not self.ready and all(c.state in ("ready", "unavailable") for c in self.children.values()):
            self._now_ready()

    def _now_ready(self) -> None:
        self.ready = True
        for line in live.introduction(self.status(), self._attached, self.printer.color):
            self.printer.say(line)
        self._attached = []
        self._notify.say("READY=1", f"STATUS=watching; page {self.page or 'not up'}")

    def _spawn(self, child: Child) -> None:
        env = children.environment(child.role, os.environ, self._env)
        children.spawn(child, env, self._lifeline[0])
        self._selector.register(child.pidfd, selectors.EVENT_READ, partial(self._ended, child))
        for stream, pipe in child.pipes.items():
            self._selector.register(pipe, selectors.EVENT_READ, partial(self._read, child, stream))

    def _read(self, child: Child, stream: str) -> bool:
        """Whether there may be more."""
        found = children.lines(child, stream)
        if found is None:
            self._selector.unregister(child.pipes[stream])
            return False
        for text in found:
            if stream == "err":
                child.last_words = text[-400:] if text.strip() else child.last_words
            elif event := children.event(child, text):
                self._event(child, event)
        return bool(found)

    def _event(self, child: Child, event: dict[str, Any]) -> None:
        match event["event"]:
            case "ready":
                children.settle(child)
                self.page = str(event.get("url") or self.page)
            case "unavailable":
                child.state, child.why = "unavailable", live.plain(event.get("why") or "it did not say why")
            case "attached" if not self.ready:
                self._attached.append(event)  # told with the introduction
            case _:
                if line := live.line(event, self.printer.color):
                    self.printer.say(line)

    def _ended(self, child: Child) -> None:
        for stream, pipe in child.pipes.items():
            while pipe.fileno() in self._selector.get_map() and self._read(child, stream):
                pass
            if pipe.fileno() in self._selector.get_map():
                self._selector.unregister(pipe)
        self._selector.unregister(child.pidfd)
        code = children.ended(child, time.monotonic())
        if not self.stopping:
            self._mourn(child, code)

    def _mourn(self, child: Child, code: int) -> None:
        words = live.plain(child.last_words.removeprefix("hexr-autoinst: "))
        name, first = child.role.name, child.restarts == 0
        hopeless = not child.was_ready and child.restarts >= _HOPELESS
        if child.state != "unavailable" and (hopeless or (code in _FINAL and first)):
            child.state, child.why = "unavailable", words or f"exit code {code}"
        if child.state != "unavailable":
            if child.restarts <= _HOPELESS or child.restarts % 100 == 0:
                self.printer.say(live.died(name, code, words, self.printer.color))
        elif name in PLANES:
            self.off[PLANES[name]] = child.why
            self._enough()
            if name == "camera" and not self.stopping:
                stand_in = Child(witness())
                self.children[stand_in.role.name] = stand_in
                self._spawn(stand_in)
        elif name == "teller":
            self._fail(child.why, code if code in _FINAL else HexrError.exit_code)
        if child.state == "unavailable" and (self.ready or name == "page"):
            self.printer.say(live.warning(f"{name}: {child.why}", self.printer.color))

    def _enough(self) -> None:
        """Nothing that captures is left: a daemon that stays alive doing nothing would be a lie."""
        if not any(n in PLANES and c.state != "unavailable" for n, c in self.children.items()):
            whys = "; ".join(f"{name}: {why}" for name, why in sorted(self.off.items()))
            self._fail(CaptureUnavailable(detail=whys).message, CaptureUnavailable.exit_code)

    def _fail(self, sentence: str, code: int) -> None:
        self._fatal = self._fatal or (sentence, code)
        self.stop()

    def _ours(self) -> frozenset[int]:
        return frozenset({os.getpid(), *(c.pid for c in self.children.values() if c.pid)})

    def status(self) -> dict[str, Any]:
        """All that `hexr-autoinst status` asks for."""
        now, desk = time.monotonic(), self.desk
        planes = {p: children.stands(self.children.get(n), self.off.get(p, "")) for n, p in PLANES.items()}
        return {
            "pid": os.getpid(),
            "version": __version__,
            "started_unix_ns": self._unix,
            "uptime_s": round(now - self._began, 1),
            "state": "stopping" if self.stopping else "ready" if self.ready else "starting",
            "only": [str(r) for r in self.config.only],
            "not": [str(r) for r in self.config.not_],
            "planes": planes,
            "children": [c.status(now) for c in self.children.values()],
            "page": self.page or ground.page_url(self.run_dir),
            "proxy_port": self.proxy_port,
            "run_dir": self.config.run_dir,
            "state_dir": self.config.state_dir,
            "owner": {"asked": desk.asked, "unknown": desk.unknown, "refused": desk.refused},
            "garbled": sum(c.garbled for c in self.children.values()),
            "lines_dropped": self.printer.dropped,
        }

    def _stop(self) -> None:
        self.stopping = True
        self._notify.say("STOPPING=1")
        for names, seconds in STOP_ORDER:
            some = [c for n, c in self.children.items() if n in names]
            for number, budget in ((signal.SIGTERM, seconds), (signal.SIGKILL, KILL_S)):
                for child in (c for c in some if c.process):
                    children.terminate(child, number)
                    if number == signal.SIGKILL:
                        self.printer.say(live.stuck(child.role.name, seconds, self.printer.color))
                self._loop(lambda some=some: not any(c.process for c in some), budget)  # type: ignore[misc]
        self._doors.close()
        for name in (*ground.STATUS_FILES, "supervisor.json", "supervisor.pid"):
            (self.run_dir / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a guest left something there: it is not ours to remove
            self.run_dir.rmdir()


def main(config: Config) -> int:
    """Run until told to stop; the exit code of `hexr-autoinst start`."""
    if os.geteuid() != 0:
        raise NotRoot(verb="start")
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Supervisor(config, live.Printer(sys.stdout.fileno(), color=color)).run()


if __name__ == "__main__":
    try:
        raise SystemExit(main(load()))
    except HexrError as error:
        sys.stderr.write(f"hexr-autoinst: {error.message}\n")
        raise SystemExit(error.exit_code) from None
