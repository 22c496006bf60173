import os
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst.config import Rule
from hexr_autoinst.verdict import Seen, cgroup_mounts, look, matches, told

FAMILY = {
    300: Seen(300, 200, 3, 1000, "/usr/bin/python3.11", "/agents/one"),
    200: Seen(200, 100, 2, 1000, "/usr/bin/bash", "/agents"),
    100: Seen(100, 0, 1, 0, "/sbin/init", "/"),
}


def rules(*texts):
    return tuple(Rule.parse(t) for t in texts)


def ask(pid, only=(), not_=()):
    return told(pid, rules(*only), rules(*not_), mounts=("/sys/fs/cgroup/unified",), look_at=FAMILY.get)


@pytest.mark.parametrize(
    "only",
    ["pid:300", "pid:200", "user:1000", "exe:/usr/bin/python3*", "cgroup:/agents", "cgroup:agents/one",
     "cgroup:/sys/fs/cgroup/unified/agents", "cgroup:/", "exe:*/bash"],
)  # fmt: skip
def test_a_process_or_its_ancestor_satisfies_only(only):
    assert ask(300, [only])


@pytest.mark.parametrize(
    "only",
    [
        "pid:301",
        "user:1001",
        "exe:/usr/bin/node",
        "cgroup:/agent",
        "cgroup:/agents/one/two",
        "user:nobody-there",
    ],
)
def test_what_no_rule_names_is_not_told(only):
    assert not ask(300, [only])


def test_not_wins_for_the_process_and_for_its_children():
    assert not ask(300, ["cgroup:/agents"], ["pid:200"])
    assert not ask(300, (), ["exe:*/python3*"])
    assert ask(200, (), ["exe:*/python3*"])


def test_without_rules_everybody_is_told():
    assert ask(300)


def test_a_process_that_is_gone_satisfies_nothing():
    assert not ask(999, ["user:1000"])


def test_an_ancestry_that_loops_ends():
    loop = {1: Seen(1, 2, 0, 0, "", "/"), 2: Seen(2, 1, 0, 0, "", "/")}

    assert not told(1, rules("pid:7"), (), look_at=loop.get)


def test_our_own_process_is_read_as_it_is():
    seen = look(os.getpid())

    assert (os.getpid(), os.getppid(), os.geteuid()) == (seen.pid, seen.parent, seen.uid)
    assert Path(sys.executable).resolve() == Path(seen.exe)
    assert seen.cgroup.startswith("/")


def test_a_name_full_of_parentheses_is_read_right(tmp_path):
    tail = " ".join(str(n) for n in range(50))
    (tmp_path / "7").mkdir()
    (tmp_path / "7/stat").write_text(f"7 (a) R 1 (b)) S 5 {tail}")
    (tmp_path / "7/cgroup").write_text("1:name=systemd:/old\n0::/new\n")
    seen = look(7, tmp_path)

    assert (seen.parent, seen.start, seen.cgroup) == (5, 17, "/new")


def test_a_child_of_ours_is_told_by_our_pid():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert told(child.pid, rules(f"pid:{os.getpid()}"), ())
        assert not told(child.pid, (), rules(f"pid:{os.getpid()}"))
    finally:
        child.communicate(b"\n")


def test_mounts_of_cgroup2_are_read(tmp_path):
    (tmp_path / "m").write_text("cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /cg cgroup2 rw 0 0\n")

    assert cgroup_mounts(tmp_path / "m") == ("/cg",)
    assert cgroup_mounts(tmp_path / "none") == ()


def test_a_kernel_thread_has_no_executable_to_match():
    assert not matches(Rule("exe", "*"), Seen(2, 0, 0, 0, "", "/"))
