"""Agents of two hosts that send to each other without a header: two daemons, each sees its own, and the exports become one tree."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import groups
from tests.e2e.conftest import COMMAND, ROOT, Daemon

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not all(map(shutil.which, ("ip", "nsenter", "unshare"))), reason="needs iproute2 and util-linux"
    ),
]
CLIENTS = Path(__file__).parent / "clients"
RELAY = CLIENTS / "a2a_relay.py"
TOOLS = CLIENTS / "stdio_server.py"


class Host:
    """A network namespace, a control group and a daemon of one's own. It has gone when its holder has."""

    def __init__(self, number):
        self.address = f"10.213.77.{number}"
        self.group = groups.Group()
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "300"])
        self.daemon = None
        self.running = []

    def inside(self, *args):
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *map(str, args)]

    def ip(self, *args):
        subprocess.run(self.inside("ip", *args), check=True)

    def up(self, link):
        subprocess.run(["ip", "link", "set", link, "netns", str(self.holder.pid)], check=True)
        self.ip("link", "set", "lo", "up")
        self.ip("addr", "add", f"{self.address}/24", "dev", link)
        self.ip("link", "set", link, "up")

    def start(self, *args):
        """A program that is watched here and says where it listens: its base address."""
        process = self.group.popen(
            self.inside(sys.executable, *args), stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.running.append(process)
        return f"http://{self.address}:{process.stdout.readline().strip()}"

    def model(self):
        """The local model server on this host, outside of what is watched."""
        process = subprocess.Popen(
            self.inside(sys.executable, "-m", "hexr_autoinst.demo.server", "--host", self.address),
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(process)
        return f"http://{self.address}:{process.stdout.readline().strip()}"

    def exported(self, path, name, count=1):
        """All that its store has, as lines of OTLP/JSON, once so many spans of the name are told."""
        end = time.monotonic() + 20
        while True:
            text = self.daemon.verb("observe", "-o", "otlp", "--since", "10m").stdout
            if text.count(f'"{name}"') >= count or time.monotonic() > end:
                path.write_text(text)
                return path
            time.sleep(0.1)

    def close(self):
        for process in self.running:
            process.kill()
            process.communicate()
        if self.daemon:
            self.daemon.close()
        self.group.close()
        self.holder.kill()
        self.holder.wait()


@pytest.fixture
def hosts(collector):
    near, far = Host(1), Host(2)
    try:
        names = (f"hexr{os.getpid()}a"[-15:], f"hexr{os.getpid()}b"[-15:])
        subprocess.run(["ip", "link", "add", names[0], "type", "veth", "peer", "name", names[1]], check=True)
        for host, link in zip((near, far), names, strict=True):
            host.up(link)
            host.daemon = Daemon(
                host.group,
                collector,
                "--door",
                "ebpf",
                env={"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
                through=host.inside(),
            )
        yield near, far
    finally:
        near.close()
        far.close()


def joined(*files, form="otlp"):
    done = subprocess.run(
        [COMMAND, "traces", "join", *files, "-o", form], capture_output=True, text=True, check=True
    )
    return done.stdout


def spans(text):
    """The spans of lines of OTLP/JSON, by id."""
    lines = [json.loads(line) for line in text.splitlines()]
    return {
        s["spanId"]: s for x in lines for r in x["resourceSpans"] for y in r["scopeSpans"] for s in y["spans"]
    }


def path(found, span, parent="parentSpanId"):
    """The names from a span up to its root."""
    names = []
    while span is not None:
        names.append(span["name"].removeprefix("hexr."))
        span = found.get(span.get(parent))
    return names


def test_a_chain_across_two_hosts_is_one_tree_after_joining(hosts, tmp_path):
    near, far = hosts
    model = near.model()
    last = near.start(RELAY, near.address, model)
    middle = far.start(RELAY, far.address, model, last)
    done = near.group.run(
        near.inside(sys.executable, RELAY, "", model, middle), capture_output=True, text=True
    )
    assert done.stdout == "completed\n", done.stderr
    one = near.exported(tmp_path / "near.jsonl", "hexr.agent.invoke", 2)
    other = far.exported(tmp_path / "far.jsonl", "hexr.agent.invoke")

    apart = [spans(x.read_text()) for x in (one, other)]
    assert [len({s["traceId"] for s in found.values()}) for found in apart] == [2, 1]
    found = spans(joined(one, other))
    assert len({s["traceId"] for s in found.values()}) == 1
    up = ["agent.invoke", "a2a.bridge.execute", "a2a.client.send"]
    assert sorted(path(found, s) for s in found.values() if s["name"] == "hexr.llm.chat") == [
        ["llm.chat", "agent.invoke"], ["llm.chat", *up, "agent.invoke"], ["llm.chat", *up, *up, "agent.invoke"],
    ]  # fmt: skip
    drawn = joined(one, other, form="tree").splitlines()
    assert [line.index("gpt-4o") for line in drawn if "gpt-4o" in line] == [3, 12, 21]


def test_who_sends_outside_of_any_invocation_has_the_trace_that_the_receiver_has(hosts, tmp_path):
    """No model is asked: what sends is no agent, and begins no invocation."""
    near, far = hosts
    agent = far.start(RELAY, far.address)
    done = near.group.run(near.inside(sys.executable, RELAY, "", "", agent), capture_output=True, text=True)
    assert done.stdout == "completed\n", done.stderr
    sent = spans(near.exported(tmp_path / "near.jsonl", "hexr.a2a.client.send").read_text())
    received = spans(far.exported(tmp_path / "far.jsonl", "hexr.a2a.bridge.execute").read_text())

    assert [s["name"] for s in sent.values()] == ["hexr.a2a.client.send"]
    assert "hexr.a2a.bridge.execute" in [s["name"] for s in received.values()]
    assert len({s["traceId"] for s in (*sent.values(), *received.values())}) == 1


def test_five_agents_of_one_host_with_a_model_and_tools_below_each_are_one_tree(
    group, daemon, collector, clear_model
):
    daemon("--door", "ebpf")
    agents, following = [], ""
    try:
        for _ in range(4):
            args = [sys.executable, RELAY, "127.0.0.1", clear_model, following, TOOLS]
            agents.append(group.popen(args, stdout=subprocess.PIPE, text=True))
            following = f"http://127.0.0.1:{agents[-1].stdout.readline().strip()}"
        done = group.run(
            [sys.executable, RELAY, "", clear_model, following, TOOLS], capture_output=True, text=True
        )
        assert done.stdout == "completed\n", done.stderr
        found = {
            s["id"]: s
            for s in collector.wait(lambda spans: sum(s["name"] == "hexr.agent.invoke" for s in spans) >= 5)
        }
    finally:
        for agent in agents:
            agent.kill()
            agent.communicate()

    assert len({s["trace"] for s in found.values()}) == 1
    paths = [path(found, s, "parent") for s in found.values()]
    above = ["agent.invoke", "a2a.bridge.execute", "a2a.client.send"]
    for what in ("llm.chat", "gateway.call", "mcp.initialize"):
        mine = sorted(
            (
                p
                for p in paths
                if p[0] == what and "gateway.call" not in p[1:] and "mcp.initialize" not in p[1:]
            ),
            key=len,
        )
        assert mine == [[what, *above * depth, "agent.invoke"] for depth in range(5)]
