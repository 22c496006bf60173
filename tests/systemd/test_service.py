"""The service under a systemd that is process 1: what the unit promises, and that nothing stays of it."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

UNIT = "hexr-autoinst.service"
TRACES = [
    Path("/etc/systemd/system") / UNIT, Path("/etc/systemd/system/hexr-autoinst-proxy.service"),
    Path("/etc/tmpfiles.d/hexr-autoinst.conf"), Path("/etc/sysusers.d/hexr-autoinst.conf"),
    Path("/etc/hexr-autoinst"), Path("/run/hexr-autoinst"),
]  # fmt: skip
STATE = Path("/var/lib/hexr-autoinst")
CGROUPS = Path("/sys/fs/cgroup")
PREFIX = Path(os.environ.get("HEXR_TEST_PREFIX", "/nonexistent"))
SLOW = 600  # seconds; an emulated machine needs them


def why_not():
    if os.geteuid() != 0:
        return "needs root"
    if Path("/proc/1/comm").read_text().strip() != "systemd" or not Path("/run/systemd/system").exists():
        return "systemd is not process 1 here"
    if not PREFIX.exists():
        return "needs an installation (HEXR_TEST_PREFIX)"
    if any(path.exists() for path in [*TRACES, STATE]):
        return "an installation of this machine's own is not touched"
    return ""


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(6 * SLOW),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]


def ours(*words):
    return subprocess.run(
        [PREFIX / "core/bin/hexr-autoinst", *words], capture_output=True, text=True, check=False
    )


def show(name):
    done = subprocess.run(
        ["systemctl", "show", "--value", "-p", name, UNIT], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def systemctl(verb):
    subprocess.run(["systemctl", verb, UNIT], check=True, timeout=SLOW)


def until(ready):
    end = time.monotonic() + SLOW
    while not ready():
        assert time.monotonic() < end, subprocess.run(
            ["journalctl", "-n", "30", "-u", UNIT], capture_output=True, text=True, check=False
        ).stdout
        time.sleep(0.2)


@pytest.fixture(scope="module")
def cage():
    """The only processes that the service may look at."""
    path = CGROUPS / f"hexr-test-service-{os.getpid()}"
    path.mkdir()
    yield path
    path.rmdir()


@pytest.fixture(scope="module")
def installed(cage):
    environment = TRACES[4] / "environment"
    environment.parent.mkdir()
    # On an emulated machine the demo's second SDK alone takes longer to import than an agent may be silent.
    environment.write_text(f"HEXR_ONLY=cgroup:/{cage.name}\nHEXR_TURN_SILENCE={SLOW}\n")
    done = ours("service", "install")
    assert done.returncode == 0, done.stdout + done.stderr
    yield environment
    ours("service", "uninstall")
    environment.unlink(missing_ok=True)
    subprocess.run(["rm", "-rf", TRACES[4], STATE], check=True)


@pytest.fixture
def service(installed):
    systemctl("start")
    until(up)
    return int(show("MainPID"))


def up():
    """On a machine that is slow enough children are waited for no longer, and counted as ready (`SETTLED_S`)."""
    front = json.loads(found.read_text()) if (found := TRACES[5] / "front.json").exists() else {}
    return (TRACES[5] / "camera.json").exists() and front.get("worker", {}).get("ready")


@pytest.fixture
def demo(cage):
    def run():
        enter = 'echo $$ > "$0"/cgroup.procs; exec "$@"'
        return subprocess.run(
            ["sh", "-c", enter, cage, PREFIX / "core/bin/hexr-autoinst", "demo", "--wait", str(SLOW)],
            capture_output=True, text=True, check=False, timeout=4 * SLOW,
        )  # fmt: skip

    return run


def assert_whole(tree):
    """Every call of the demo's script, and none of them in part."""
    calls = re.findall(r"(gpt-\S+|claude-\S+|text-embedding-\S+)(.*)", tree)

    assert len(calls) == 7, tree
    assert re.search(r"gpt-4o-mini.* 7 → 3 ", tree)
    assert [more for _, more in calls if "incomplete" in more] == [], tree


def planes():
    return re.findall(r"^  (kernel|proxy) +(\w+)", ours("status").stdout, re.MULTILINE)


def test_it_is_active_once_both_planes_are_up(service):
    assert (show("ActiveState"), show("SubState"), show("Type")) == ("active", "running", "notify")
    assert show("StatusText").startswith("watching; page ")
    assert planes() == [("kernel", "up"), ("proxy", "up")]


@pytest.mark.usefixtures("service")
def test_the_demo_is_told_under_its_hardening(demo):
    done = demo()

    assert done.returncode == 0, done.stdout + done.stderr
    assert_whole(done.stdout)


def test_by_the_proxy_alone_the_demo_is_told_too(installed, service, demo):
    before = installed.read_text()
    installed.write_text(before + "HEXR_DOOR=proxy\n")
    try:
        systemctl("restart")

        until((TRACES[5] / "front.json").exists)
        until(lambda: json.loads((TRACES[5] / "front.json").read_text())["worker"]["ready"])
        assert int(show("MainPID")) != service
        assert planes() == [("kernel", "off"), ("proxy", "up")]
        done = demo()
        assert done.returncode == 0, done.stdout + done.stderr
        assert_whole(done.stdout)
    finally:
        installed.write_text(before)
        systemctl("restart")


def test_a_supervisor_that_hangs_is_replaced(service):
    os.kill(service, signal.SIGSTOP)

    until(lambda: show("MainPID") not in ("0", str(service)) and show("ActiveState") == "active")
    assert int(show("NRestarts")) >= 1


@pytest.mark.usefixtures("service")
def test_stop_ends_all_that_it_started():
    group = CGROUPS / show("ControlGroup").lstrip("/")
    assert len((group / "cgroup.procs").read_text().split()) >= 5

    systemctl("stop")

    assert (show("ActiveState"), show("Result"), show("MainPID")) == ("inactive", "success", "0")
    assert not group.exists()
    assert not TRACES[5].exists()


@pytest.mark.usefixtures("service")
def test_uninstall_leaves_the_store_and_a_changed_environment_alone(installed):
    done = ours("service", "uninstall")

    assert done.returncode == 0
    assert [p for p in TRACES if p.exists()] == [installed.parent]
    assert [p.name for p in installed.parent.iterdir()] == ["environment"]
    assert show("LoadState") == "not-found"
    assert STATE.exists()
    assert ours("service", "install").returncode == 0
