import os
import socket
import stat
import time
from pathlib import Path

import pytest

from hexr_autoinst import ground
from hexr_autoinst.config import Config, Session
from hexr_autoinst.errors import AddressInUse, AlreadyRunning, NotInstalled, StateUnwritable

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give folders away")


def us(monkeypatch):
    monkeypatch.setattr(ground, "user", lambda _name: ground.Ids(os.geteuid(), os.getegid()))
    monkeypatch.setattr(ground, "group", lambda _name: os.getegid())


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


@root
def test_folders_get_their_modes_and_a_second_time_is_the_same(tmp_path, monkeypatch):
    us(monkeypatch)
    config = Config(run_dir=str(tmp_path / "run"), state_dir=str(tmp_path / "a/state"))
    for _ in range(2):
        ground.lay(config)

        assert mode(config.run_dir) == 0o1775
        assert [mode(Path(config.state_dir) / n) for n in (".", "store", "ca", "trust")] == [
            0o755,
            0o750,
            0o700,
            0o755,
        ]
        assert sorted(ground.STATUS_FILES) == sorted(p.name for p in (tmp_path / "run").iterdir())


@root
def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path, monkeypatch):
    us(monkeypatch)
    (tmp_path / "elsewhere").mkdir(mode=0o711)
    (tmp_path / "state").mkdir()
    (tmp_path / "state/ca").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateUnwritable):
        ground.lay(Config(run_dir=str(tmp_path / "run"), state_dir=str(tmp_path / "state")))

    assert mode(tmp_path / "elsewhere") == 0o711


@root
def test_an_unwritable_state_folder_is_named(tmp_path, monkeypatch):
    us(monkeypatch)
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnwritable, match="state_dir"):
        ground.lay(Config(run_dir=str(tmp_path / "run"), state_dir=str(tmp_path / "file")))


def test_a_user_that_is_not_there_is_an_installation_that_is_not_there():
    with pytest.raises(NotInstalled, match="make install"):
        ground.user("hexr-nobody-has-this-name")


def test_one_supervisor_for_a_run_folder(tmp_path):
    held = ground.lock(tmp_path)
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        ground.lock(tmp_path)
    os.close(held)

    os.close(ground.lock(tmp_path))


def test_salt_and_key_are_made_once_and_are_the_owners_alone(tmp_path):
    first, second = ground.session(tmp_path), ground.session(tmp_path)

    assert (first.salt, first.key) == (second.salt, second.key)
    assert (len(first.salt), len(first.key)) == (32, 64)
    assert mode(tmp_path / "identity.json") == 0o600
    assert ground.session(tmp_path / "..").salt != first.salt
    (tmp_path / "../identity.json").unlink()


@pytest.mark.parametrize("text", ["", "{", '{"salt": "00", "key": "11"}', "[]", '{"salt": 5}'])
def test_a_broken_identity_is_made_anew(tmp_path, text):
    (tmp_path / "identity.json").write_text(text)

    assert len(ground.session(tmp_path).key) == 64


def test_the_offset_makes_unix_time_of_the_boot_clock():
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + ground.clock_offset()

    assert abs(time.time_ns() - now) < 50_000_000


def test_a_session_survives_the_way_to_a_child():
    session = Session(1, "aa", "bb", "host")

    assert session == ground.session_from(ground.session_json(session))


def test_a_configured_port_that_is_taken_is_an_error_and_the_default_moves_on(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(AddressInUse, match=f"{taken}.*proxy_port"):
            ground.proxy_listener(taken)
        monkeypatch.setattr(ground, "DEFAULT_PROXY_PORT", taken)
        with ground.proxy_listener(taken) as listener:
            assert taken < listener.getsockname()[1] <= taken + 10


def test_the_proxy_listens_on_loopback_only():
    with ground.proxy_listener(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_status_file_is_replaced_whole(tmp_path):
    ground.write_json(tmp_path / "x.json", {"a": 1})
    ground.write_json(tmp_path / "x.json", {"a": 2})

    assert (tmp_path / "x.json").read_text() == '{"a": 2}'
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    assert mode(tmp_path / "x.json") == 0o644


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ('{"port": 5}', "http://127.0.0.1:5"),
        ('{"url": "http://[::1]:6"}', "http://[::1]:6"),
        ("", ""),
        ("[]", ""),
        ('{"port": "x"}', ""),
    ],
)
def test_the_pages_address_is_what_the_page_says(tmp_path, text, url):
    (tmp_path / "page.json").write_text(text)

    assert url == ground.page_url(tmp_path)
