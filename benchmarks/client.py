"""What the observed agent feels: latency and CPU of the OpenAI SDK client, with and without the daemon.

  sudo .venv/bin/python benchmarks/client.py            needs an installation (make install); --write: docs/performance.md

The clients' interpreter (--python) has openai, opentelemetry-sdk and opentelemetry-instrumentation-genai-openai.

Clients take turns in short blocks of calls, one at a time, while the daemon runs: plain (its copy of libssl carries no probe),
*observed* (watched, on a copy of its own), *others observed* (on that same copy, but not watched: it only traps), *instrumentor*
(plain, with OpenTelemetry's in-process one). Every block is compared with the plain ones just before and after it, so that
what another program does to the machine hurts both sides; each round starts its clients anew. `added` is the median of those
paired differences and ± its 95 % interval (order statistics, no distribution assumed); *plain again* is a second plain client
measured in the same way: what the method says of no difference at all.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import page

HERE = Path(__file__).parent
ROOT = HERE.parent
PREFIX = Path(os.environ.get("HEXR_PREFIX", "/opt/hexr-autoinst"))
COMMAND = PREFIX / "core" / "bin" / "hexr-autoinst"

CLIENT = """
import json, sys, time
import openai
base, how = sys.argv[1:]
if how == "instrumentor":
    from opentelemetry import trace
    from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
    class Sink(SpanExporter):
        def export(self, spans): return SpanExportResult.SUCCESS
    provider = TracerProvider(); provider.add_span_processor(BatchSpanProcessor(Sink())); trace.set_tracer_provider(provider)
    OpenAIInstrumentor().instrument()
