import asyncio
import os
import signal
import socket
import sys
import textwrap
import time
from collections import Counter

import pytest

from hexr_autoinst.front import hand as hand_module
from hexr_autoinst.front.ask import Caller
from hexr_autoinst.front.hand import Hand, environment

# A worker of few lines: real process, real line, real descriptors. HABIT says how it behaves.
WORKER = """
    import json, os, socket, sys, time
    line = socket.socket(fileno=int(os.environ["HEXR_FRONT_FD"])); line.setblocking(True)
    say = lambda **words: line.send(json.dumps(words).encode())
    habit = os.environ["HABIT"]
    if habit == "dies": sys.exit(3)
    if habit == "sleeps": time.sleep(60)
    say(ready=True, ca="/ca.pem")
    if habit == "drains": say(drain=True)
    while True:
        data, fds, _, _ = socket.recv_fds(line, 1 << 18, 1)
        if not data: sys.exit(0)
        head, _, peeked = data.partition(b"\\n")
        words = json.loads(head)
        if habit == "stuck": time.sleep(60)
        if habit == "dies_with_it": os._exit(9)
        say(took=words["id"])
        client = socket.socket(fileno=fds[0]); client.setblocking(True)
        client.sendall(json.dumps([words["pid"], words["exe"], peeked.decode(), os.getpid()]).encode()); client.close()
"""
CALLER = Caller(42, 4711, "/usr/bin/agent")


@pytest.fixture
def package(tmp_path):
    (tmp_path / "proxy_addons").mkdir()
    (tmp_path / "proxy_addons" / "__init__.py").write_text("")
    (tmp_path / "proxy_addons" / "worker.py").write_text(textwrap.dedent(WORKER))
    return tmp_path


def keeping(package, habit, play):
    """Run `play(hand, counts, heard)` beside a hand that keeps such a worker."""

    async def main():
        counts, heard = Counter(), []
        env = {"PYTHONPATH": str(package), "HABIT": habit}
        hand = Hand(sys.executable, env, heard.append, counts)
        task = asyncio.create_task(hand.keep())
        try:
            return await asyncio.wait_for(play(hand, counts, heard), 20)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await hand.end()

    return asyncio.run(main())


async def until(check):
    while not check():
        await asyncio.sleep(0.01)


async def given(hand, peeked=b"CONNECT"):
    """(taken?, what the client heard)"""
    near, far = socket.socketpair()
    with near, far:
        taken = await hand.give(far, peeked, CALLER)
        far.close()
        near.settimeout(5)
        return taken, await asyncio.to_thread(near.recv, 1000) if taken else b""


def test_a_worker_gets_the_socket_the_bytes_and_the_caller(package):
    async def play(hand, counts, heard):
        await until(lambda: hand.ready)
        return (*await given(hand, b"x" * 60_000), hand.current.process.pid, heard)

    taken, said, pid, heard = keeping(package, "good", play)

    assert taken
    assert said[:200].startswith(b'[42, "/usr/bin/agent", "xxxx')
    assert heard[0] == {"ready": True, "ca": "/ca.pem", "pid": pid}


def test_who_comes_first_waits_until_it_is_ready(package):
    async def play(hand, counts, heard):
        before = hand.ready
        await hand.first()
        return before, (await given(hand))[0]

    assert keeping(package, "good", play) == (False, True)


def test_nobody_waits_for_a_second_one(package):
    async def play(hand, counts, heard):
        await hand.first(60)
        began = time.monotonic()
        await hand.first(60)
        return hand.ready, time.monotonic() - began

    ready, waited = keeping(package, "dies", play)

    assert not ready
    assert waited < 1


def test_nobody_waits_longer_than_so_long_after_the_start(package):
    async def play(hand, counts, heard):
        began = time.monotonic()
        await hand.first(0.3)
        first = time.monotonic() - began
        await hand.first(0.3)
        return hand.ready, first, time.monotonic() - began

    ready, first, both = keeping(package, "sleeps", play)

    assert not ready
    assert 0.1 < first < 5
    assert both - first < 0.1


def test_before_it_is_ready_nothing_is_given(package):
    async def play(hand, counts, heard):
        return await given(hand)

    assert keeping(package, "good", play) == (False, b"")


def test_a_worker_that_dies_with_the_socket_leaves_it_with_us(package):
    async def play(hand, counts, heard):
        await until(lambda: hand.ready)
        near, far = socket.socketpair()
        with near, far:
            taken = await hand.give(far, b"", CALLER)
            far.send(b"still ours")
            return taken, near.recv(100)

    assert keeping(package, "dies_with_it", play) == (False, b"still ours")


def test_a_stuck_worker_is_replaced_and_the_socket_stays_ours(package, monkeypatch):
    monkeypatch.setattr(hand_module, "TAKE_S", 0.2)

    async def play(hand, counts, heard):
        await until(lambda: hand.ready)
        first = hand.current.process
        taken, _ = await given(hand)
        await until(lambda: hand.ready and hand.current.process.pid != first.pid)
        return taken, first.returncode, counts["worker_ended"]

    assert keeping(package, "stuck", play) == (False, -signal.SIGKILL, 1)


def test_a_killed_worker_is_started_again(package):
    async def play(hand, counts, heard):
        await until(lambda: hand.ready)
        os.kill(hand.current.process.pid, signal.SIGKILL)
        await until(lambda: counts["worker_ended"])
        await until(lambda: hand.ready)
        return (await given(hand))[0]

    assert keeping(package, "good", play)


def test_one_that_cannot_live_is_started_again_ever_more_slowly(package):
    async def play(hand, counts, heard):
        await until(lambda: counts["worker_ended"] >= 3)
        return hand.ready

    began = time.monotonic()

    assert keeping(package, "dies", play) is False
    assert time.monotonic() - began > 0.2


def test_one_that_drains_gets_a_successor_beside_it(package):
    async def play(hand, counts, heard):
        await until(lambda: counts["worker_recycled"] >= 1)
        return len(hand._living), hand.ready

    living, ready = keeping(package, "drains", play)

    assert living >= 2
    assert not ready


def test_an_interpreter_that_is_not_there_is_counted(tmp_path):
    async def main():
        counts = Counter()
        hand = Hand(str(tmp_path / "none"), {}, lambda _: None, counts)
        task = asyncio.create_task(hand.keep())
        await asyncio.wait_for(until(lambda: counts["worker_unstartable"]), 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


def test_end_leaves_no_worker(package):
    async def play(hand, counts, heard):
        await until(lambda: hand.ready)
        process = hand.current.process
        await hand.end()
        return process.poll()

    assert keeping(package, "good", play) is not None


def test_a_worker_never_gets_a_key_log_file():
    env = environment(
        {"SSLKEYLOGFILE": "/x", "MITMPROXY_SSLKEYLOGFILE": "/y", "HEXR_LISTEN_FD": "3", "PATH": "/bin"}
    )

    assert env == {"PATH": "/bin", "HEXR_SUPERVISOR_PID": str(os.getppid())}
