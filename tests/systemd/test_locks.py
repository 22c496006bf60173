"""The locks: what is installed is exactly what was looked at, and what pyproject says."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ["core", "demo", "test"]


def wanted(lines):
    return {re.sub(r"\s*#.*", "", line).strip() for line in lines} - {""}


def inputs(name):
    return wanted(
        line for line in (ROOT / f"locks/{name}.in").read_text().splitlines() if not line.startswith("-r")
    )


def test_the_core_is_pyprojects_dependencies():
    assert wanted(PYPROJECT["project"]["dependencies"]) == inputs("core")


def test_the_tests_kit_is_pyprojects_dev_group():
    assert wanted(PYPROJECT["dependency-groups"]["dev"]) == inputs("test")


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_hashed_and_no_host_is_named(name):
    text = (ROOT / f"locks/{name}.txt").read_text()
    packages = [p for p in re.split(r"\n(?=\S)", text) if p.strip()]

    assert len(packages) > 5
    assert [p.splitlines()[0] for p in packages if "==" not in p or "--hash=sha256:" not in p] == []
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_asked_for_is_locked(name):
    text = (ROOT / f"locks/{name}.txt").read_text()
    asked = {re.split(r"[<>=]", line)[0] for line in inputs(name)}

    assert set() == {one for one in asked if not re.search(rf"^{re.escape(one)}==", text, re.MULTILINE)}
