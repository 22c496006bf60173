"""What the observed agent feels: latency and CPU of the OpenAI SDK client, with and without the daemon.

  sudo .venv/bin/python benchmarks/client.py            needs an installation (make install); --write: docs/performance.md

The clients' interpreter (--python) has openai, opentelemetry-sdk and opentelemetry-instrumentation-genai-openai.

Three clients live through the whole run, and each is its own baseline: a block of calls before, one under treatment, one after,
over many rounds. *Observed* is watched by the kernel plane (private copy of libssl), *others observed* uses the same libssl while
the daemon watches the other one, *instrumentor* has OpenTelemetry's in-process instrumentor switched on. `added` is the median over
the rounds of treated minus the mean of before and after; `noise` the median of |after - before|: an addition below it is not told
from nothing. A block makes a connection of its own, and one client works at a time.
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
import json, sys, time
import openai
from opentelemetry import trace
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
class Sink(SpanExporter):
    def export(self, spans): return SpanExportResult.SUCCESS
provider = TracerProvider(); provider.add_span_processor(BatchSpanProcessor(Sink())); trace.set_tracer_provider(provider)
base = sys.argv[1]
for line in sys.stdin:
    calls, words, instrumented = map(int, line.split())
    if instrumented:
        OpenAIInstrumentor().instrument()
    client = openai.OpenAI(base_url=base + "/v1", api_key="sk-benchmark-0000000000000000", max_retries=0)
    ask = dict(model="gpt-4o", messages=[{"role": "user", "content": "words: %d" % words}])
    for _ in range(5):
        client.chat.completions.create(**ask)
    times, before = [], time.process_time()
    for _ in range(calls):
        t = time.perf_counter(); client.chat.completions.create(**ask); times.append(time.perf_counter() - t)
    cpu = time.process_time() - before
    client.close()
    if instrumented:
        OpenAIInstrumentor().uninstrument()
    times.sort()
    print(json.dumps({"p50": 1e3 * times[len(times) // 2], "cpu": 1e3 * cpu / calls}), flush=True)
"""
WARM = 5


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
        for name in ("libssl.so.3", "libcrypto.so.3"):
            found = next(p for p in Path("/usr/lib").glob(f"*-linux-gnu/{name}"))
            shutil.copy(found, self.folder / name)
        self.server = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.demo.server", "--cert", self.pem, "--key", self.key],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        self.base = f"https://localhost:{self.server.stdout.readline().strip()}"
        (self.folder / "client.py").write_text(CLIENT)
        self.clients = []

    def client(self, *, observed):
        env = {**os.environ, "SSL_CERT_FILE": str(self.pem), "LD_LIBRARY_PATH": str(self.folder)}

        def enter():
            if observed:
                (self.group / "cgroup.procs").write_text("0")

        self.clients.append(
            subprocess.Popen(
                [self.python, self.folder / "client.py", self.base],
                env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=enter,
            )
        )  # fmt: skip
        return self.clients[-1]

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
        for client in self.clients:
            client.stdin.close()
            client.wait(10)
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


def block(client, calls, words, *, instrumented=False):
    client.stdin.write(f"{calls} {words} {int(instrumented)}\n")
    client.stdin.flush()
    return json.loads(client.stdout.readline())


def one_round(rig, clients, calls, words):
    """Before, treated, after of each client, and the daemon's own CPU for each exchange by process."""
    watched, other, instrumented = clients.values()
    ask = (calls, words)
    found = {
        "observed": [block(watched, *ask)],
        "others observed": [block(other, *ask)],
        "instrumentor": [block(instrumented, *ask, instrumented=n == 1) for n in range(3)],
    }
    process, _ = rig.daemon()
    ours = {"supervise": process.pid, **dict(children(process.pid))}
    before = {role: cpu_s(pid) for role, pid in ours.items()}
    found["observed"].append(block(watched, *ask))
    time.sleep(0.5)
    spent = {role: 1e3 * (cpu_s(pid) - before[role]) / (calls + WARM) for role, pid in ours.items()}
    found["others observed"].append(block(other, *ask))
    process.terminate()
    process.wait(20)
    found["observed"].append(block(watched, *ask))
    found["others observed"].append(block(other, *ask))
    return found, spent


def told(title, how, rounds):
    cells = []
    for key in ("p50", "cpu"):
        runs = [[one[key] for one in found[how]] for found, _ in rounds]
        plain = statistics.median((before + after) / 2 for before, _, after in runs)
        added = statistics.median(treated - (before + after) / 2 for before, treated, after in runs)
        noise = statistics.median(abs(after - before) for before, _, after in runs)
        cells.append(f"{plain:.2f} | {added:+.2f} ({1 + added / plain:.2f}×) | {noise:.2f}")
    return f"| {title} | {how} | " + " | ".join(cells) + " |"


def measure(rig, clients, size, args):
    title, words = size
    rounds = [one_round(rig, clients, args.calls, words) for _ in range(args.rounds)]
    yield from (told(title, how, rounds) for how in rounds[0][0])
    spent = {role: statistics.median(s[role] for _, s in rounds) for role in rounds[0][1]}
    parts = ", ".join(f"{role} {ms:.2f}" for role, ms in spent.items() if ms >= 0.005)
    yield f"| {title} | *the daemon's own CPU for each exchange* | | | | {sum(spent.values()):.2f} ({parts}) | | |"


def idle(rig):
    process, up = rig.daemon()
    time.sleep(3)
    memory = {
        role: pss_mb(pid) for role, pid in {"supervise": process.pid, **dict(children(process.pid))}.items()
    }
    process.terminate()
    process.wait(20)
    core = sum(v for k, v in memory.items() if k in ("supervise", "camera", "teller"))
    return (
        f"Up (exec to `status` answering): {up:.2f} s. Idle PSS: "
        + ", ".join(f"{k} {v:.0f} MB" for k, v in memory.items())
        + f"; supervisor, camera and teller together {core:.0f} MB."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--python", default=sys.executable, help="the clients' interpreter")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    rig = Rig(args.python)
    lines = [
        "| answer | client | p50 ms | added | noise | CPU ms a call | added | noise |",
        "|---|---|---|---|---|---|---|---|",
    ]
    try:
        clients = {
            how: rig.client(observed=how == "observed") for how in ("observed", "others", "instrumented")
        }
        for client in clients.values():
            block(client, 50, 300)
        for size in (("2 KiB", 300), ("100 KiB", 18_000)):
            lines += measure(rig, clients, size, args)
        lines += ["", f"{args.rounds} rounds of {args.calls} calls. {idle(rig)}"]
    finally:
        rig.close()
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
