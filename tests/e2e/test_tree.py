"""Agents on the real SDK against a scripted model: the tree that comes out of what the kernel shows of them."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import scripted
from tests.e2e.clients import crowd_client

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
CLIENT = Path(__file__).parent / "clients" / "agent_client.py"
CROWD = CLIENT.with_name("crowd_client.py")


@pytest.fixture
def stage(libraries, certificate, daemon):
    """The model over TLS and a daemon: the model's base address, an agent's environment, the daemon."""
    pem, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server = scripted.serve(context)
    env = {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(pem)}
    yield f"https://localhost:{server.server_address[1]}/", env, daemon("--door", "ebpf")
    server.shutdown()
    server.server_close()


@pytest.fixture
def act(group, stage, collector):
    """Run one mode of the agents under a daemon: its spans, once all invocations are told, and the daemon."""
    base, env, running = stage

    def run(mode, roots):
        done = group.run([sys.executable, str(CLIENT), mode, base], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2_000:]
        spans = collector.wait(lambda found: len(named(found, "hexr.agent.invoke")) >= roots)
        return sorted(spans, key=lambda s: s["start"]), running

    return run


def named(spans, name):
    return [s for s in spans if s["name"] == name]


def shape(spans, parent):
    """The tree below a span: its children's names in order of time, theirs behind them."""
    told = []
    for span in (s for s in spans if s["parent"] == parent):
        what = span.get("gen_ai.tool.name") or span.get("language") or span["name"].removeprefix("hexr.")
        below = shape(spans, span["id"])
        told.append((what, below) if below else what)
    return told


def test_a_loop_of_tools_is_one_tree(act):
    spans, running = act("loop", 1)

    (root,) = named(spans, "hexr.agent.invoke")
    assert shape(spans, root["id"]) == [
        "llm.chat", "wait", "llm.chat", ("bash", ["bash"]), "llm.chat", "wait", "wait", "llm.chat",
    ]  # fmt: skip
    assert {s["trace"] for s in spans} == {root["trace"]}
    assert (root["hexr.agent.boundary"], root["hexr.agent.model_calls"], root["hexr.agent.tool_calls"]) == (
        "process",
        4,
        4,
    )
    (code,) = named(spans, "hexr.sandbox.exec")
    assert (code["exit_code"], code["error"]) == (3, True)
    assert "echo 1" not in str(spans)
    for one in named(spans, "hexr.tool.invoke"):
        asked = max(
            (s for s in named(spans, "hexr.llm.chat") if s["end"] <= one["start"]), key=lambda s: s["end"]
        )
        assert one["start"] == asked["end"]
        assert "hexr.exchange.id" not in one
    drawn = running.verb("traces", "show", root["trace"][:12]).stdout
    assert "tool wait" in drawn
    assert "run bash" in drawn


def test_going_in_circles_is_noticed(act, collector):
    spans, _ = act("circles", 1)

    (root,) = named(spans, "hexr.agent.invoke")
    assert [e["name"] for e in root["events"]] == ["hexr.finding.loop"]
    assert root["events"][0]["hexr.finding.times"] == 3


def test_two_agents_of_one_process_at_one_time_are_two_trees(act):
    spans, _ = act("two", 2)

    roots = named(spans, "hexr.agent.invoke")
    assert len({r["trace"] for r in roots}) == len(roots) == 2
    for root in roots:
        assert shape(spans, root["id"]) == ["llm.chat", "wait", "llm.chat", "wait", "wait", "llm.chat"]
        assert root["hexr.agent.tool_calls"] == 3


def test_an_agent_that_another_asks_is_below_the_tool(act):
    spans, _ = act("nested", 2)

    (root,) = [r for r in named(spans, "hexr.agent.invoke") if not r["parent"]]
    inner = ["llm.chat", "wait", "llm.chat", ("bash", ["bash"]), "llm.chat"]
    assert shape(spans, root["id"]) == [
        "llm.chat", "wait", "llm.chat", ("agent", [("agent.invoke", inner)]), "llm.chat",
    ]  # fmt: skip
    assert root["hexr.agent.boundary"] == "process"


def test_of_fifty_agents_at_one_time_in_ten_processes_every_span_is_in_its_own_tree(stage, group, collector):
    base, env, running = stage
    began = [
        group.popen(
            [sys.executable, str(CROWD), base, str(first), "5"], env=env, stderr=subprocess.PIPE, text=True
        )
        for first in range(0, 50, 5)
    ]
    for process in began:
        assert process.wait(90) == 0, process.stderr.read()[-2_000:]
        process.stderr.close()
    spans = collector.wait(lambda found: len(named(found, "hexr.agent.invoke")) >= 50, 30)

    spans = sorted(spans, key=lambda s: s["start"])
    roots = named(spans, "hexr.agent.invoke")
    assert len({r["trace"] for r in roots}) == len(roots) == 50
    for root in roots:
        calls = [s["gen_ai.response.id"] for s in named(spans, "hexr.llm.chat") if s["parent"] == root["id"]]
        (number,) = [n for n in range(50) if calls == answers(n)]
        assert shape(spans, root["id"]) == ["llm.chat", "wait", "llm.chat", "wait", "wait", "llm.chat"], (
            number
        )
    assert {s["trace"] for s in spans} == {r["trace"] for r in roots}
    assert not [s for s in spans if s.get("hexr.self.ambiguous")]
    assert running.account()["balanced"]


def answers(number):
    """The ids of what the model says to one of the crowd, in order."""
    return [f"chatcmpl-{abs(hash((crowd_client.task(number), turn))):x}" for turn in range(3)]
