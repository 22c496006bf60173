"""Any process of the daemon may die at any moment: the agent goes on, and what is lost is what the counters say."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
HERE = Path(__file__).parent / "clients"


@pytest.fixture
def environment(libraries, certificate):
    return {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}


def chats(spans):
    return [s for s in spans if s["name"] == "hexr.llm.chat"]


def processes(supervisor):
    """role -> pid of the daemon's processes, the worker under the front included."""
    rows = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found, parents = {}, {supervisor}
    for _ in range(2):
        for row in rows:
            pid, parent, args = row.split(None, 2)
            module = next((w for w in args.split() if w.startswith(("hexr_autoinst.", "proxy_addons."))), "")
            if int(parent) in parents and module:
                found[module.rpartition(".")[2]] = int(pid)
        parents |= set(found.values())
    return found


def alive(pid):
    """A zombie is dead: whether it is reaped is its new parent's business."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def left(ours, seconds=10):
    """Who still lives once they have had time to end; taking probes away waits for the kernel's grace periods."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(alive(pid) for pid in ours.values()):
        time.sleep(0.1)
    return [role for role, pid in ours.items() if alive(pid)]


def one_call(group, model, environment):
    return group.run(
        [sys.executable, HERE / "tiny_client.py", model], env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("role", ["camera", "teller", "page"])
def test_a_killed_process_comes_back_and_tells_again(daemon, collector, group, model, environment, role):
    running = daemon("--door", "ebpf")
    before = processes(running.process.pid)[role]
    os.kill(before, signal.SIGKILL)
    end = time.monotonic() + 10
    while processes(running.process.pid).get(role) in (None, before) and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(2)
    done = one_call(group, model, environment)

    assert 0 == done.returncode, done.stderr
    assert processes(running.process.pid)[role] != before
    assert 1 == len(chats(collector.wait(lambda s: len(chats(s)) >= 1)))


def await_another(running, role, before):
    """The process that took the place of the one that was killed, once its status file is its own."""
    end = time.monotonic() + 20
    while (now := processes(running.process.pid).get(role)) in (None, before) and time.monotonic() < end:
        time.sleep(0.1)
    return now


def test_an_exchange_that_is_open_while_the_camera_dies_is_marked_and_what_follows_is_told(
    daemon, collector, group, model, environment
):
    running = daemon("--door", "ebpf")
    before = processes(running.process.pid)["camera"]
    with group.popen(
        [sys.executable, HERE / "survivor_client.py", model, "120", "50"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as agent:  # fmt: skip
        assert "streaming" == agent.stdout.readline().strip()
        time.sleep(0.7)
        os.kill(before, signal.SIGKILL)
        assert await_another(running, "camera", before)
        assert "whole" == agent.stdout.readline().strip()
        out, _ = agent.communicate("go on\n", timeout=30)
    told = {s["gen_ai.request.model"]: s for s in chats(collector.wait(lambda s: len(chats(s)) >= 3))}
    collector.wait(lambda spans: sum(s["name"] == "hexr.agent.invoke" for s in spans) >= 1)
    time.sleep(1.5)
    account, spans = running.account(), chats(collector.spans)

    assert (0, ["gpt-4o-mini-2026-01-01", "gpt-4.1-2026-01-01"]) == (agent.returncode, out.split())
    assert 3 == len(spans) == len({s["id"] for s in spans}) == len({s["hexr.exchange.id"] for s in spans})
    assert {
        "gpt-4o": ["lost_events"],
        "gpt-4o-mini": ["joined_mid_connection"],
        "gpt-4.1": None,
    } == {name: s.get("hexr.capture.missing") for name, s in told.items()}
    assert 0 < told["gpt-4o"]["hexr.llm.output_chunks"] < 120
    # The connection came to be before the camera did: only who saw it says how long that took.
    assert [True, False, True] == [
        "hexr.llm.phase.connect_ms" in told[m] for m in ("gpt-4o", "gpt-4o-mini", "gpt-4.1")
    ]
    assert {"camera": 1} == account["dropped"]
    assert (True, 0) == (account["balanced"], account["open"])


def test_the_supervisor_killed_takes_all_with_it_and_the_agent_goes_on(daemon, group, model, environment):
    running = daemon("--door", "ebpf")
    ours = processes(running.process.pid)
    stream = group.popen(
        [sys.executable, HERE / "flood_client.py", model, "2000", "6"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.5)
    running.process.kill()
    running.process.wait()
    out, _ = stream.communicate(timeout=60)

    assert {"camera", "teller", "page"} <= set(ours)
    assert (0, True) == (stream.returncode, int(out) > 100_000)
    assert [] == left(ours)
    assert 0 == one_call(group, model, environment).returncode


def test_stop_leaves_no_process_and_no_socket(daemon, group):
    running = daemon("--door", "ebpf")
    ours = processes(running.process.pid)
    code = running.verb("stop").returncode
    sockets = (
        [p.name for p in (running.folder / "run").glob("*.sock")] if (running.folder / "run").exists() else []
    )

    assert (0, 0) == (code, running.process.wait(10))
    assert [] == left(ours)
    assert [] == sockets
