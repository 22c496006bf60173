"""How soon it watches: from the daemon's exec until all probes are attached, and from a new library's mapping until its own are.

  sudo .venv/bin/python benchmarks/attach.py            needs an installation (make install); --write: docs/performance.md

Each copy of libssl is a file of its own, thus new to the daemon. What is measured ends when `start` prints that the library is
attached, which is a little later. Beside each stands `python -c "import ssl"` of the same run: how fast this machine is.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

import page
from client import COMMAND, PREFIX, Rig

MAPPER = "import ctypes, sys, time\nprint(time.monotonic_ns(), flush=True)\nctypes.CDLL(sys.argv[1])\nsys.stdin.read()\n"


def environment(rig, named):
    return {
        **os.environ,
        "HEXR_RUN_DIR": str(rig.folder / "run"), "HEXR_STATE_DIR": str(rig.folder / "state"), "HEXR_PREFIX": str(PREFIX),
        "HEXR_PAGE_PORT": "0", "HEXR_PROXY_PORT": "0", "HEXR_METRICS_PORT": "0", "HEXR_LIBRARIES": str(named),
    }  # fmt: skip


def started(rig, named, *doors):
    """The daemon, and how long it took until it said that it is ready: `named` is attached, and with the proxy its worker is up."""
    began = time.monotonic_ns()
    daemon = subprocess.Popen(
        [COMMAND, "start", "--only", f"cgroup:/{rig.group.name}", *doors],
        env=environment(rig, named), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    said = ""
    for line in daemon.stdout:
        said += line
        if "ready in" in line:
            took = time.monotonic_ns() - began
            if str(named) not in said:
                break
            return daemon, took
    raise SystemExit(f"the daemon did not come up, or attached nothing:\n{said}")


def ended(daemon):
    daemon.terminate()
    daemon.communicate()


def mapped(rig, daemon, number):
    """From just before a process of the group maps a library of its own until that is attached, ns."""
    copy = shutil.copy(rig.folder / "plain" / "libssl.so.3", rig.folder / f"libssl-{number}.so.3")
    with subprocess.Popen(
        [sys.executable, "-c", MAPPER, copy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: (rig.group / "cgroup.procs").write_text("0"),
    ) as process:  # fmt: skip
        began = int(process.stdout.readline())
        while str(copy) not in daemon.stdout.readline():
            pass
        took = time.monotonic_ns() - began
        process.stdin.close()
    return took


def yardstick():
    began = time.monotonic_ns()
    subprocess.run([sys.executable, "-c", "import ssl"], check=True)
    return time.monotonic_ns() - began


def row(title, times, plain, budget):
    middle, worst = statistics.median(times) / 1e6, max(times) / 1e6
    held = "held" if middle <= budget else "NOT HELD"
    return f"| {title} | {middle:.0f} | {worst:.0f} | {middle / plain:.1f}× | {budget}, {held} |"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--libraries", type=int, default=10, help="new libraries for each start")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    rig = Rig(sys.executable)
    attached, ready, new, plain = [], [], [], []
    try:
        for start in range(args.starts):
            named = rig.folder / "probed" / "libssl.so.3"
            daemon, took = started(rig, named, "--door", "ebpf")
            attached.append(took)
            ended(daemon)
            daemon, took = started(rig, named)
            ready.append(took)
            new += [mapped(rig, daemon, f"{start}-{n}") for n in range(args.libraries)]
            ended(daemon)
            plain.append(yardstick())
    finally:
        rig.close()
    base = statistics.median(plain) / 1e6
    lines = [
        '| what | median ms | worst ms | in times of `python -c "import ssl"` | budget ms |',
        "|---|---|---|---|---|",
        row(
            "the kernel plane alone: from exec until it says that its probes are attached",
            attached,
            base,
            1500,
        ),
        row(
            "both planes: from exec until it says that it is ready, the proxy's worker too", ready, base, 3000
        ),
        row("from a new library's mapping until its probes are attached", new, base, 300),
    ]
    print("\n".join(lines))
    if args.write:
        page.write("attach", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
