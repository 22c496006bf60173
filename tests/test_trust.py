import os
import subprocess

import pytest

from hexr_autoinst import trust


def certificate(folder, name):
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / f"{name}.key", "-out", path,
         "-days", "2", "-subj", f"/CN={name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    return {name: certificate(folder, name) for name in ("ours", "corporate", "system")}


@pytest.fixture(autouse=True)
def system(made, monkeypatch):
    monkeypatch.setattr(trust, "system_roots", lambda: made["system"])


def test_the_bundle_holds_system_upstream_and_ours_each_once(made, tmp_path):
    found = trust.export(tmp_path, made["ours"], str(made["corporate"]))

    assert found.ca.read_bytes() == made["ours"].read_bytes()
    assert found.bundle.read_bytes() == b"".join(
        made[n].read_bytes() for n in ("system", "corporate", "ours")
    )
    assert {p.stat().st_mode & 0o777 for p in (found.ca, found.bundle)} == {0o644}


def test_a_private_key_beside_a_certificate_is_never_published(made, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes((made["ours"].parent / "ours.key").read_bytes() + made["ours"].read_bytes())
    found = trust.export(tmp_path, both)

    assert b"PRIVATE" not in found.ca.read_bytes() + found.bundle.read_bytes()


def test_what_cannot_be_read_is_left_out(made, tmp_path):
    (tmp_path / "noise").write_bytes(b"\0\xff" * 1000)

    assert (
        trust.combined([tmp_path / "absent", None, tmp_path, tmp_path / "noise", made["ours"], made["ours"]])
        == made["ours"].read_bytes()
    )


def test_upstream_roots_are_the_proxys_alone_and_do_not_hold_our_own(made, tmp_path):
    path = trust.upstream_roots(tmp_path, str(made["corporate"]))

    assert path.read_bytes() == made["system"].read_bytes() + made["corporate"].read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_users_own_authorities_are_merged_once(made, tmp_path):
    found = trust.export(tmp_path, made["ours"])
    path = trust.merged(found.bundle, [made["corporate"]], tmp_path / "cache")
    written = path.stat().st_mtime_ns

    assert path.read_bytes() == b"".join(made[n].read_bytes() for n in ("system", "corporate", "ours"))
    assert trust.merged(found.bundle, [made["corporate"]], tmp_path / "cache") == path
    assert path.stat().st_mtime_ns == written


def test_a_bundle_is_stale_once_the_system_has_newer_roots(made, tmp_path):
    found = trust.export(tmp_path, made["ours"])
    now = made["system"].stat().st_mtime
    os.utime(found.bundle, (now + 10, now + 10))
    assert not trust.stale(found.bundle)

    os.utime(found.bundle, (now - 10, now - 10))
    assert trust.stale(found.bundle)


def test_a_file_is_replaced_at_once_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "new" / "file"
    trust.write(path, b"one", 0o644)
    with path.open("rb") as reader:
        trust.write(path, b"two", 0o600)
        assert reader.read() == b"one"

    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"."):
        trust.write(tmp_path / "folder", b"x", 0o644)

    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
