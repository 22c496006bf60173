"""The real supervisor over small children that do what a test wants, in processes of their own."""

import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from hexr_autoinst import control
from hexr_autoinst.errors import NotRoot, NotRunning
from hexr_autoinst.supervise import main

ROOT = Path(__file__).parent.parent
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

READY = 'print(\'{"event": "ready"}\', flush=True)\n'
WAIT = (
    "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(0))\n" + READY + "while True: signal.pause()\n"
)

# The supervisor as it is, but with modules of the test in the place of its children.
RUN = """
import os, sys
from hexr_autoinst import cast, ground, live, supervise
from hexr_autoinst.children import Role
from hexr_autoinst.config import load
ground.user = lambda name: ground.Ids(0, 0)
ground.group = lambda name: 0
names = sys.argv[1].split(",")
def roles(config, facts, proxy, worker):
    return tuple(Role(n, "played_" + n) for n in names)
supervise.roles = roles
supervise.STOP_ORDER = tuple((names, seconds / 4) for names, seconds in supervise.STOP_ORDER)
printer = live.Printer(1, color=False)
raise SystemExit(supervise.Supervisor(load(), printer).run())
"""


class Run:
    def __init__(self, folder, **parts):
        self.folder = folder
        for name, code in parts.items():
            (folder / f"played_{name}.py").write_text(textwrap.dedent(code))
        env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}:{folder}",
            "HEXR_RUN_DIR": str(folder / "run"),
            "HEXR_STATE_DIR": str(folder / "state"),
            "HEXR_PROXY_PORT": "0",
            "HEXR_PROXY_PYTHON": sys.executable,
        }
        # children.environment sets PYTHONPATH to the package's folder: the played modules go there by .pth's elder brother
        code = RUN.replace(
            "names = ",
            f"from hexr_autoinst import children\nold = children.environment\nchildren.environment = lambda *a: {{**old(*a), 'PYTHONPATH': {env['PYTHONPATH']!r}}}\nnames = ",
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, ",".join(parts)], env={**env, **parts.pop("env", {})},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def status(self):
        return control.ask(self.folder / "run", "status")

    def until(self, wanted, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if wanted(found := self.status()):
                    return found
            except NotRunning:
                pass
            time.sleep(0.02)
        raise AssertionError(f"it never came to that: {self.end()}")

    def child(self, name):
        return next(c for c in self.status()["children"] if c["name"] == name)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, err


@pytest.fixture
def run(tmp_path):
    runs = []

    def start(**parts):
        runs.append(Run(tmp_path, **parts))
        return runs[-1]

    yield start
    for one in runs:
        one.end(signal.SIGKILL)


def ready(status):
    return status["state"] == "ready"


@root
def test_it_comes_up_says_so_and_leaves_nothing_behind(run, tmp_path):
    one = run(teller=WAIT, camera=WAIT, front=WAIT, page=WAIT)
    status = one.until(ready)
    pids = [c["pid"] for c in status["children"]]
    began = time.monotonic()
    code, out, err = one.end()

    assert (code, err) == (0, "")
    assert time.monotonic() - began < 5
    assert "ready in" in out
    assert not (tmp_path / "run").exists()
    assert [p for p in pids if Path(f"/proc/{p}").exists()] == []
    assert {n: p["state"] for n, p in status["planes"].items()} == {"ebpf": "up", "proxy": "up"}


@root
@pytest.mark.parametrize("name", ["teller", "camera", "front", "page"])
def test_a_killed_child_is_started_again_and_counted(run, name):
    one = run(teller=WAIT, camera=WAIT, front=WAIT, page=WAIT)
    one.until(ready)
    before = one.child(name)
    os.kill(before["pid"], signal.SIGKILL)
    one.until(
        lambda s: [
            1
            for c in s["children"]
            if (c["name"], c["state"]) == (name, "ready") and c["pid"] != before["pid"]
        ]
    )
    after = one.child(name)
    _, out, _ = one.end()

    assert (after["restarts"], after["last_exit"]) == (1, -9)
    assert f"the {name} ended with SIGKILL" in out


@root
def test_a_killed_supervisor_takes_all_with_it(run):
    one = run(teller=WAIT, camera=WAIT, front=WAIT, page=WAIT)
    handles = [os.pidfd_open(c["pid"]) for c in one.until(ready)["children"]]
    one.end(signal.SIGKILL)
    gone = []
    for handle in handles:
        gone += select.select([handle], [], [], 5)[0]
        os.close(handle)

    assert handles == gone


@root
def test_after_a_killed_supervisor_the_next_one_starts_over_its_remains(run):
    first = run(teller=WAIT, camera=WAIT)
    first.until(ready)
    first.end(signal.SIGKILL)
    second = run(teller=WAIT, camera=WAIT)
    second.until(ready)

    assert second.end()[0] == 0


@root
def test_a_second_supervisor_is_refused_with_the_firsts_pid(run):
    first = run(teller=WAIT, camera=WAIT)
    first.until(ready)
    second = run(teller=WAIT, camera=WAIT)
    second.process.wait(10)

    assert f"AlreadyRunning: hexr-autoinst is already running (pid {first.process.pid})" in second.end()[2]
    assert first.status()["state"] == "ready"


UNAVAILABLE = 'import json\nprint(json.dumps({"event": "unavailable", "why": "the kernel has no BTF"}), flush=True)\nraise SystemExit(69)\n'


@root
def test_one_plane_down_the_other_goes_on_and_says_why(run):
    one = run(teller=WAIT, camera=UNAVAILABLE, front=WAIT, page=WAIT)
    status = one.until(ready)
    code, out, _ = one.end()

    assert status["planes"]["ebpf"] == {"state": "unavailable", "why": "the kernel has no BTF"}
    assert code == 0
    assert "kernel   unavailable: the kernel has no BTF" in out


@root
def test_no_plane_at_all_is_the_end_with_the_sentence(run):
    one = run(teller=WAIT, camera=UNAVAILABLE, page=WAIT)
    one.process.wait(10)
    code, _, err = one.end()

    assert code == 69
    assert "Nothing can be captured: ebpf: the kernel has no BTF" in err


@root
def test_a_teller_that_says_why_it_cannot_is_the_end(run):
    one = run(teller=UNAVAILABLE.replace("the kernel has no BTF", "port 9 is taken"), camera=WAIT)
    one.process.wait(10)

    assert one.end()[::2] == (69, "hexr-autoinst: port 9 is taken\n")


@root
def test_a_child_that_never_comes_up_is_given_up(run):
    one = run(teller=WAIT, camera=WAIT, page="import sys; sys.exit('no static folder')")
    one.until(ready)
    page = one.child("page")

    assert (page["state"], page["why"], page["restarts"]) == ("unavailable", "no static folder", 4)


@root
def test_a_child_that_will_not_end_is_ended_and_that_is_said(run):
    stubborn = "import signal\nsignal.signal(15, signal.SIG_IGN)\n" + READY + "while True: signal.pause()\n"
    one = run(teller=WAIT, camera=stubborn)
    one.until(ready)
    pid = one.child("camera")["pid"]

    code, out, _ = one.end()
    assert code == 0
    assert "the camera did not end in 2 s and is killed" in out
    assert "the teller did not end" not in out
    assert not Path(f"/proc/{pid}").exists()


@root
def test_told_events_are_printed_and_nonsense_is_counted(run):
    talk = (
        READY
        + """
import sys, time
print('{"event": "told", "at": 0, "agent": "analyst", "model": "gpt-4o", "ms": 5}', flush=True)
print("garbage", flush=True)
time.sleep(60)
"""
    )
    one = run(teller=talk, camera=WAIT)
    one.until(lambda s: s["garbled"] == 1)

    assert "analyst" in one.end()[1]


@root
def test_the_children_are_told_the_port_that_was_found(run, tmp_path):
    tell = "import json, os\nopen({!r}, 'w').write(str(json.loads(os.environ['HEXR_CONFIG_JSON'])['proxy_port']))\n"
    one = run(teller=tell.format(str(tmp_path / "port")) + WAIT, camera=WAIT)
    found = one.until(ready)

    assert str(found["proxy_port"]) == (tmp_path / "port").read_text()
    assert found["proxy_port"] > 0


@root
def test_stop_by_the_control_socket(run, tmp_path):
    one = run(teller=WAIT, camera=WAIT)
    one.until(ready)

    assert one.process.pid == control.ask(tmp_path / "run", "stop")["pid"]
    assert one.process.wait(5) == 0


@root
def test_the_service_manager_hears_ready_watchdog_and_stopping(run, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        one = run(teller=WAIT, camera=WAIT)
        one.until(ready)
        time.sleep(0.3)
        one.end()
        manager.settimeout(0.1)
        heard = []
        try:
            while True:
                heard += manager.recv(999).decode().splitlines()
        except TimeoutError:
            pass

    more = [n for n, word in enumerate(heard) if word.startswith("EXTEND_TIMEOUT_USEC=")]
    assert more
    assert more[-1] < heard.index("READY=1") < heard.index("STOPPING=1")
    assert heard.count("WATCHDOG=1") >= 2


@root
def test_teller_hears_to_the_end_since_the_camera_stops_first(run, tmp_path):
    order = tmp_path / "order"
    leave = """
import signal, sys
def end(*_):
    with open(ORDER, "a") as order:
        order.write(WORD)
    sys.exit(0)
signal.signal(15, end)
"""
    wait = READY + "while True: signal.pause()\n"
    parts = {
        name: leave.replace("ORDER", repr(str(order))).replace("WORD", repr(f"{name} ")) + wait
        for name in ("teller", "camera", "page")
    }
    one = run(**parts)
    one.until(ready)
    one.end()

    assert Path(order).read_text() == "camera teller page "


def test_not_root_is_one_sentence(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    from hexr_autoinst.config import Config

    with pytest.raises(NotRoot, match="sudo hexr-autoinst start"):
        main(Config())


def test_it_imports_nothing_but_the_standard_library():
    code = "import sys, hexr_autoinst.supervise; print([m for m in sys.modules if m.partition('.')[0] in ('opentelemetry', 'msgpack', 'psutil', 'capstone', 'brotli')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
