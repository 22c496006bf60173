from dataclasses import replace

from hexr_autoinst.dissect.effects import sessions
from hexr_autoinst.dissect.effects.browsing import Browsing
from hexr_autoinst.dissect.effects.sessions import Session
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.facts import Key
from tests.dissect.protocols.asking import exchange

AGENT, DRIVER = Key(1, 1), Key(2, 2)


def of(key, **more):
    return replace(exchange(**more), key=key)


def test_a_session_is_known_by_its_id_on_any_connection_and_by_each_plane_for_itself():
    memory, session = Memory(), Session(of(AGENT, url="http://localhost:1/session"), Browsing("webdriver"))
    sessions.put(memory, "id", session)
    other = of(AGENT, url="http://127.0.0.1:1/session/id")

    assert sessions.get(memory, other, "id") is session
    assert sessions.find(memory, other, "/session/id") is session.browsing
    assert sessions.get(memory, replace(other, source="proxy"), "id") is None
    assert sessions.find(memory, other, "/elsewhere") is None


def test_whoever_serves_the_asking_is_a_driver_and_nobody_else():
    memory = Memory()
    sessions.serves(memory, of(AGENT, id_="new"))
    sessions.serves(memory, replace(of(DRIVER, id_="new"), role="server"))

    assert [True, False, False] == [sessions.is_drivers(memory, of(key)) for key in (DRIVER, AGENT, None)]


def test_a_path_has_a_prefix_an_id_and_a_command():
    assert {"prefix": "/wd/hub", "id": "a", "command": "/element/b/click"} == sessions.parts(
        "/wd/hub/session/a/element/b/click"
    ).groupdict()
    assert "" == sessions.parts("/session/a")["command"]
    assert sessions.parts("/session") is None
