"""A minute of coverage-guided fuzzing, and everything that longer runs have found."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.exchange import run, seeds

HERE = Path(__file__).parent
FINDINGS = sorted((HERE / "findings").glob("*.bin"))
SECONDS = 20


def test_what_was_found_once_is_survived():
    for finding in FINDINGS:
        run(finding.read_bytes())


@pytest.mark.parametrize("seed", list(seeds()), ids=lambda s: s[0])
def test_every_fixture_passes_the_harness(seed):
    run(seed[1])


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine"
)
@pytest.mark.timeout(300)  # instrumenting takes longer than fuzzing
def test_fuzzing_finds_nothing(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz",
            tmp_path / "corpus",
            f"-max_total_time={SECONDS}",
            f"-artifact_prefix={tmp_path}/",
        ],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    left = [p.read_bytes() for p in tmp_path.glob("*-*") if p.is_file()]

    assert (0, []) == (done.returncode, left), done.stderr[-4000:] + done.stdout[-2000:]
    assert "cov:" in done.stderr, done.stderr[-2000:]
