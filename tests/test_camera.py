import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hexr_autoinst import camera
from hexr_autoinst.capture.ebpf.targets import Target
from hexr_autoinst.config import Config, Rule

SESSION = json.dumps({"clock_offset": 0, "salt": "", "key": "", "host": "here"})


def run(folder, code="from hexr_autoinst import camera; raise SystemExit(camera.main())", **env):
    given = {
        "HEXR_CONFIG_JSON": Config(run_dir=str(folder)).to_json(), "HEXR_SESSION_JSON": SESSION,
        "PYTHONPATH": str(Path(camera.__file__).parent.parent), **env,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", code], env=given, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="without root it stops earlier, see the next test")
def test_objects_that_were_never_built_are_one_sentence_with_what_to_do(tmp_path):
    done = run(tmp_path, HEXR_BPF_DIR=str(tmp_path / "nowhere"))
    said = [json.loads(x) for x in done.stdout.splitlines()]

    assert (done.returncode, [x["event"] for x in said], done.stderr) == (69, ["unavailable"], "")
    assert "make bpf" in said[0]["why"]


def test_whoever_is_not_root_is_told_so(tmp_path):
    code = "import os; os.geteuid = lambda: 1000\nfrom hexr_autoinst import camera; raise SystemExit(camera.main())"
    done = run(tmp_path, code)

    assert done.returncode == 69
    assert "sudo hexr-autoinst start" in json.loads(done.stdout)["why"]


def test_a_kernel_without_btf_is_told_so(tmp_path):
    code = (
        "import os; os.geteuid = lambda: 0\n"
        "from hexr_autoinst import camera; camera.loaders.described = lambda: False; raise SystemExit(camera.main())"
    )
    config = Config(run_dir=str(tmp_path), loader="libbpf").to_json()
    done = run(tmp_path, code, HEXR_CONFIG_JSON=config)

    assert (done.returncode, "BTF" in json.loads(done.stdout)["why"]) == (69, True)


def test_where_only_some_are_watched_nothing_shared_is_attached_ahead(monkeypatch):
    monkeypatch.setattr(camera.targets, "well_known", lambda path: iter([Target("/shared", ("/shared",))]))

    def named(**config):
        return [t.name for t in camera._named(Config(**config))]

    assert named() == ["/shared"]
    assert named(libraries="/a:/b") == ["/a", "/b", "/shared"]
    assert named(only=(Rule("cgroup", "/x"),), libraries="/a") == ["/a"]


def test_descendants_of_the_daemon_are_ours_and_nobody_else():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1)
    found = (
        camera._ours(child.pid, frozenset({os.getpid()})),
        camera._ours(os.getppid(), frozenset({os.getpid()})),
    )
    child.communicate(b"\n")

    assert found == (True, False)


def test_the_disassembler_is_not_loaded_by_the_camera_itself():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, hexr_autoinst.camera; print('capstone' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
