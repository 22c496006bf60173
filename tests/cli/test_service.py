import os
from pathlib import Path

import pytest

from hexr_autoinst.cli import main, service


def files(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def test_install_and_uninstall_leave_nothing_behind(tmp_path):
    assert main(["service", "install", "--root", str(tmp_path)]) == 0
    assert sorted([*service.FILES.values(), service.ENVIRONMENT]) == files(tmp_path)
    assert main(["service", "uninstall", "--root", str(tmp_path)]) == 0

    assert files(tmp_path) == []
    assert not any((tmp_path / "etc" / name).exists() for name in ("hexr-autoinst", "sysusers.d"))


def test_an_environment_file_that_somebody_changed_is_theirs(tmp_path, capsys):
    main(["service", "install", "--root", str(tmp_path)])
    (tmp_path / service.ENVIRONMENT).write_text("HEXR_DOOR=ebpf\n")
    main(["service", "install", "--root", str(tmp_path)])
    assert (tmp_path / service.ENVIRONMENT).read_text() == "HEXR_DOOR=ebpf\n"
    main(["service", "uninstall", "--root", str(tmp_path)])

    assert files(tmp_path) == [service.ENVIRONMENT]
    assert "changed by hand" in capsys.readouterr().out


def test_the_unit_starts_this_very_installation(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.prefix", "/srv/hexr/core")
    main(["service", "install", "--root", str(tmp_path)])
    unit = (tmp_path / "etc/systemd/system/hexr-autoinst.service").read_text()

    assert "ExecStart=/srv/hexr/core/bin/hexr-autoinst start" in unit
    assert "/opt/" not in unit


def test_what_is_not_started_is_written_all_the_same(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    asked = []
    monkeypatch.setattr(service, "install", lambda root, **how: asked.append((root, how)) or 0)

    assert main(["service", "install", "--no-start"]) == 0
    assert [(root, how["start"]) for root, how in asked] == [(Path("/"), False)]


def test_not_root_is_77(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert main(["service", "install"]) == 77
    assert "sudo hexr-autoinst service install" in capsys.readouterr().err


@pytest.mark.skipif(
    Path("/run/systemd/system").exists(),
    reason="systemd runs here: the real service is not a test's to touch",
)
def test_without_systemd_it_says_what_to_do_instead(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert main(["service", "install"]) == 64
    assert "hexr-autoinst start" in capsys.readouterr().err
    assert main(["service", "status"]) == 3
