import os
import selectors
import socket
import stat
import threading

import pytest

from hexr_autoinst import control
from hexr_autoinst.doors import FILES, Doors
from hexr_autoinst.netlink import Tuple4
from hexr_autoinst.owner import REPLY, Desk, pack_request

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give sockets away")
NOBODY = Tuple4(b"\x7f\0\0\x01", 1, b"\x7f\0\0\x01", 1)


@pytest.fixture
def doors(tmp_path):
    selector = selectors.DefaultSelector()
    doors = Doors(tmp_path, selector)
    doors.turn = lambda: [key.data() for key, _ in selector.select(0.2)]
    yield doors
    doors.close()
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    selector.close()


def asker(tmp_path):
    front = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    front.settimeout(1)
    front.connect(str(tmp_path / "owner.sock"))
    return front


def test_each_socket_is_for_its_group_alone(doors, tmp_path):
    doors.owner(Desk(), 12345)
    doors.facts(12345)
    doors.control(dict, list)
    modes = {n: (stat.S_IMODE((tmp_path / n).stat().st_mode), (tmp_path / n).stat().st_gid) for n in FILES}

    assert {
        "owner.sock": (0o660, 12345),
        "facts.sock": (0o660, 12345),
        "control.sock": (0o666, os.getegid()),
    } == modes


def test_a_dead_runs_sockets_are_replaced_and_ours_removed(doors, tmp_path):
    for name in FILES:
        with socket.socket(socket.AF_UNIX) as old:
            old.bind(str(tmp_path / name))
    doors.owner(Desk(), 0)
    doors.facts(0)
    doors.control(dict, list)
    doors.close()

    assert list(tmp_path.iterdir()) == []


def test_the_front_asks_again_and_again_on_one_connection(doors, tmp_path):
    desk = Desk()
    doors.owner(desk, 0)
    with asker(tmp_path) as front:
        for _ in range(3):
            front.send(pack_request(NOBODY))
            doors.turn()
            doors.turn()

            assert REPLY.size == len(front.recv(999))
    doors.turn()
    assert desk.asked == 3


def test_a_question_that_is_none_ends_the_connection(doors, tmp_path):
    desk = Desk()
    doors.owner(desk, 0)
    with asker(tmp_path) as front:
        front.send(b"who is there?")
        doors.turn()
        doors.turn()

        assert front.recv(999) == b""
    assert desk.refused == 1


def test_askers_are_bounded_and_come_again_when_others_left(doors, tmp_path, monkeypatch):
    monkeypatch.setattr("hexr_autoinst.doors._QUESTIONERS", 1)
    doors.owner(Desk(), 0)
    with asker(tmp_path):
        doors.turn()
        with asker(tmp_path) as second:
            doors.turn()
            assert second.recv(9) == b""
    doors.turn()
    with asker(tmp_path) as third:
        doors.turn()
        third.send(pack_request(NOBODY))
        doors.turn()

        assert REPLY.size == len(third.recv(999))


def test_status_is_answered_from_the_loop(doors, tmp_path):
    doors.control(lambda: {"pid": 1}, list)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(control.ask(tmp_path, "status")))
    thread.start()
    doors.turn()
    thread.join()

    assert answers == [{"pid": 1}]
