import os
import select
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from hexr_autoinst import children
from hexr_autoinst.children import Child, Role
from hexr_autoinst.ground import Ids

ENV = {"PATH": os.environ["PATH"], "PYTHONPATH": ""}


def child_of(tmp_path, code, name="x", **more):
    (tmp_path / "played.py").write_text(textwrap.dedent(code))
    tmp_path.chmod(0o755)
    return Child(Role(name, "played", **more))


def start(child, tmp_path, lifeline=None):
    reader, writer = lifeline or os.pipe()
    children.spawn(child, {**ENV, "PYTHONPATH": str(tmp_path)}, reader)
    return reader, writer


def said(child, stream="out"):
    out = []
    while select.select([child.pipes[stream]], [], [], 5)[0]:
        found = children.lines(child, stream)
        if found is None:
            return out
        out += found
    raise AssertionError("the child says nothing and does not end")


def finish(child, ends):
    children.terminate(child, signal.SIGKILL)
    children.ended(child, time.monotonic())
    for end in ends:
        os.close(end)


def test_events_and_last_words_are_told_apart(tmp_path):
    child = child_of(tmp_path, """
        import sys
        print('{"event": "ready", "n": 1}'); print("not json"); print('["event"]')
        print("last words", file=sys.stderr)
    """)  # fmt: skip
    ends = start(child, tmp_path)
    events = [children.event(child, line) for line in said(child)]

    assert events == [{"event": "ready", "n": 1}, None, None]
    assert child.garbled == 2
    assert said(child, "err") == ["last words"]
    finish(child, ends)


def test_an_endless_line_is_bounded_and_counted(tmp_path):
    child = child_of(tmp_path, "print('x' * 300_000)\nprint('{\"event\": \"after\"}')")
    ends = start(child, tmp_path)
    lines = said(child)

    assert child.garbled > 0
    assert max(map(len, lines)) <= 16_384
    assert lines[-1] == '{"event": "after"}'
    finish(child, ends)


def test_each_death_waits_longer_and_a_long_life_begins_anew(tmp_path):
    child = child_of(tmp_path, "raise SystemExit(3)")
    waits = []
    for _ in range(9):
        ends = start(child, tmp_path)
        child.process.wait()
        assert children.ended(child, child.began + 1) == 3
        waits.append(round(child.due - child.began - 1, 1))
        for end in ends:
            os.close(end)
    ends = start(child, tmp_path)
    child.process.wait()
    children.ended(child, child.began + 31)

    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    assert (child.state, child.last_exit, child.pid) == ("waiting", 3, None)
    assert round(child.due - child.began - 31, 1) == 0.1
    for end in ends:
        os.close(end)


def test_a_child_has_a_session_of_its_own_and_no_input(tmp_path):
    child = child_of(tmp_path, "import os, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()))")
    ends = start(child, tmp_path)

    assert said(child) == ["True ''"]
    finish(child, ends)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_privilege_is_gone_before_the_first_instruction(tmp_path, monkeypatch):
    # The tests' own interpreter may live in a home that others cannot enter.
    monkeypatch.setattr(children, "command", lambda module: ["/usr/bin/python3", "-m", module])
    for parent in tmp_path.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    child = child_of(tmp_path, """
        import os
        print(os.getresuid(), os.getresgid(), sorted(os.getgroups()))
        print([l.split()[1] for l in open("/proc/self/status") if l.startswith(("CapPrm", "CapEff", "CapBnd", "NoNewPrivs"))])
    """, ids=Ids(65534, 65533), groups=(60001, 60002))  # fmt: skip
    ends = start(child, tmp_path)

    assert said(child) == [
        "(65534, 65534, 65534) (65533, 65533, 65533) [60001, 60002]",
        "['0000000000000000', '0000000000000000', '0000000000000000', '1']",
    ]
    finish(child, ends)


PARENT = """
import os, sys, time
from hexr_autoinst.children import Child, Role, spawn
child = Child(Role("x", "played"))
spawn(child, {"PATH": os.environ["PATH"], "PYTHONPATH": sys.argv[1]}, os.pipe()[0])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_parent_takes_the_child_with_it(tmp_path):
    (tmp_path / "played.py").write_text("import time; time.sleep(60)")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    handle = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()

    assert select.select([handle], [], [], 5)[0]
    os.close(handle)


def test_only_the_exporting_child_gets_the_exporters_headers():
    base = {
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=secret",
        "HOME": "/root",
        "PATH": "/bin",
        "HEXR_X": "1",
        "LC_ALL": "C",
    }
    teller = children.environment(Role("teller", "m"), base, {"OWN": "2"})
    page = children.environment(Role("page", "m", env={"ITS": "3"}), base, {"OWN": "2"})

    assert teller["OTEL_EXPORTER_OTLP_HEADERS"] == "authorization=secret"
    assert not any("secret" in v for v in page.values())
    assert "HOME" not in teller
    assert tuple(page[k] for k in ("PATH", "HEXR_X", "LC_ALL", "OWN", "ITS")) == ("/bin", "1", "C", "2", "3")


def test_status_says_how_a_child_is(tmp_path):
    child = child_of(tmp_path, "input()")
    status = child.status(0)

    assert tuple(status[k] for k in ("name", "user", "pid", "state", "restarts")) == (
        "x",
        "root",
        None,
        "waiting",
        0,
    )
