"""The teller as a process: user hexr, no capability; all hostile bytes are parsed here. Builds the parts and ends when told.

`python -m hexr_autoinst.teller`, with HEXR_CONFIG_JSON and HEXR_SESSION_JSON in the environment.
"""

import gc
import os
import pwd
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hexr_autoinst import ground
from hexr_autoinst.config import Config, Session
from hexr_autoinst.errors import HexrError, WireError
from hexr_autoinst.intake import Decode, Intake, Policy, Ring
from hexr_autoinst.model.facts import Fact
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.telling import Teller, Voice


def boot_clock(session: Session) -> Callable[[], int]:
    """Unix ns that no NTP step bends: the boot clock and the session's offset."""
    offset, clock = session.clock_offset, time.CLOCK_BOOTTIME
    return lambda: time.clock_gettime_ns(clock) + offset


def policy() -> Policy:
    """Root, ourselves (a test's teller runs as the tester), and the proxy's user if there is one."""
    try:
        tap = frozenset({pwd.getpwnam(ground.PROXY).pw_uid})
    except KeyError:
        tap = frozenset()
    return Policy(frozenset({0, os.geteuid()}), tap)


def listener(run_dir: Path) -> socket.socket:
    """The supervisor's facts socket, which outlives us; our own where there is no supervisor."""
    if fd := os.environ.get("HEXR_FACTS_FD", ""):
        return socket.socket(fileno=int(fd))
    path = run_dir / "facts.sock"
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(str(path))
    path.chmod(0o660)
    made.listen(16)
    return made


def open_ring(session: Session) -> Callable[[int, int], tuple[Ring, Decode]]:
    """How the kernel's ring is read; loaded when a camera brings one."""

    def opened(fd: int, size: int) -> tuple[Ring, Decode]:
        from hexr_autoinst.capture.ebpf.decode import Decoder
        from hexr_autoinst.capture.ebpf.ring import Ring as KernelRing

        decoder = Decoder(session.clock_offset)

        def decode(record: bytes) -> Fact | None:
            bad, fact = decoder.bad, decoder.decode(record)
            if decoder.bad > bad:
                raise WireError(detail="a damaged record")
            return fact

        return KernelRing(fd, size), decode

    return opened


def build(config: Config, session: Session, voice: Voice) -> tuple[Teller, Intake]:
    """Everything of one run."""
    from hexr_autoinst.export.sinks import build as build_sinks
    from hexr_autoinst.settings import settings

    run_dir, now = Path(config.run_dir), boot_clock(session)
    teller = Teller(Pipeline(settings(config, session)), build_sinks(config, session), voice, now, run_dir)
    intake = Intake(listener(run_dir), policy(), session, teller.merge.push, open_ring(session))
    return teller, intake


def main() -> int:
    """`python -m hexr_autoinst.teller`."""
    config = Config.from_json(os.environ["HEXR_CONFIG_JSON"])
    session = ground.session_from(os.environ["HEXR_SESSION_JSON"])
    voice = Voice(sys.stdout.fileno())
    try:
        teller, intake = build(config, session, voice)
    except HexrError as error:
        voice.say(event="unavailable", why=error.message)
        return error.exit_code
    _end_when_told(teller, intake)
    gc.collect()
    gc.freeze()  # what start-up made lives as long as we do
    voice.say(event="ready")
    teller.run(intake)
    return 0


def _end_when_told(teller: Teller, intake: Intake) -> None:
    def stop(*_: object) -> None:
        teller.stopping = True

    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    intake.also(reader.detach(), lambda: None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if fd := os.environ.get("HEXR_LIFELINE_FD", ""):
        intake.also(int(fd), stop)


if __name__ == "__main__":
    raise SystemExit(main())
