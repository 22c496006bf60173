import contextlib
import socket

from hexr_autoinst.notify import Notifier, Rhythm, notifier


def test_a_word_reaches_the_manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))

        assert Notifier(str(tmp_path / "n")).say("READY=1", "STATUS=up")
        assert manager.recv(99) == b"READY=1\nSTATUS=up"


def test_an_abstract_address_is_understood():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0hexr-test-notify")

        assert notifier({"NOTIFY_SOCKET": "@hexr-test-notify"}).say("WATCHDOG=1")
        assert manager.recv(99) == b"WATCHDOG=1"


def test_nobody_listening_is_no_error(tmp_path):
    assert not Notifier(str(tmp_path / "gone")).say("READY=1")
    assert not Notifier().say("READY=1")


def test_the_sign_comes_at_half_the_interval():
    env = {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "41"}

    assert Notifier("/run/x", 10.0) == notifier(env, 41)
    assert Notifier("/run/x", 0.0) == notifier(env, 42)


def test_a_nonsense_environment_is_silence():
    assert Notifier() == notifier({"NOTIFY_SOCKET": "tcp:host"})
    assert notifier({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}).watchdog_s == 0.0


def test_signs_and_wishes_have_a_rhythm(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.setblocking(False)
        rhythm = Rhythm(Notifier(str(tmp_path / "n"), 10.0))

        def heard(now, *, starting):
            rhythm.beat(now, starting=starting)
            words = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    words.append(manager.recv(99).decode())
            return words

        assert heard(100.0, starting=True) == ["WATCHDOG=1", "EXTEND_TIMEOUT_USEC=60000000"]
        assert heard(101.0, starting=True) == []
        assert heard(102.0, starting=True) == ["EXTEND_TIMEOUT_USEC=60000000"]
        assert heard(105.0, starting=False) == []
        assert heard(110.0, starting=False) == ["WATCHDOG=1"]
        assert rhythm.next(112.0) == 8.0


def test_without_a_watchdog_there_is_no_sign():
    assert Rhythm(Notifier()).next(5.0) == 1.0
