"""A control group of one's own: what is started through it is what a daemon or a plane may see, and all that ends with it."""

import contextlib
import itertools
import os
import signal
import subprocess
import time
from pathlib import Path

_COUNT = itertools.count()


def cgroup_root():
    """Where cgroup2 is mounted; None where it is not."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    return None


def why_not():
    """What keeps the kernel plane from running here; "" if nothing does."""
    if os.geteuid() != 0:
        return "needs root"
    if not Path("/sys/kernel/btf/vmlinux").exists():
        return "the kernel has no BTF"
    return "" if cgroup_root() else "no cgroup2 is mounted"


class Group:
    """A fresh group below the root."""

    def __init__(self):
        self.name = f"hexr-test-{os.getpid()}-{next(_COUNT)}"
        self.path = cgroup_root() / self.name
        self.path.mkdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text("0")

    def popen(self, args, **more):
        return subprocess.Popen(args, preexec_fn=self.enter, **more)

    def run(self, args, **more):
        return subprocess.run(args, preexec_fn=self.enter, check=False, **{"timeout": 60, **more})

    def close(self):
        """Whoever is left in it is killed; a group that is still being left is tried again."""
        for pid in (self.path / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        for _ in range(100):
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return
            time.sleep(0.03)
