"""A control group of one's own: what is started through it is what a daemon or a plane may see, and all that ends with it."""

import contextlib
import itertools
import os
import signal
import subprocess
import time
from pathlib import Path

_COUNT = itertools.count()
# How many times slower than a real machine this one is (an emulator): what waits for a condition waits so much longer.
SLOW = float(os.environ.get("HEXR_TEST_SLOW", "1"))


class Patient(subprocess.Popen):
    """A process that is waited for as long as this machine needs."""

    def wait(self, timeout=None):
        return super().wait(timeout and timeout * SLOW)

    def communicate(self, input=None, timeout=None):  # noqa: A002 - the base class's name
        return super().communicate(input, timeout and timeout * SLOW)


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


def kernel_knows(name):
    """Whether this kernel has such a type, by its own description of itself."""
    described = Path("/sys/kernel/btf/vmlinux")
    return described.exists() and name.encode() in described.read_bytes()


# Why what is said in the clear on a socket cannot be read here; "" where it can.
NO_CLEAR = (
    "" if kernel_knows("btf_trace_sock_send_length") else "no kernel before 6.3 says what a socket carried"
)


class Group:
    """A fresh group below the root."""

    def __init__(self):
        self.name = f"hexr-test-{os.getpid()}-{next(_COUNT)}"
        self.path = cgroup_root() / self.name
        self.path.mkdir()

    def enter(self):
        (self.path / "cgroup.procs").write_text("0")

    def popen(self, args, **more):
        return Patient(args, preexec_fn=self.enter, **more)

    def run(self, args, **more):
        return subprocess.run(
            args, preexec_fn=self.enter, check=False, **{**more, "timeout": more.get("timeout", 60) * SLOW}
        )

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
