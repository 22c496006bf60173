"""Both Collector tiers of deploy/collector with a real Kafka between them: what the tail sampler keeps, and what is lost while a Collector is away.

  .venv/bin/python benchmarks/collector.py --otelcol FILE --kafka FOLDER [--away 300] [--write]

FILE: the Collector that deploy/collector/builder.yaml builds. FOLDER: Kafka's jars (org.apache.kafka:kafka_2.13 with what it needs).
The configurations are those that are shipped; only the place spans go to (standard output in ClickHouse's stead), ports and the wait before
a decision are set by `--config yaml:…`, which comes last. Everything listens on loopback and ends with this program.
"""

import argparse
import collections
import contextlib
import itertools
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from opentelemetry.sdk.resources import Resource  # noqa: E402
from opentelemetry.sdk.trace import ReadableSpan  # noqa: E402
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags  # noqa: E402

from benchmarks import page  # noqa: E402
from hexr_autoinst.export import otlp  # noqa: E402
from hexr_autoinst.export.spans import Sink  # noqa: E402

SECOND = 1_000_000_000
KAFKA = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/kafka
num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""
# A trace of each kind: attributes of its root, its length in seconds, whether it failed.
KINDS = {
    "error": ({}, 1, True),
    "slow": ({}, 40, False),
    "costly": ({"hexr.agent.cost_usd": 0.9}, 1, False),
    "blocked by a guard": ({"hexr.guard.prompt_blocked": True}, 1, False),
    "half of a call between hosts": ({"hexr.join.key": "0123456789abcdef"}, 1, False),
    "not whole": ({"hexr.capture.complete": False}, 1, False),
    "ordinary": ({}, 1, False),
}
_IDS = itertools.count(int.from_bytes(os.urandom(7), "big") << 64 | 1)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def trace(kind, size=3):
    """The spans of one trace, its root last."""
    attributes, seconds, failed = KINDS[kind]
    # Spread over the whole space of ids, as real ones are: a sampler looks at their bits.
    number = next(_IDS) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128)
    end, root = time.time_ns(), SpanContext(number, 1, is_remote=False, trace_flags=TraceFlags(1))
    resource = Resource({"service.name": f"agent-{number % 50}"})
    for place in range(size, 0, -1):
        top = place == 1
        context = SpanContext(number, place, is_remote=False, trace_flags=TraceFlags(1))
        yield ReadableSpan(
            "hexr.agent.invoke" if top else "hexr.llm.chat", context, None if top else root, resource,
            attributes={"drill.kind": kind, **(attributes if top else {})}, kind=SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR) if failed and place == 2 else Status(),
            start_time=end - (seconds * SECOND if top else SECOND // 2), end_time=end,
        )  # fmt: skip


class Rig:
    """Kafka and both tiers, each started when it is asked for."""

    def __init__(self, otelcol, kafka, folder):
        self.otelcol, self.kafka, self.folder = otelcol, kafka, Path(folder)
        self.broker, self.otlp = free_port(), free_port()
        self.metrics = {"agent": free_port(), "gateway": free_port()}
        self.running = {}

    def start(self, name, command, **env):
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [str(c) for c in command],
            env={**os.environ, **env},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )

    def end(self, name):
        process = self.running.pop(name)
        process.terminate()
        process.wait(60)

    def close(self):
        for name in reversed(list(self.running)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.end(name)

    def start_kafka(self):
        place = self.folder / "server.properties"
        place.write_text(KAFKA.format(broker=self.broker, controller=free_port(), folder=self.folder))
        java = ["java", "-Xmx384m", "-cp", f"{self.kafka}/*"]
        cluster = subprocess.run(
            [*java, "kafka.tools.StorageTool", "random-uuid"], capture_output=True, text=True, check=True
        )
        subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "-t", cluster.stdout.split()[-1], "-c", place],
            check=True,
            capture_output=True,
        )
        self.start("kafka", [*java, "kafka.Kafka", place])
        await_port(self.broker)

    def start_agent(self):
        more = (
            f"yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:{self.otlp}",
            f"yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:{free_port()}",
        )
        self._tier("agent", more)
        await_port(self.otlp)

    def start_gateway(self, wait_s=5):
        more = (
            "yaml:exporters::debug::verbosity: detailed",
            "yaml:service::pipelines::traces::exporters: [debug]",
            "yaml:service::pipelines::metrics::exporters: [debug]",
            f"yaml:processors::tail_sampling::decision_wait: {wait_s}s",
        )
        self._tier("gateway", more)
        await_port(self.metrics["gateway"])

    def _tier(self, name, more):
        port = f"yaml:service::telemetry::metrics::readers: [{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {self.metrics[name]}}}}}}}}}]"
        configs = [f"--config={c}" for c in (ROOT / "deploy" / "collector" / f"{name}.yaml", *more, port)]
        self.start(
            name,
            [self.otelcol, *configs],
            KAFKA_BROKERS=f"127.0.0.1:{self.broker}",
            CLICKHOUSE="clickhouse://127.0.0.1:9",
            CLICKHOUSE_PASSWORD="",
        )

    def counted(self, tier, metric):
        """The sum of one of a tier's own metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics[tier]}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        return sum(
            float(v) for v in re.findall(rf"^{metric}(?:_total)?(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        )


def await_port(port, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}")


def sink(port):
    """The daemon's own way out."""
    return Sink("otlp", otlp.span_exporter(f"http://127.0.0.1:{port}", "http/protobuf"), 200)


