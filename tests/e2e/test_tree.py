"""Agents on the real SDK against a scripted model: the tree that comes out of what the kernel shows of them."""

import os
import ssl
import sys
from pathlib import Path

import pytest

from tests.e2e import scripted

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
CLIENT = Path(__file__).parent / "clients" / "agent_client.py"


@pytest.fixture
def act(group, libraries, certificate, daemon, collector):
    """Run one mode of the agents under a daemon: its spans, once all invocations are told, and the daemon."""
    pem, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server = scripted.serve(context)
    env = {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(pem)}
    running = daemon("--door", "ebpf")

    def run(mode, roots):
        base = f"https://localhost:{server.server_address[1]}/"
        done = group.run([sys.executable, str(CLIENT), mode, base], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2_000:]
        spans = collector.wait(lambda found: len(named(found, "hexr.agent.invoke")) >= roots)
        return sorted(spans, key=lambda s: s["start"]), running

    yield run
    server.shutdown()
    server.server_close()


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
