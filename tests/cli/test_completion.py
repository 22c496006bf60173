import shutil
import subprocess

import pytest

from hexr_autoinst.cli import VERBS, main


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_script_knows_every_verb(shell, capsys):
    assert 0 == main(["completion", shell])
    script = capsys.readouterr().out

    assert [] == [v for v in VERBS if v not in script]


def test_bash_accepts_the_script(capsys):
    main(["completion", "bash"])
    bash = shutil.which("bash")

    assert 0 == subprocess.run([bash, "-n"], input=capsys.readouterr().out, text=True, check=False).returncode
