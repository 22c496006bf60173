import re
import socket
from pathlib import Path

import pytest

from hexr_autoinst import cast
from hexr_autoinst.cli.stop import PATIENCE_S
from hexr_autoinst.config import Config
from hexr_autoinst.front.hand import GOODBYE_S
from hexr_autoinst.ground import Ids

ROOT = Path(__file__).parent.parent
USERS = {"hexr": Ids(901, 801), "hexr-proxy": Ids(902, 802), "hexr-page": Ids(903, 803)}


def number(name, text):
    return float(re.search(rf"^{name} ?= ?([\d.]+)$", text, re.MULTILINE)[1])


@pytest.fixture
def played(monkeypatch):
    monkeypatch.setattr(cast, "user", USERS.__getitem__)
    monkeypatch.setattr(cast, "group", lambda _name: 777)

    def play(door="both", proxy=True):
        with socket.socket() as facts, socket.socket() as listener:
            roles = cast.roles(Config(door=door), facts, listener if proxy else None, Path("/w/python"))
            return {r.name: r for r in roles}, facts.fileno(), listener.fileno()

    return play


def test_four_users_and_who_is_which(played):
    roles, _, _ = played()

    assert {n: r.user for n, r in roles.items()} == {
        "teller": "hexr",
        "camera": "root",
        "front": "hexr-proxy",
        "page": "hexr-page",
    }
    assert {n: r.ids.uid if r.ids else None for n, r in roles.items()} == {
        "teller": 901,
        "front": 902,
        "page": 903,
        "camera": None,
    }


def test_only_the_page_shares_the_stores_group_and_the_front_never_does(played):
    roles, _, _ = played()

    assert {"page"} == {n for n, r in roles.items() if 801 in r.groups}


def test_each_descriptor_goes_to_the_one_who_needs_it(played):
    roles, facts, listener = played()

    assert (facts,) == roles["teller"].fds
    assert str(facts) == roles["teller"].env["HEXR_FACTS_FD"]
    assert (listener,) == roles["front"].fds
    assert () == roles["camera"].fds == roles["page"].fds


def test_a_closed_door_has_no_process(played):
    assert {"teller", "witness", "front", "page"} == set(played("proxy")[0])
    assert {"teller", "camera", "page"} == set(played("ebpf", proxy=False)[0])


def test_the_one_who_hears_is_started_before_those_who_speak(played):
    assert next(iter(played()[0])) == "teller"


def test_every_role_is_stopped_and_each_that_ends_another_has_the_time_for_it(played):
    stopped = [name for names, _ in cast.STOP_ORDER for name in names]
    given = {name: seconds for names, seconds in cast.STOP_ORDER for name in names}
    worker, unit = (
        (ROOT / name).read_text() for name in ("proxy_addons/worker.py", "systemd/hexr-autoinst.service")
    )
    longest = sum(seconds + cast.KILL_S for _, seconds in cast.STOP_ORDER)

    assert sorted({*played()[0], "witness"}) == sorted(stopped)
    assert number("_FLUSH_S: Final", worker) < GOODBYE_S < given["front"]
    assert longest < PATIENCE_S <= number("TimeoutStopSec", unit)
    assert stopped.index("camera") < stopped.index("teller")


def test_the_prefix_is_ours_unless_named(monkeypatch):
    monkeypatch.setenv("HEXR_PREFIX", "/elsewhere")
    assert Path("/elsewhere/proxy/bin/python") == cast.worker_python()
    monkeypatch.delenv("HEXR_PREFIX")
    monkeypatch.setattr("sys.prefix", "/srv/hexr/core")
    assert Path("/srv/hexr") == cast.prefix()
    monkeypatch.setattr("sys.prefix", "/home/x/.venv")

    assert cast.prefix() == cast.DEFAULT_PREFIX
    assert Path("/p") == cast.worker_python("/p")
