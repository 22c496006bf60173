import subprocess
import sys

import pytest

from hexr_autoinst import __version__
from hexr_autoinst.cli import VERBS, build_parser, main


def test_without_a_verb_it_teaches_and_says_usage(capsys):
    assert 64 == main([])
    said = capsys.readouterr().out

    assert [] == [v for v in VERBS if v not in said]
    assert "first steps" in said


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])

    assert 0 == ended.value.code
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_an_unknown_verb_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["strat"])

    assert ended.value.code
    assert "strat" in capsys.readouterr().err


def test_the_version_is_the_packages():
    done = subprocess.run(
        [sys.executable, "-m", "hexr_autoinst.cli", "--version"], capture_output=True, text=True, check=True
    )

    assert f"hexr-autoinst {__version__}\n" == done.stdout


def test_help_loads_no_telemetry_sdk():
    code = "import sys; from hexr_autoinst.cli import build_parser; build_parser(); print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "False\n" == done.stdout
    assert build_parser(["version"]).prog == "hexr-autoinst"