client = openai.OpenAI(base_url=base + "/v1", api_key="sk-benchmark-0000000000000000", max_retries=0)
for line in sys.stdin:
    calls, words = map(int, line.split())
    ask = dict(model="gpt-4o", messages=[{"role": "user", "content": "words: %d" % words}])
    times, before = [], time.process_time()
    for _ in range(calls):
        t = time.perf_counter(); client.chat.completions.create(**ask); times.append(time.perf_counter() - t)
    cpu = time.process_time() - before
    times.sort()
    print(json.dumps({"p50": 1e3 * times[len(times) // 2], "cpu": 1e3 * cpu / calls}), flush=True)
"""
HOWS = ("plain", "plain again", "observed", "others observed", "instrumentor")
SETTLE = 0.15  # the teller takes what an observed block left, before the next block is measured


def cgroup_root():
    lines = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return Path(next(place for _, place, kind, *_ in lines if kind == "cgroup2"))


class Rig:
    def __init__(self, python):
        self.python = python
        self.folder = Path(tempfile.mkdtemp(prefix="hexr-bench-"))
        self.folder.chmod(0o755)
        self.group = cgroup_root() / f"hexr-bench-{os.getpid()}"
        self.group.mkdir()
        self.pem, self.key = self.folder / "c.pem", self.folder / "k.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.pem, "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True,
        )  # fmt: skip
        for place in ("probed", "plain"):
            (self.folder / place).mkdir()
            for name in ("libssl.so.3", "libcrypto.so.3"):
                found = next(p for p in Path("/usr/lib").glob(f"*-linux-gnu/{name}"))
                shutil.copy(found, self.folder / place / name)
        self.server = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.demo.server", "--cert", self.pem, "--key", self.key],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.base = f"https://localhost:{self.server.stdout.readline().strip()}"
        (self.folder / "client.py").write_text(CLIENT)

    def client(self, how):
        place = self.folder / ("probed" if "observed" in how else "plain")
        env = {**os.environ, "SSL_CERT_FILE": str(self.pem), "LD_LIBRARY_PATH": str(place)}

        def enter():
            if how == "observed":
                (self.group / "cgroup.procs").write_text("0")

        return subprocess.Popen(
            [self.python, self.folder / "client.py", self.base, how],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=enter,
        )  # fmt: skip

    def daemon(self):
        env = {
            **os.environ,
            "HEXR_RUN_DIR": str(self.folder / "run"), "HEXR_STATE_DIR": str(self.folder / "state"), "HEXR_PREFIX": str(PREFIX),
            "HEXR_PAGE_PORT": "0", "HEXR_PROXY_PORT": "0", "HEXR_METRICS_PORT": "0",
        }  # fmt: skip
        began = time.perf_counter()
        process = subprocess.Popen(
            [COMMAND, "start", "--door", "ebpf", "--only", f"cgroup:/{self.group.name}"],
            env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        while subprocess.run([COMMAND, "status"], env=env, capture_output=True, check=False).returncode:
            time.sleep(0.02)
        return process, time.perf_counter() - began

    def close(self):
        self.server.stdin.close()
        self.server.wait(10)
        self.group.rmdir()
        shutil.rmtree(self.folder, ignore_errors=True)


def children(pid):
    """The daemon's processes by role: (role, pid)."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            role = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if parent == pid:
            yield (
                next((a for a in role if a.startswith("hexr_autoinst.")), "?").rpartition(".")[2],
                int(folder.name),
            )


def pss_mb(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def block(client, calls, words):
    client.stdin.write(f"{calls} {words}\n")
    client.stdin.flush()
    return json.loads(client.stdout.readline())


def one_cycle(clients, ask):
    """Each treatment between two plain blocks: (before, treated, after) by client."""
    plain, again = clients["plain"], clients["plain again"]
    first = block(plain, *ask)
    observed = block(clients["observed"], *ask)
    time.sleep(SETTLE)
    second = block(again, *ask)
    others = block(clients["others observed"], *ask)
    third = block(plain, *ask)
    instrumentor = block(clients["instrumentor"], *ask)
    fourth = block(again, *ask)
    return {
        "plain again": (first, second, third),
        "observed": (first, observed, second),
        "others observed": (second, others, third),
        "instrumentor": (third, instrumentor, fourth),
    }


def measure(rig, words, args):
    """Cycles over all rounds, and the daemon's own CPU for each exchange by process."""
    cycles, spent = [], []
    for _ in range(args.rounds):
        clients = {how: rig.client(how) for how in HOWS}
        for client in clients.values():
            block(client, 20, words)
        time.sleep(1)
        before = {role: cpu_s(pid) for role, pid in rig.ours.items()}
        cycles += [one_cycle(clients, (args.calls, words)) for _ in range(args.cycles)]
        time.sleep(1)
        calls = args.calls * args.cycles
        spent.append({role: 1e3 * (cpu_s(pid) - before[role]) / calls for role, pid in rig.ours.items()})
        for client in clients.values():
            client.stdin.close()
            client.wait(20)
    return cycles, {role: statistics.median(s[role] for s in spent) for role in rig.ours}


def interval(values):
    """Median, and half of the span that holds it with 95 %: the sign test's order statistics."""
    values = sorted(values)
    n = len(values)
    reach = max(1, round(0.98 * n**0.5))
    low, high = values[max(0, n // 2 - reach)], values[min(n - 1, n // 2 + reach)]
    return statistics.median(values), (high - low) / 2


def told(title, how, cycles):
    cells = []
    for key in ("p50", "cpu"):
        runs = [[one[key] for one in cycle[how]] for cycle in cycles]
        plain = statistics.median((before + after) / 2 for before, _, after in runs)
        added, half = interval([treated - (before + after) / 2 for before, treated, after in runs])
        cells.append(f"{plain:.2f} | {added:+.2f} ± {half:.2f} ({1 + added / plain:.2f}×)")
    return f"| {title} | {how} | " + " | ".join(cells) + " |"


def rows(rig, title, words, args):
    cycles, spent = measure(rig, words, args)
    yield from (told(title, how, cycles) for how in HOWS[1:])
    parts = ", ".join(f"{role} {ms:.2f}" for role, ms in spent.items() if ms >= 0.005)
    yield f"| {title} | *the daemon's own, for each exchange* | | | | {sum(spent.values()):.2f} ({parts}) |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--cycles", type=int, default=25)
    parser.add_argument("--calls", type=int, default=25)
    parser.add_argument("--python", default=sys.executable, help="the clients' interpreter")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    lines = [
        "| answer | client | plain p50 ms | added | plain CPU ms a call | added |",
        "|---|---|---|---|---|---|",
    ]
    rig = Rig(args.python)
    try:
        process, up = rig.daemon()
        time.sleep(3)
        rig.ours = {"supervise": process.pid, **dict(children(process.pid))}
        memory = {role: pss_mb(pid) for role, pid in rig.ours.items()}
        for title, words in (("2 KiB", 300), ("100 KiB", 18_000)):
            lines += rows(rig, title, words, args)
        process.terminate()
        process.wait(20)
    finally:
        rig.close()
    core = sum(v for k, v in memory.items() if k in ("supervise", "camera", "teller"))
    lines += [
        "",
        f"{args.rounds} rounds of {args.cycles} cycles, blocks of {args.calls} calls. "
        f"Up (exec to `status` answering): {up:.2f} s. Idle PSS: "
        + ", ".join(f"{k} {v:.0f} MB" for k, v in memory.items())
        + f"; supervisor, camera and teller together {core:.0f} MB.",
    ]
    print("\n".join(lines))
    if args.write:
        page.write("client", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
