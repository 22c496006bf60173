import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "systemd"
UNITS = sorted(p.name for p in FOLDER.glob("*.service"))


def setting(unit, name):
    return re.findall(rf"^{name}=(.*)$", (FOLDER / unit).read_text(), re.MULTILINE)


@pytest.fixture
def installed(tmp_path):
    """The units with programs that exist, as verify looks for them."""
    for unit in UNITS:
        text = (FOLDER / unit).read_text()
        for path in re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE):
            text = text.replace(path, "/bin/true")
        (tmp_path / unit).write_text(text)
    return tmp_path


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_to_say(unit, installed):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", installed / unit],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "hexr" in line]

    assert (done.returncode, ours) == (0, []), done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_a_mistake_would_be_found(installed):
    unit = installed / "hexr-autoinst.service"
    unit.write_text(unit.read_text().replace("WatchdogSec=20", "WatchdogSeconds=20"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )

    assert "WatchdogSeconds" in done.stderr


def test_the_daemon_and_the_proxy_by_itself_exclude_each_other():
    assert setting("hexr-autoinst-proxy.service", "Conflicts") == ["hexr-autoinst.service"]


def test_the_daemon_is_watched_and_restarted_with_a_limit():
    unit = "hexr-autoinst.service"

    assert setting(unit, "Type") == ["notify"]
    assert int(setting(unit, "WatchdogSec")[0]) >= 10
    assert setting(unit, "Restart") == ["on-failure"]
    assert [setting(unit, "StartLimitBurst"), setting(unit, "StartLimitIntervalSec")] == [["5"], ["300"]]
    assert {"64", "69", "77", "78"} == set(setting(unit, "RestartPreventExitStatus")[0].split())


def test_the_daemon_may_have_what_its_processes_keep_and_each_is_explained():
    from hexr_autoinst.camera import CAPABILITIES, EVENTS
    from hexr_autoinst.cast import OWN_CAPABILITIES

    given = set(setting("hexr-autoinst.service", "CapabilityBoundingSet")[0].split())
    comments = re.findall(r"^# +([A-Z_]+)  ", (FOLDER / "hexr-autoinst.service").read_text(), re.MULTILINE)

    assert {f"CAP_{name}" for name in (*CAPABILITIES, EVENTS, *OWN_CAPABILITIES)} == given
    assert sorted(f"CAP_{name}" for name in comments) == sorted(given)


def test_the_proxy_by_itself_has_no_capability_and_no_root():
    unit = "hexr-autoinst-proxy.service"

    assert setting(unit, "CapabilityBoundingSet") == [""]
    assert setting(unit, "User") == ["hexr-proxy"]
    assert " --listen-host 127.0.0.1 " in setting(unit, "ExecStart")[0]


def test_the_environment_file_may_be_absent_and_sets_nothing_by_itself():
    for unit in UNITS:
        assert all(path.startswith("-/etc/hexr-autoinst/") for path in setting(unit, "EnvironmentFile"))
    lines = (FOLDER / "hexr-autoinst.environment").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def test_the_users_are_those_of_the_supervisor():
    from hexr_autoinst import ground

    made = set(re.findall(r"^[ug] (\S+)", (FOLDER / "hexr-autoinst.sysusers").read_text(), re.MULTILINE))

    assert {ground.TELLER, ground.PROXY, ground.PAGE, ground.RUN_GROUP} == made
    install = (ROOT / "install/install.sh").read_text()
    assert all(name in install for name in made)
