"""Births, programs, mappings and ends of watched processes, and nobody else's."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf.filter import identity
from hexr_autoinst.config import Rule
from hexr_autoinst.model.facts import Exited


def ticks(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])


def test_key_is_what_proc_says(plane, cage):
    seen = plane()
    child = cage.spawn(["sleep", "30"])
    assert seen.until(lambda: any(x.kind == "exec" and x.name == "sleep" for x in seen.looks))

    (look,) = [x for x in seen.looks if x.kind == "exec"]
    assert look.key == (child.pid, ticks(child.pid))
    assert look.parent == (os.getpid(), ticks(os.getpid()))
    stat = Path(f"/proc/{child.pid}/exe").stat()
    assert look.inode == stat.st_ino
    assert look.device == stat.st_dev


@pytest.mark.parametrize(
    ("end", "code", "number"), [("exit 7", 7, None), ("kill -TERM $$", None, signal.SIGTERM)]
)
def test_an_end_says_how(plane, cage, end, code, number):
    seen = plane()
    child = cage.spawn(["sh", "-c", end])
    child.wait()

    assert seen.until(lambda: seen.of(Exited))
    (fact,) = seen.of(Exited)
    assert (fact.key.pid, fact.code, fact.signal) == (child.pid, code, number)


def test_processor_time_is_that_of_all_threads(plane, cage, python):
    burn = """
import threading, time
def work():
    end = time.thread_time() + 0.2
    while time.thread_time() < end: pass
threads = [threading.Thread(target=work) for _ in range(2)]
[t.start() for t in threads]; [t.join() for t in threads]
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""
    seen = plane()
    used = float(cage.spawn([python, "-c", burn]).communicate(timeout=20)[0])

    assert seen.until(lambda: seen.of(Exited))
    assert used >= 0.4
    assert seen.of(Exited)[0].cpu_ns == pytest.approx(used * 1e9, rel=0.15)


def test_an_exit_comes_once_however_many_threads_there_were(plane, cage, python):
    many = "import threading; [threading.Thread(target=print).start() for _ in range(23)]"
    seen = plane()
    cage.spawn([python, "-c", many]).communicate(timeout=20)

    assert seen.until(lambda: seen.of(Exited))
    time.sleep(0.1)
    assert len(seen.of(Exited)) == 1


def test_a_file_mapped_later_is_told_at_once_and_once(plane, cage, python, private_ssl):
    wait = "import sys; sys.stdin.readline(); import ssl; print('in', flush=True); sys.stdin.readline()"
    seen = plane()
    children = []
    for _ in range(2):
        child = cage.spawn([python, "-c", wait], env=private_ssl.env, stdin=subprocess.PIPE)
        children.append(child)
        assert not any(x.name == "libssl.so.3" for x in seen.looks)
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
        child.stdout.readline()

    assert seen.until(lambda: any(x.name == "libssl.so.3" for x in seen.looks), seconds=0.3)
    mapped = [x for x in seen.looks if x.name == "libssl.so.3"]
    assert [private_ssl.path.stat().st_ino] == [x.inode for x in mapped]
    assert mapped[0].key.pid in {c.pid for c in children}
    device, inode = identity(str(private_ssl.path))
    assert (os.major(mapped[0].device) << 20 | os.minor(mapped[0].device), mapped[0].inode) == (device, inode)


def test_children_follow_a_watched_process_out_of_its_cgroup(plane, cage):
    home = (
        Path("/sys/fs/cgroup/unified") if Path("/sys/fs/cgroup/unified").exists() else Path("/sys/fs/cgroup")
    )
    seen = plane()
    cage.spawn(["sh", "-c", f"sh -c 'echo $$ > {home}/cgroup.procs; exec true'; exit 0"]).wait()

    assert seen.until(lambda: len(seen.of(Exited)) == 2)
    assert len({f.key for f in seen.of(Exited)}) == 2


def test_a_running_process_that_is_moved_in_is_watched_from_then_on(plane, cage):
    seen = plane()
    child = cage.spawn(["sh", "-c", "read line; exit 5"], inside=False, stdin=subprocess.PIPE)
    time.sleep(0.1)
    assert seen.drain() == []
    (cage.path / "cgroup.procs").write_text(str(child.pid))

    child.communicate("\n", timeout=10)

    assert seen.until(lambda: seen.of(Exited))
    assert seen.of(Exited)[0].code == 5


def test_an_exe_rule_watches_that_program_and_its_children(plane, cage, tmp_path):
    shutil.copy("/bin/sh", tmp_path / "agent")
    seen = plane(only=[Rule("exe", f"{tmp_path}/agent")])

    subprocess.run(["sh", "-c", f"true; {tmp_path}/agent -c '/bin/true; exit 4'; exit 9"], check=False)

    assert seen.until(lambda: len(seen.of(Exited)) == 2)
    assert [f.code for f in seen.of(Exited)] == [0, 4]


def test_a_pid_rule_watches_that_process_and_its_children(plane, cage):
    child = subprocess.Popen(["sh", "-c", "read line; (exit 6); exit 8"], stdin=subprocess.PIPE, text=True)
    seen = plane(only=[Rule("pid", str(child.pid))])

    child.communicate("\n", timeout=10)
    subprocess.run(["true"], check=True)

    assert seen.until(lambda: len(seen.of(Exited)) == 2)
    assert [f.code for f in seen.of(Exited)] == [6, 8]


def test_not_wins_and_children_inherit_it(plane, cage, tmp_path, objects_folder):
    from hexr_autoinst.capture.ebpf import filter as rules

    shutil.copy("/bin/sh", tmp_path / "secret")
    seen = plane()
    root = cage.path.parent
    rules.install(
        seen.objects, [Rule("cgroup", f"/{cage.path.name}")], [Rule("exe", f"{tmp_path}/secret")], root
    )

    cage.spawn(["sh", "-c", f"{tmp_path}/secret -c '/bin/true; exit 4'; exit 9"]).wait()

    assert seen.until(lambda: seen.of(Exited))
    time.sleep(0.1)
    assert [f.code for f in seen.of(Exited)] == [9]


INNER = """
import json, subprocess, sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from types import SimpleNamespace
from conftest import Plane
from hexr_autoinst.model.facts import Exited
seen = Plane(Path(sys.argv[3]), SimpleNamespace(path=Path(sys.argv[4])))
enter = 'echo $$ > "$0"/cgroup.procs; exec sleep 0'
child = subprocess.Popen(["sh", "-c", enter, sys.argv[4]])
child.wait()
seen.until(lambda: seen.of(Exited))
print(json.dumps([child.pid, [f.key.pid for f in seen.of(Exited)]]))
seen.close()
"""


def test_in_a_pid_namespace_pids_are_told_as_it_counts_them(objects_folder, cage, python):
    done = subprocess.run(
        [
            "unshare", "--pid", "--fork", "--mount", "--propagation", "unchanged", "sh", "-c",
            'mount --make-private /proc && mount -t proc proc /proc && exec "$@"', "sh", python, "-c", INNER,
            Path(__file__).parent, Path(__file__).parents[2], objects_folder, cage.path,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    inside, told = json.loads(done.stdout)
    assert told == [inside]
    assert inside < 100
