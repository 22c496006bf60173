"""What the observed agent feels: latency and CPU of the OpenAI SDK client, with and without the daemon.

  sudo .venv/bin/python benchmarks/client.py            needs an installation (make install); writes docs/performance.md

Four clients in turn, interleaved over several rounds so that a noisy machine hurts all alike: plain; plain while the
daemon watches the client (kernel plane, private copy of libssl); plain while it watches others on the same libssl, so that this one only traps; and with
OpenTelemetry's in-process instrumentor. Each reports its own CPU time and the median latency; the best round counts.
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

HERE = Path(__file__).parent
ROOT = HERE.parent
PREFIX = Path(os.environ.get("HEXR_PREFIX", "/opt/hexr-autoinst"))
COMMAND = PREFIX / "core" / "bin" / "hexr-autoinst"

CLIENT = """
import json, resource, sys, time
base, calls, words, instrumented = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "instrumented"
if instrumented:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
    class Sink(SpanExporter):
        def export(self, spans): return SpanExportResult.SUCCESS
    provider = TracerProvider(); provider.add_span_processor(BatchSpanProcessor(Sink())); trace.set_tracer_provider(provider)
    from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
    OpenAIInstrumentor().instrument()
import openai
client = openai.OpenAI(base_url=base + "/v1", api_key="sk-benchmark-0000000000000000", max_retries=0)
ask = dict(model="gpt-4o", messages=[{"role": "user", "content": "words: %d" % words}])
for _ in range(10):
    client.chat.completions.create(**ask)
times, before = [], time.process_time()
for _ in range(calls):
    t = time.perf_counter(); client.chat.completions.create(**ask); times.append(time.perf_counter() - t)
cpu = time.process_time() - before
times.sort()
print(json.dumps({"p50_ms": 1e3 * times[len(times) // 2], "p90_ms": 1e3 * times[len(times) * 9 // 10], "cpu_ms": 1e3 * cpu / calls}))
"""


def cgroup_root():
    lines = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return Path(next(place for _, place, kind, *_ in lines if kind == "cgroup2"))


class Rig:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hexr-bench-"))
        self.folder.chmod(0o755)
        self.group = cgroup_root() / f"hexr-bench-{os.getpid()}"
        self.group.mkdir()
        self.pem, self.key = self.folder / "c.pem", self.folder / "k.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.pem, "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True,
        )  # fmt: skip
        for name in ("libssl.so.3", "libcrypto.so.3"):
            found = next(p for p in Path("/usr/lib").glob(f"*-linux-gnu/{name}"))
            shutil.copy(found, self.folder / name)
        self.server = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.demo.server", "--cert", self.pem, "--key", self.key],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.base = f"https://localhost:{self.server.stdout.readline().strip()}"
        (self.folder / "client.py").write_text(CLIENT)

    def client(self, calls, words, how, observed):
        env = {**os.environ, "SSL_CERT_FILE": str(self.pem), "LD_LIBRARY_PATH": str(self.folder)}

        def enter():
            if observed:
                (self.group / "cgroup.procs").write_text("0")

        done = subprocess.run(
            [sys.executable, self.folder / "client.py", self.base, str(calls), str(words), how],
            env=env, capture_output=True, text=True, check=True, preexec_fn=enter,
        )  # fmt: skip
        return json.loads(done.stdout)

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


def best(rows, key):
    return min(r[key] for r in rows)


def measure(rig, calls, words, rounds):
    rows = {"plain": [], "observed": [], "others observed": [], "instrumentor": []}
    daemon_cpu = []
    for _ in range(rounds):
        rows["plain"].append(rig.client(calls, words, "plain", observed=False))
        rows["instrumentor"].append(rig.client(calls, words, "instrumented", observed=False))
        process, _ = rig.daemon()
        ours = [process.pid, *(pid for _, pid in children(process.pid))]
        before = sum(map(cpu_s, ours))
        rows["observed"].append(rig.client(calls, words, "plain", observed=True))
        time.sleep(0.5)
        daemon_cpu.append(1e3 * (sum(map(cpu_s, ours)) - before) / (calls + 10))
        rows["others observed"].append(rig.client(calls, words, "plain", observed=False))
        process.terminate()
        process.wait(20)
    return rows, statistics.median(daemon_cpu)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    rig = Rig()
    lines = ["| answer | client | p50 ms | added | CPU ms a call | added |", "|---|---|---|---|---|---|"]
    try:
        for title, words in (("2 KiB", 300), ("100 KiB", 18_000)):
            rows, daemon_cpu = measure(rig, args.calls, words, args.rounds)
            base = {k: best(rows["plain"], k) for k in ("p50_ms", "cpu_ms")}
            for how, runs in rows.items():
                p50, cpu = best(runs, "p50_ms"), best(runs, "cpu_ms")
                lines.append(
                    f"| {title} | {how} | {p50:.2f} | {p50 - base['p50_ms']:+.2f} ({p50 / base['p50_ms']:.2f}×) "
                    f"| {cpu:.2f} | {cpu - base['cpu_ms']:+.2f} ({cpu / base['cpu_ms']:.2f}×) |"
                )
            lines.append(f"| {title} | *the daemon's own CPU for each exchange* | | | {daemon_cpu:.2f} | |")
        process, up = rig.daemon()
        time.sleep(3)
        ours = {"supervise": process.pid, **dict(children(process.pid))}
        memory = {role: pss_mb(pid) for role, pid in ours.items()}
        process.terminate()
        process.wait(20)
    finally:
        rig.close()
    core = sum(v for k, v in memory.items() if k in ("supervise", "camera", "teller"))
    lines += [
        "",
        f"Up (exec to `status` answering): {up:.2f} s. Idle PSS: "
        + ", ".join(f"{k} {v:.0f} MB" for k, v in memory.items())
        + f"; supervisor, camera and teller together {core:.0f} MB.",
    ]
    print("\n".join(lines))
    if args.write:
        page = ROOT / "docs" / "performance.md"
        before, _, rest = page.read_text().partition("<!-- client: begin -->")
        _, _, after = rest.partition("<!-- client: end -->")
        page.write_text(
            before + "<!-- client: begin -->\n" + "\n".join(lines) + "\n<!-- client: end -->" + after
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
