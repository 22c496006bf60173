"""Unmodified programs without TLS: a model on plain HTTP, an MCP server on its parent's pipes, an agent that others send to."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.test_clients import PLANTED, by_id, facts, told

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
HERE = Path(__file__).parent / "clients"


@pytest.fixture
def watching(daemon):
    def start(*more, **env):
        running = daemon("--door", "ebpf", *more, env=env)
        end = time.monotonic() + 60
        while not running.json("camera.json") and time.monotonic() < end:
            time.sleep(0.05)
        return running

    return start


def run(group, *args):
    done = group.run([str(a) for a in args], capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr[-2_000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("mode", ["openai", "openai-stream", "openai-async", "anthropic-stream"])
def test_a_model_on_plain_http_is_told_to_the_token(watching, collector, group, clear_model, mode):
    watching()
    said = run(group, sys.executable, HERE / "python_client.py", mode, clear_model)
    (span,) = told(collector, 1)

    assert by_id(said) == by_id([facts(span)])
    assert span["hexr.capture.complete"] is True, span.get("hexr.capture.missing")
    assert span["server.port"] == int(clear_model.rpartition(":")[2])
    assert "tls.protocol.version" not in span
    assert not [p for p in PLANTED if p in json.dumps(collector.spans)]


def pairs(spans, name, count):
    """Client's and server's spans of one name, as (client, server)."""
    found = [s for s in spans if s["name"] == name]
    by_parent = {s["parent"]: s for s in found}
    both = [(s, by_parent[s["id"]]) for s in found if s["id"] in by_parent]
    assert len(both) == count, [(s["name"], s["id"], s["parent"]) for s in spans]
    return both


def test_mcp_over_stdio_is_told_at_both_ends_in_one_trace(watching, collector, group):
    running = watching()
    said = run(group, sys.executable, HERE / "stdio_client.py", HERE / "stdio_server.py")
    heard = {"hexr.gateway.call", "hexr.mcp.initialize", "hexr.mcp.tools/list"}
    spans = collector.wait(lambda spans: len([s for s in spans if s["name"] in heard]) >= 12)

    assert said == ["4", "5", "6"]
    calls = pairs(spans, "hexr.gateway.call", 4)
    assert len({s["trace"] for both in calls for s in both}) == 1
    assert [c["gen_ai.tool.name"] for c, _ in calls].count("add") == 3
    assert {"stdio_client"} == {c["resource"]["service.name"] for c, _ in calls}
    assert {"stdio_server"} == {s["resource"]["service.name"] for _, s in calls}
    for both in calls:
        assert {s.get("error.type") for s in both} == (
            {"tool_error"} if both[0]["gen_ai.tool.name"] == "fail" else {None}
        )
        assert not [s["hexr.capture.missing"] for s in both if "hexr.capture.missing" in s]
        assert {"pipe"} == {s["network.transport"] for s in both}
        assert "server.address" not in both[0]
    pairs(spans, "hexr.mcp.initialize", 1)
    pairs(spans, "hexr.mcp.tools/list", 1)
    assert running.account()["balanced"]


def test_an_agent_that_others_send_to_is_told_as_the_server(watching, collector, group):
    watching()
    agent = group.popen(
        [sys.executable, HERE / "a2a_relay.py", "127.0.0.1"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert run(group, sys.executable, HERE / "a2a_sender.py", agent.stdout.readline().strip()) == [
            "completed"
        ]
        wanted = {"hexr.a2a.client.send", "hexr.a2a.bridge.execute"}
        spans = collector.wait(lambda spans: wanted <= {s["name"] for s in spans})
    finally:
        agent.kill()
        agent.communicate()

    (sent,) = [s for s in spans if s["name"] == "hexr.a2a.client.send"]
    (bridge,) = [s for s in spans if s["name"] == "hexr.a2a.bridge.execute"]
    assert (sent["trace"], sent["id"]) == (bridge["trace"], bridge["parent"])
    assert ("a2a_sender", "a2a_relay") == (
        sent["resource"]["service.name"],
        bridge["resource"]["service.name"],
    )


def test_a_hundred_calls_at_once_on_ten_connections_are_a_hundred_pairs(watching, collector, group):
    running = watching()
    agent = group.popen(
        [sys.executable, HERE / "a2a_grpc.py", "serve", "100"], stdout=subprocess.PIPE, text=True
    )
    try:
        port = agent.stdout.readline().strip()
        assert run(group, sys.executable, HERE / "a2a_grpc.py", "send", port, "10", "10") == [100]
        spans = collector.wait(lambda spans: len([s for s in spans if "hexr.a2a" in s["name"]]) >= 200)
    finally:
        agent.kill()
        agent.communicate()

    sent = [s for s in spans if s["name"] == "hexr.a2a.client.send"]
    served = {s["parent"]: s for s in spans if s["name"] == "hexr.a2a.bridge.execute"}
    assert (100, 100) == (len(sent), len(served))
    assert len({s["a2a.task.id"] for s in sent}) == 100
    for one in sent:
        other = served[one["id"]]
        assert [one[k] for k in ("trace", "a2a.task.id")] == [other[k] for k in ("trace", "a2a.task.id")]
        assert [None, None] == [s.get("hexr.capture.missing") for s in (one, other)]
    assert running.account()["dropped"] == {}


def test_switched_off_nothing_without_tls_is_told(watching, collector, group, clear_model):
    running = watching(HEXR_CLEARTEXT="false")
    run(group, sys.executable, HERE / "python_client.py", "openai", clear_model)
    doctor = running.verb("doctor").stdout
    running.stop()

    assert collector.spans == []
    assert "`cleartext` is switched off" in doctor
