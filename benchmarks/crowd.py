"""What two hundred processes that are no agents pay while others are watched: each writes and reads 64 bytes on loopback 100 times a second.

  sudo .venv/bin/python benchmarks/crowd.py                needs `make bpf`; --write: docs/performance.md

Blocks of two seconds with nothing of it attached, with sockets watched, with pipes watched too, and with nothing again; each is compared with
the mean of the two around it. Figures are processor time of all of them together, from their control group; `added` is the median ± its
95 % interval. What else the machine does is in the figures as noise: run it on a quiet one.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cleartext
import page

WORKER = r"""
import socket, time
listener = socket.create_server(("127.0.0.1", 0))
near = socket.create_connection(listener.getsockname()); far, _ = listener.accept()
near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
due = time.monotonic()
while True:
    due = max(due + 0.01, time.monotonic() - 1)
    time.sleep(max(0, due - time.monotonic()))
    near.send(b"\x10" * 64); far.recv(64)
"""


class Crowd:
    """Processes in a control group of their own, outside of what is watched."""

    def __init__(self, count):
        self.group = cleartext.cgroup_root() / f"hexr-crowd-{os.getpid()}"
        self.group.mkdir()

        def enter():
            (self.group / "cgroup.procs").write_text("0")

        argv = [sys.executable, "-c", WORKER]
        self.workers = [subprocess.Popen(argv, preexec_fn=enter) for _ in range(count)]

    def spent(self, seconds):
        """Processors that all of them together take, over that time."""
        before, began = self._used(), time.monotonic()
        time.sleep(seconds)
        return (self._used() - before) / (time.monotonic() - began)

    def _used(self):
        lines = (line.split() for line in (self.group / "cpu.stat").read_text().splitlines())
        return int(dict(lines)["usage_usec"]) / 1e6

    def close(self):
        for one in self.workers:
            one.kill()
        for one in self.workers:
            one.wait()
        self.group.rmdir()


def measured(rig, crowd, rounds, seconds):
    """Processors with nothing, and what is added by sockets and by pipes too."""
    plain, sockets, pipes = [], [], []
    for number in range(rounds):
        before = crowd.spent(seconds)
        rig.sockets(on=True)
        one = crowd.spent(seconds)
        rig.objects.clear.watch_pipes(on=True)
        two = crowd.spent(seconds)
        rig.objects.clear.watch_pipes(on=False)
        rig.sockets(on=False)
        around = (before + crowd.spent(seconds)) / 2
        plain.append(around)
        sockets.append(one - around)
        pipes.append(two - around)
        print(f"{number + 1}: {around:.3f} {one - around:+.4f} {two - around:+.4f}", flush=True)
    return statistics.median(plain), cleartext.spread(sockets), cleartext.spread(pipes)


def table(count, rounds, found):
    plain, *added = found
    cells = [f"{1e3 * a:+.1f} ± {1e3 * s:.1f} ({100 * a / plain:+.1f} %)" for a, s in added]
    return [
        "| processes, 100 loopback writes a second each | thousandths of a processor | sockets watched | pipes too |",
        "|---|---|---|---|",
        f"| {count} | {1e3 * plain:.0f} | " + " | ".join(cells) + " |",
        "",
        f"{rounds} rounds.",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    rig, crowd = cleartext.Rig(), Crowd(args.processes)
    try:
        crowd.spent(3.0)
        lines = table(args.processes, args.rounds, measured(rig, crowd, args.rounds, args.seconds))
    finally:
        crowd.close()
        rig.close()
    print("\n".join(lines))
    if args.write:
        page.write("crowd", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
