import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hexr_autoinst import drop

root = pytest.mark.skipif(os.geteuid() != 0, reason="gives up privilege, so it needs some: run as root")

SAY = """
import json
status = dict(l.split(":\\t", 1) for l in open("/proc/self/status").read().splitlines() if ":\\t" in l)
print(json.dumps({k: status[k] for k in ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapBnd", "CapAmb", "NoNewPrivs")}))
"""


def child(code, *more):
    done = subprocess.run(
        [sys.executable, "-c", code, *more], capture_output=True, text=True, check=True, timeout=30
    )
    return json.loads(done.stdout)


def bits(*names):
    return sum(1 << drop.CAPABILITIES[n] for n in names)


@root
def test_a_reduced_process_stays_root_and_holds_only_what_it_kept():
    said = child(
        f"import json\nfrom hexr_autoinst import drop\ndrop.reduce(['BPF', 'SYS_PTRACE', 'KILL'])\n{SAY}"
    )

    assert (said["Uid"].split()[1], said["NoNewPrivs"]) == ("0", "1")
    assert {int(said[k], 16) for k in ("CapEff", "CapPrm", "CapBnd")} == {bits("BPF", "SYS_PTRACE", "KILL")}


@root
def test_a_program_started_by_a_reduced_root_gets_no_capability_back():
    code = "import os,sys\nfrom hexr_autoinst import drop\ndrop.reduce(['KILL'])\nos.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])"
    said = child(code, SAY)

    assert int(said["CapEff"], 16) == bits("KILL")


@root
def test_who_becomes_another_user_holds_nothing_and_cannot_return():
    code = f"""
import json, os
from hexr_autoinst import drop
drop.become("daemon")
try:
    os.setuid(0)
except PermissionError:
    pass
{SAY}"""
    said = child(code)

    assert said["Uid"].split() == ["1", "1", "1", "1"]
    assert {int(said[k], 16) for k in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert "0" not in said["Groups"].split()


@root
def test_who_becomes_another_user_may_keep_one_capability():
    said = child(f"import json\nfrom hexr_autoinst import drop\ndrop.become('daemon', ['PERFMON'])\n{SAY}")

    assert (int(said["CapEff"], 16), said["Uid"].split()[0]) == (bits("PERFMON"), "1")


@root
def test_nobody_has_no_group_and_no_capability():
    said = child(f"import json\nfrom hexr_autoinst import drop\ndrop.become_nobody()\n{SAY}")

    assert (said["Uid"].split()[0], said["Groups"].strip(), int(said["CapBnd"], 16)) == ("65534", "", 0)


@root
def test_an_unknown_user_is_an_error_and_privilege_stays_for_the_caller_to_end():
    with pytest.raises(drop.PrivilegeKept, match="no user hexr-nobody-has-this-name"):
        drop.become("hexr-nobody-has-this-name")


def test_held_names_what_the_kernel_says():
    number = int(
        next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("CapEff")).split()[
            1
        ],
        16,
    )
    known = {name for name, bit in drop.CAPABILITIES.items() if number >> bit & 1}

    assert known <= drop.held()
    assert len(drop.held()) == number.bit_count()


@root
def test_a_child_that_changed_its_user_still_dies_with_its_parent():
    grandchild = "import os,sys,time\nfrom hexr_autoinst import drop\ndrop.become('daemon', parent=int(sys.argv[1]))\nprint(os.getpid(), flush=True)\ntime.sleep(60)"
    parent = (
        f"import os,subprocess,sys\nsubprocess.run([sys.executable, '-c', {grandchild!r}, str(os.getpid())])"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()

    assert gone(pid)


@root
def test_a_child_whose_parent_died_first_ends_at_once():
    done = subprocess.run(
        [sys.executable, "-c", "from hexr_autoinst import drop\ndrop.end_with_parent(1 << 22)\nprint('still here')"],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "")


def test_the_death_signal_is_one_that_cannot_be_ignored():
    code = "import ctypes,os\nfrom hexr_autoinst import drop\ndrop.end_with_parent(os.getppid())\nn=ctypes.c_int()\nctypes.CDLL(None).prctl(2, ctypes.byref(n))\nprint(n.value)"

    assert child(code) == signal.SIGKILL


def gone(pid):
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
