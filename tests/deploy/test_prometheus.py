"""What is put into Prometheus: its own tool accepts it and passes the unit tests of the rules; every name in them is one that we expose."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hexr_autoinst.export.prometheus import sample_name
from hexr_autoinst.semconv.instruments import INSTRUMENTS

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "deploy" / "prometheus"
tool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")


def promtool(*arguments, cwd=FOLDER):
    return subprocess.run(["promtool", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@tool
def test_the_rules_are_valid_and_do_what_they_say():
    checked, tested = (
        promtool("check", "rules", "rules.yml", "alerts.yml"),
        promtool("test", "rules", "tests/alerts.yml"),
    )

    assert 0 == checked.returncode, checked.stderr + checked.stdout
    assert 0 == tested.returncode, tested.stderr + tested.stdout


@tool
def test_the_scrape_configuration_is_valid_with_its_targets(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "p")
    path = tmp_path / "p" / "prometheus.yml"
    (tmp_path / "p" / "token").write_text("t")
    path.write_text(
        path.read_text(encoding="utf-8").replace("/etc/prometheus/vault-token", "token"), encoding="utf-8"
    )
    done = promtool("check", "config", "prometheus.yml", cwd=path.parent)

    assert 0 == done.returncode, done.stderr + done.stdout


@tool
def test_the_configuration_for_kubernetes_is_valid_but_for_its_discovery(tmp_path):
    """Debian builds Prometheus without Kubernetes: everything but the discovery itself is checked."""
    text = (FOLDER / "prometheus-kubernetes.yml").read_text(encoding="utf-8")
    path = tmp_path / "p.yml"
    path.write_text(
        re.sub(r"kubernetes_sd_configs:.*\n(\s+- role: \w+\n)?", "static_configs: []\n", text),
        encoding="utf-8",
    )
    done = promtool("check", "config", "--syntax-only", str(path))

    assert 0 == done.returncode, done.stderr + done.stdout
    assert text.count("kubernetes_sd_configs") == text.count("job_name")


def test_both_configurations_have_the_jobs_of_the_contract():
    for name in ("prometheus.yml", "prometheus-kubernetes.yml"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        jobs = set(re.findall(r"job_name: ([\w-]+)", text))
        assert {
            "hexr-agents",
            "hexr-credential-injector",
            "hexr-gateway",
            "hexr-vault",
            "hexr-collector",
        } <= jobs
    files = re.findall(r"files: \[(.+)\]", (FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    assert [] == [f for f in files if not (FOLDER / f).exists()]


def test_every_name_of_ours_in_the_rules_is_exposed():
    known = {sample_name(s) for s in INSTRUMENTS.values()}
    for name in ("rules.yml", "alerts.yml"):
        asked = set(re.findall(r"(?<![:\w])hexr_\w+(?!\w*:)", (FOLDER / name).read_text(encoding="utf-8")))
        assert asked <= known


def test_every_alert_is_explained_and_tested():
    alerts = re.findall(r"alert: (\w+)", (FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    tests = (FOLDER / "tests" / "alerts.yml").read_text(encoding="utf-8")

    assert 10 == len(set(alerts))
    assert [] == [a for a in alerts if f"`{a}`" not in page or f"alertname: {a}" not in tests]
