"""What a process pays while sockets and pipes are read: one that is watched, and one that is not while another is.

  sudo .venv/bin/python benchmarks/cleartext.py            needs `make bpf`; --write: docs/performance.md

The kernel's side alone, loaded and attached in this process; nobody reads what it tells while a block runs. A worker does one kind of work
in short blocks: with nothing of it attached, with sockets watched, with pipes watched too, and with nothing again. Each block is
compared with the mean of the two around it; `added` is the median of those differences ± its 95 % interval (order statistics). One
thread plays both ends of a turn, so that no other processor's wake-up is in the figure. Figures are processor time of the worker.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import page  # noqa: E402
from hexr_autoinst.capture.ebpf import filter as rules  # noqa: E402
from hexr_autoinst.capture.ebpf.loader import Objects  # noqa: E402
from hexr_autoinst.capture.ebpf.ring import Ring  # noqa: E402
from hexr_autoinst.config import Rule  # noqa: E402

WORKER = r"""
import http.client, os, socket, sys, tempfile, time
how, port = sys.argv[1], int(sys.argv[2])
big, small = b"\x10" * 65536, b"\x10" * 64
if how.startswith("pipe"):
    reads, writes = os.pipe()
elif how == "tcp":
    listener = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(listener.getsockname()); far, _ = listener.accept()
    near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    writes, reads = near.fileno(), far.fileno()
elif how == "unix":
    near, far = socket.socketpair()
    writes, reads = near.fileno(), far.fileno()
elif how == "file":
    file = tempfile.TemporaryFile(); file.write(big); file.flush()
elif how.startswith("http"):
    conn, length = http.client.HTTPConnection("127.0.0.1", port), int(how.split()[1]) * 1024
data = big if how == "pipe 64" else small
def turn():
    if how == "call":
        os.getppid()
    elif how == "file":
        os.pread(file.fileno(), 4096, 0)
    elif how.startswith("http"):
        conn.request("GET", "/" + str(length)); conn.getresponse().read()
    else:
        os.write(writes, data); os.read(reads, 65536)
for line in sys.stdin:
    count = int(line)
    before = time.process_time_ns()
    for _ in range(count):
        turn()
    print((time.process_time_ns() - before) / count, flush=True)
"""

SERVER = r"""
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def serve(conn):
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while got := conn.recv(65536):
        length = int(got.split()[1][1:])
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + b"y" * length)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""

READING, PLAIN = ("says", "hears"), ("sends", "receives")

# What it is called, the worker's word for it, turns of a block.
WORK = (
    ("an HTTP exchange of 2 KiB", "http 2", 60),
    ("an HTTP exchange of 100 KiB", "http 100", 40),
    ("64 bytes there over TCP, nothing we read", "tcp", 1000),
    ("64 bytes there over a unix socket, nothing we read", "unix", 2000),
    ("64 bytes through a pipe of its own", "pipe", 4000),
    ("64 KiB through a pipe of its own", "pipe 64", 300),
    ("4 KiB of a file", "file", 4000),
    ("a system call that does nothing", "call", 20000),
)


def cgroup_root():
    lines = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return Path(next(place for _, place, kind, *_ in lines if kind == "cgroup2"))


