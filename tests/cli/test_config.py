import tomllib

import pytest

from hexr_autoinst.cli import main
from hexr_autoinst.config import load, names


def test_what_is_shown_is_toml_with_every_key_and_reads_back(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HEXR_ONLY", "pid:7")
    path = tmp_path / "c.toml"
    path.write_text('door = "proxy"\n[[agents]]\nname = "a"\nexe = "/x*"\n')

    assert 0 == main(["config", "show", str(path)])
    text = capsys.readouterr().out
    shown = tomllib.loads(text)
    assert set(names()) == set(shown)
    again = tmp_path / "again.toml"
    again.write_text(text)
    assert load({}, {"HEXR_ONLY": "pid:7"}, path) == load({}, {}, again)


def test_check_says_good_or_what_is_wrong(tmp_path, capsys):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text("page_port = 1\n")
    bad.write_text("page_prot = 1\n")

    assert (0, 78) == (main(["config", "check", str(good)]), main(["config", "check", str(bad)]))
    said = capsys.readouterr()
    assert f"{good} is good.\n" == said.out
    assert "unknown key `page_prot`" in said.err


def test_an_action_is_demanded(capsys):
    with pytest.raises(SystemExit):
        main(["config"])
    assert "ACTION" in capsys.readouterr().err
