import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf import pods, procfs
from hexr_autoinst.model.facts import Key

SECRET = "sk-planted-0123456789abcdef0123"
WAIT = "import sys; print(1, flush=True); sys.stdin.read()"


@pytest.fixture
def child():
    made = []

    def start(argv=(sys.executable, "-c", WAIT), **env):
        one = subprocess.Popen(argv, stdin=-1, stdout=-1, env={"PATH": os.environ["PATH"], **env})
        one.stdout.readline()
        made.append(one)
        return one

    yield start
    for one in made:
        one.communicate()


def test_a_process_is_told_with_what_names_it(child):
    pid = child(HEXR_AGENT_NAME="analyst", OTEL_SERVICE_NAME="svc").pid
    fact = procfs.process(pid, 5, 7)
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])

    assert (fact.at, fact.source, fact.key) == (5, "ebpf", Key(pid, ticks))
    assert fact.parent == procfs.key(os.getpid())
    assert fact.exe == os.path.realpath(sys.executable)
    assert fact.args == (sys.executable, "-c", WAIT)
    assert fact.env == {"HEXR_AGENT_NAME": "analyst", "OTEL_SERVICE_NAME": "svc"}
    assert fact.started == ticks * 10_000_000 + 7


def test_the_time_of_exec_is_kept_where_it_was_seen(child):
    assert procfs.process(child().pid, 5, 7, 1234).started == 1234


def test_no_other_variable_leaves_the_environment(child):
    pid = child(OPENAI_API_KEY=SECRET, HTTPS_PROXY=f"http://user:{SECRET}@proxy:3128", SECRET_NAME=SECRET).pid
    fact = procfs.process(pid, 0, 0)

    assert fact.env == {"HTTPS_PROXY": "set"}
    assert SECRET not in repr(fact)


def test_values_and_arguments_are_bounded(child):
    argv = [sys.executable, "-c", WAIT, *["x" * 10_000] * 3, *["y"] * 100]
    fact = procfs.process(child(argv, HEXR_TENANT="t" * 10_000).pid, 0, 0)

    assert (len(fact.args), len(fact.args[3]), len(fact.env["HEXR_TENANT"])) == (64, 4096, 4096)


def test_a_process_that_is_gone_is_none():
    one = subprocess.Popen([sys.executable, "-c", ""])
    one.wait()
    assert (procfs.process(one.pid, 0, 0), procfs.key(one.pid)) == (None, None)


def test_a_kernel_thread_is_none():
    thread = next((p for p in procfs.pids() if (s := procfs.stat(p)) and s.parent == 2), None)
    if thread is None:
        pytest.skip("no kernel thread is visible here")
    assert procfs.process(thread, 0, 0) is None


def test_a_name_with_parentheses_and_spaces_does_not_confuse_the_fields(child, tmp_path):
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to("/bin/sh")
    pid = child([str(odd), "-c", "echo 1; read x"]).pid

    assert procfs.stat(pid).parent == os.getpid()


def test_the_user_is_the_name_of_the_effective_uid(child):
    expected = next(
        (
            x.split(":")[0]
            for x in Path("/etc/passwd").read_text().splitlines()
            if x.split(":")[2] == str(os.geteuid())
        ),
        str(os.geteuid()),
    )
    assert procfs.process(child().pid, 0, 0).user == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="starts a process of another user: run as root")
def test_a_uid_without_a_name_is_its_number():
    one = subprocess.Popen(["/bin/sh", "-c", "echo 1; read x"], stdin=-1, stdout=-1, user=54321)
    one.stdout.readline()
    fact = procfs.process(one.pid, 0, 0)
    one.communicate()
    assert fact.user == "54321"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"0::/system.slice/a.service\n", "/system.slice/a.service"),
        (b"4:memory:/m\n1:name=systemd:/user.slice/x.scope\n0::/\n", "/user.slice/x.scope"),
        (b"4:memory:/docker/abc\n3:cpu:/\n1:name=systemd:/\n0::/\n", "/docker/abc"),
        (b"4:memory:/m\n0::/agents\n", "/agents"),
        (b"0::/\n", "/"),
        (b"", ""),
        (b"0::/with:colon\n", "/with:colon"),
    ],
)  # fmt: skip
def test_the_cgroup_is_the_one_that_says_most(text, expected):
    assert procfs._cgroup(text) == expected


def test_we_are_among_the_pids():
    assert os.getpid() in procfs.pids()


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}, True),
        ({"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}, False),
        ({"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}, False),
    ],
)
def test_who_has_pipes_to_read_and_to_write_may_talk_by_them(how, found):
    with subprocess.Popen(["sleep", "30"], **how) as one:
        told = procfs.pipes(one.pid)
        one.kill()

    assert told == found


def test_a_socket_and_a_pipe_are_two_ways_and_two_sockets_need_no_watching():
    near, far = socket.socketpair()
    with near, far, subprocess.Popen(["sleep", "30"], stdin=far, stdout=subprocess.PIPE) as mixed:
        first = procfs.pipes(mixed.pid)
        mixed.kill()
    near, far = socket.socketpair()
    with near, far, subprocess.Popen(["sleep", "30"], stdin=far, stdout=far) as one:
        second = procfs.pipes(one.pid)
        one.kill()

    assert (first, second, procfs.pipes(2**22 + 1)) == (True, False, False)


def test_what_the_kubelet_says_stands_above_what_a_process_says(monkeypatch, tmp_path):
    uid = "8d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6"
    (tmp_path / f"east_desk-0_{uid}").mkdir()
    monkeypatch.setattr(procfs, "pod", lambda cgroup: pods.pod(cgroup, tmp_path))
    monkeypatch.setattr(procfs, "_cgroup", lambda _: f"/kubepods/besteffort/pod{uid}/x")
    argv = [sys.executable, "-c", WAIT]
    with subprocess.Popen(
        argv, stdin=-1, stdout=-1, env={"POD_NAMESPACE": "west", "HEXR_TENANT": "t"}
    ) as one:
        one.stdout.readline()
        fact = procfs.process(one.pid, 1, 0)

    assert fact.env == {"POD_NAMESPACE": "east", "POD_NAME": "desk-0", "HEXR_TENANT": "t"}