class Rig:
    def __init__(self):
        self.group = cgroup_root() / f"hexr-bench-{os.getpid()}"
        self.group.mkdir()
        self.folder = Path(tempfile.mkdtemp(prefix="hexr-bench-"))
        self.objects = Objects.load(
            ROOT / "build" / "bpf", SimpleNamespace(ring_mb=32, bpf_stats=False, cleartext=True)
        )
        self.rings = Ring(*self.objects.data_ring), Ring(*self.objects.control_ring)
        rules.install(self.objects, [Rule("cgroup", f"/{self.group.name}")], [], cgroup_root())
        self.sockets(on=False)
        self.server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
        self.port = self.server.stdout.readline().strip()

    def sockets(self, *, on):
        """Attach what reads sockets, or what is there without it: one stands in the other's place."""
        for new, old in zip(*((READING, PLAIN) if on else (PLAIN, READING)), strict=True):
            self.objects.trace(self.objects.programs[new])
            self.objects.untrace(old)

    def worker(self, how, *, watched):
        def enter():
            if watched:
                (self.group / "cgroup.procs").write_text("0")

        argv = [sys.executable, "-c", WORKER, how, self.port]
        return subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=enter
        )

    def drain(self):
        for ring in self.rings:
            for _ in ring.read():
                pass

    def close(self):
        self.server.kill()
        self.server.wait()
        for ring in self.rings:
            ring.close()
        self.objects.close()
        shutil.rmtree(self.folder)
        for _ in range(50):
            try:
                self.group.rmdir()
                return
            except OSError:
                time.sleep(0.1)


def block(worker, turns):
    worker.stdin.write(f"{turns}\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def measured(rig, how, turns, rounds, *, watched):
    """Nanoseconds of a turn with nothing, and what is added by sockets and by pipes too."""
    worker = rig.worker(how, watched=watched)
    block(worker, turns)
    plain, sockets, pipes = [], [], []
    for _ in range(rounds):
        before = block(worker, turns)
        rig.sockets(on=True)
        one = block(worker, turns)
        rig.drain()
        rig.objects.clear.watch_pipes(on=True)
        two = block(worker, turns)
        rig.objects.clear.watch_pipes(on=False)
        rig.sockets(on=False)
        rig.drain()
        around = (before + block(worker, turns)) / 2
        plain.append(around)
        sockets.append(one - around)
        pipes.append(two - around)
    worker.stdin.close()
    worker.wait()
    return statistics.median(plain), spread(sockets), spread(pipes)


def spread(values):
    """The median and the greater distance to the ends of its 95 % interval."""
    values, n = sorted(values), len(values)
    low = max(0, int(n / 2 - 0.98 * n**0.5))
    middle = statistics.median(values)
    return middle, max(middle - values[low], values[n - 1 - low] - middle)


def row(who, what, found):
    plain, *added = found
    cells = [f"{a / 1e3:+.2f} ± {s / 1e3:.2f} ({100 * a / plain:+.1f} %)" for a, s in added]
    return f"| {who} | {what} | {plain / 1e3:.2f} | " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    rig = Rig()
    lines = [
        "| process | a turn | plain µs | sockets watched | pipes too |",
        "|---|---|---|---|---|",
    ]
    calls = {}
    try:
        for who, watched in (("not watched", False), ("watched", True)):
            for what, how, turns in WORK:
                found = measured(rig, how, turns, args.rounds, watched=watched)
                calls[who, how] = found
                lines.append(row(who, what, found))
                print(lines[-1], flush=True)
    finally:
        rig.close()
    lines += ["", summed(calls, args.rounds)]
    print(lines[-1])
    if args.write:
        page.write("cleartext", "\n".join(lines))
    return 0


def summed(calls, rounds):
    call = calls["not watched", "call"][2][0]
    return (
        f"{rounds} rounds. While a pipe is watched every system call of the host takes {call:.0f} ns more: a hundredth of a processor for a "
        f"process that makes {1e7 / max(call, 1):,.0f} of them a second. The budget for who is not watched is 1 % of a turn's processor "
        f"time. Beyond it with certainty: while sockets are watched {beyond(calls, 1)}; while pipes are too, {beyond(calls, 2)}."
    )


def beyond(calls, column):
    """The turns of who is not watched whose whole interval is above the budget."""
    found = []
    for what, how, _ in WORK:
        plain, added, spread_ = (calls["not watched", how][0], *calls["not watched", how][column])
        if added - spread_ > plain / 100:
            found.append(what)
    return "; ".join(found) or "none"


if __name__ == "__main__":
    sys.exit(main())