def sampled(rig, each=200, ordinary=3000):
    """Traces through both tiers: of each kind how many went in, came out, and came out whole."""
    out = sink(rig.otlp)
    for kind in KINDS:
        for _ in range(ordinary if kind == "ordinary" else each):
            while out.count.queued > 4000:
                time.sleep(0.02)
            for span in trace(kind):
                out.offer(span)
    out.shutdown()
    kept = settled(rig)
    yield "| kind of trace | sent | kept | of them whole |"
    yield "|---|---|---|---|"
    for kind in KINDS:
        found = collections.Counter(t for k, t in kept if k == kind)
        sent = ordinary if kind == "ordinary" else each
        yield f"| {kind} | {sent} | {len(found)} ({100 * len(found) / sent:.1f} %) | {sum(n == 3 for n in found.values())} |"


def settled(rig, quiet_s=12):
    """(kind, trace id) of every span that the gateway let through, once nothing more comes."""
    log, size, since = rig.folder / "gateway.log", -1, time.monotonic()
    while time.monotonic() - since < quiet_s:
        if (now := log.stat().st_size) != size:
            size, since = now, time.monotonic()
        time.sleep(0.5)
    text = log.read_text()
    return [
        (kind, id_)
        for id_, kind in re.findall(r"Trace ID\s*: (\w+).*?drill\.kind: Str\(([^)]*)\)", text, re.DOTALL)
    ]


class StandIn(BaseHTTPRequestHandler):
    """A Collector that is slow, or has no room: it answers what it is told to, after a while."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.slow)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def stand_in(status, slow):
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads, server.status, server.slow = True, status, slow
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def offered(out, per_s, seconds):
    """Spans at an even pace; the longest that one was waited for, ms."""
    began, sent, worst = time.monotonic(), 0, 0.0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * per_s:
            for span in trace("ordinary", 1):
                at = time.perf_counter()
                out.offer(span)
                worst = max(worst, time.perf_counter() - at)
            sent += 1
        time.sleep(0.01)
    return 1e3 * worst


def drills(rig, away_s, per_s):
    yield f"| drill, {per_s} spans a second | offered | delivered | failed | dropped | left | the Collector's own count | longest offer ms |"
    yield "|---|---|---|---|---|---|---|---|"
    out = sink(rig.otlp)
    worst = offered(out, per_s, 5)
    rig.end("agent")
    worst = max(worst, offered(out, per_s, away_s))
    rig.start_agent()
    worst = max(worst, offered(out, per_s, 15))
    out.shutdown()
    got = rig.counted("agent", "otelcol_receiver_accepted_spans")
    yield row(f"Collector away for {away_s:.0f} s, then back", out, worst, f"{got:.0f} since it is back")
    for title, status, slow in (("it takes 5 s to answer", 200, 5.0), ("it refuses (503)", 503, 0.0)):
        with stand_in(status, slow) as port:
            out = sink(port)
            worst = offered(out, per_s, 30)
            out.shutdown()
        yield row(f"{title}, for 30 s (a stand-in)", out, worst, "")


def row(title, out, worst, own):
    c = out.count
    return f"| {title} | {c.offered} | {c.delivered} | {c.failed} | {c.dropped} | {c.queued} | {own} | {worst:.1f} |"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--otelcol", type=Path, required=True)
    parser.add_argument("--kafka", type=Path, required=True)
    parser.add_argument("--away", type=float, default=300, help="seconds that the Collector is away")
    parser.add_argument("--per-second", type=int, default=500, help="spans a second in the drills")
    parser.add_argument("--write", action="store_true", help="write docs/scale.md")
    args = parser.parse_args()
    logging.disable()  # a Collector that is away is the point
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(args.otelcol, args.kafka, folder)
        try:
            rig.start_kafka()
            rig.start_agent()
            rig.start_gateway()
            lines = [*sampled(rig), "", *drills(rig, args.away, args.per_second)]
        except BaseException:
            for log in Path(folder).glob("*.log"):
                print(f"== {log.name}\n{log.read_text()[-1500:]}", file=sys.stderr)
            raise
        finally:
            rig.close()
    print("\n".join(lines))
    if args.write:
        page.write("collector", "\n".join(lines), page.DOCS / "scale.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
