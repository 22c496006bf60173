"""What the proxy plane costs: latency a client feels and CPU a request or stream, beside plain mitmdump in the same run.

  sudo .venv/bin/python benchmarks/proxy.py            needs an installation (make install); --write writes docs/performance.md

Real TLS on loopback all along. Five ways to one local model server, in turn, round after round, so that a noisy machine
hurts all alike: direct; plain `mitmdump -q` of the proxy's own environment; the same with bodies streamed; our front, worker
and tap with their teller; and a connection that is not to be told, which the front splices. The best round of each counts.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import page
from client import COMMAND, PREFIX, Rig, children, cpu_s

LOAD = Path(__file__).parent / "proxy_load.py"
BUDGET_CPU_MS, BUDGET_FIRST_MS = 1.1, 2.0
EVENTS, PACE_MS = 200, 5
WAYS = ("direct", "mitmdump -q", "mitmdump -q, bodies streamed", "hexr", "hexr, spliced")
# kind, connections, operations of each connection in one round
TRIALS = (("json", 1, 500), ("json", 16, 60), ("stream", 1, 3), ("stream", 16, 2))


# Of py-spy with --gil over the worker, JSON with 16 connections: what is not this machine's.
FOUND = """
Of the Python time of such a request three quarters are mitmproxy's own nested layers (CONNECT, HTTP, TLS, HTTP; headers a tenth of it), a
twelfth is our hooks with the copy for the teller (facts, msgpack), the rest asyncio and the stamps. What mitmproxy spends beyond its own work is saved in
`proxy_addons/quick.py` and `embed.py`: no task and no turn of the loop for a hook, one write for what goes to a socket in a row, header
look-ups in one step, no copies of options. Facts leave together each 10 ms. What remains is mitmproxy's price; a client that should not pay it is spliced.
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


class Stage:
    """The server, two mitmdumps and the daemon, all up from the first round to the last."""

    def __init__(self):
        self.rig = Rig(sys.executable)
        self.started = []
        self.ways = {"direct": (0, self.rig.pem, {})}
        for name, more in (
            ("mitmdump -q", ()),
            ("mitmdump -q, bodies streamed", ("--set", "stream_large_bodies=1")),
        ):
            self.ways[name] = self.mitmdump(name.rpartition(" ")[2], more)
        self.ways["hexr"] = self.ways["hexr, spliced"] = self.hexr()
        self.ways["hexr, spliced"] = (self.ways["hexr"][0], self.rig.pem, self.ways["hexr"][2])

    def mitmdump(self, name, more):
        port, confdir = free_port(), self.rig.folder / name
        process = subprocess.Popen(
            [PREFIX / "proxy" / "bin" / "mitmdump", "-q", "--listen-host", "127.0.0.1", "--listen-port", str(port), *more,
             "--set", f"confdir={confdir}", "--set", f"ssl_verify_upstream_trusted_ca={self.rig.pem}"],
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.started.append(process)
        listening(port)
        return port, confdir / "mitmproxy-ca-cert.pem", {"mitmdump": process.pid}

    def hexr(self):
        run, state = self.rig.folder / "run", self.rig.folder / "state"
        env = {
            **os.environ,
            "HEXR_RUN_DIR": str(run), "HEXR_STATE_DIR": str(state), "HEXR_PREFIX": str(PREFIX), "HEXR_UPSTREAM_CA": str(self.rig.pem),
            "HEXR_PAGE_PORT": "0", "HEXR_PROXY_PORT": "0", "HEXR_METRICS_PORT": "0",
        }  # fmt: skip
        process = subprocess.Popen(
            [COMMAND, "start", "--door", "proxy", "--only", f"cgroup:/{self.rig.group.name}"],
            env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.started.append(process)
        for _ in range(400):
            front = read(run / "front.json")
            if front.get("worker", {}).get("ready"):
                break
            time.sleep(0.05)
        pids = {role: pid for role, pid in children(process.pid) if role == "teller"}
        return (
            front["port"],
            state / "trust" / "bundle.pem",
            {"front": front["pid"], "worker": front["worker"]["pid"], **pids},
        )

    def round(self, way, kind, connections, each):
        """One client by one way: what it felt, and the CPU of each process on the way for one operation, in ms."""
        port, ca, pids = self.ways[way]
        ask = {
            "port": int(self.rig.base.rpartition(":")[2]), "proxy": port, "ca": str(ca), "kind": kind, "connections": connections,
            "each": each, "words": 300 if kind == "json" else EVENTS - 3, "pace_ms": PACE_MS, "events": EVENTS,
        }  # fmt: skip

        def enter():
            if way == "hexr":
                (self.rig.group / "cgroup.procs").write_text("0")

        with subprocess.Popen(
            [sys.executable, LOAD, json.dumps(ask)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=enter
        ) as client:  # fmt: skip
            assert client.stdout.readline() == "ready\n"
            time.sleep(0.3)  # what was told while it warmed up is not what is measured
            before = {role: cpu_s(pid) for role, pid in pids.items()}
            client.stdin.write("\n")
            client.stdin.flush()
            found = json.loads(client.stdout.readline())
            time.sleep(0.3)
            cpu = {
                role: 1e3 * (cpu_s(pid) - before[role]) / (connections * each) for role, pid in pids.items()
            }
        return {**found, "cpu": cpu, "proxy_cpu": sum(v for role, v in cpu.items() if role != "teller")}

    def close(self):
        for process in self.started:
            process.terminate()
        for process in self.started:
            process.wait(20)
        self.rig.close()


def read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def listening(port):
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"nothing listens on port {port}")


def best(rounds, *keys):
    def pick(found):
        for key in keys:
            found = found[key]
        return found

    return min(pick(r) for r in rounds)


def measure(stage, rounds, scale):
    found = {}
    for trial in TRIALS:
        kind, connections, each = trial
        for _ in range(rounds):
            for way in WAYS:
                found.setdefault((trial, way), []).append(
                    stage.round(way, kind, connections, max(1, int(each * scale)))
                )
    return found


def requests(found):
    yield "| connections | way | p50 ms | added | p99 ms | CPU ms a request | against mitmdump | requests/s |\n|---|---|---|---|---|---|---|---|"
    for trial in (t for t in TRIALS if t[0] == "json"):
        base, plain = (found[trial, way] for way in WAYS[:2])
        for way in (w for w in WAYS if "streamed" not in w):
            rows = found[trial, way]
            p50, cpu = best(rows, "whole", "p50"), best(rows, "proxy_cpu")
            against = f"{cpu / best(plain, 'proxy_cpu'):.2f}×" if cpu else ""
            yield (
                f"| {trial[1]} | {way} | {p50:.2f} | {p50 - best(base, 'whole', 'p50'):+.2f} | {best(rows, 'whole', 'p99'):.2f} "
                f"| {f'{cpu:.2f}' if cpu else ''} | {against} | {max(r['a_second'] for r in rows):.0f} |"
            )


def streams(found):
    yield f"\nA stream of {EVENTS} events, one each {PACE_MS} ms:\n"
    yield "| connections | way | first byte p50 ms | added | first byte p99 ms | between events p50 / p99 ms | CPU ms a stream |\n|---|---|---|---|---|---|---|"
    for trial in (t for t in TRIALS if t[0] == "stream"):
        base = best(found[trial, "direct"], "first", "p50")
        for way in WAYS:
            rows = found[trial, way]
            p50, cpu = best(rows, "first", "p50"), best(rows, "proxy_cpu")
            yield (
                f"| {trial[1]} | {way} | {p50:.2f} | {p50 - base:+.2f} | {best(rows, 'first', 'p99'):.2f} "
                f"| {best(rows, 'gap', 'p50'):.2f} / {best(rows, 'gap', 'p99'):.2f} | {f'{cpu:.0f}' if cpu else ''} |"
            )


def verdict(found):
    one, many = (t for t in TRIALS if t[0] == "json")
    calm = TRIALS[2]
    cpu, plain = (
        {t: best(found[t, way], "proxy_cpu") for t in (one, many)} for way in ("hexr", "mitmdump -q")
    )
    late = best(found[calm, "hexr"], "first", "p50") - best(found[calm, "direct"], "first", "p50")
    parts = {role: best(found[many, "hexr"], "cpu", role) for role in ("front", "worker", "teller")}
    held = max(cpu.values()) <= BUDGET_CPU_MS and late <= BUDGET_FIRST_MS
    yield (
        f"\nThe budget is {BUDGET_CPU_MS} ms of CPU a request and {BUDGET_FIRST_MS:.0f} ms on the first streamed byte: "
        f"{cpu[one]:.2f} and {cpu[many]:.2f} ms (1 and 16 connections), {late:+.2f} ms: {'held' if held else 'NOT HELD'}. "
        f"That is {cpu[one] / plain[one]:.2f} and {cpu[many] / plain[many]:.2f} times what plain mitmdump took in the same minutes; its own "
        f"{plain[one]:.2f} and {plain[many]:.2f} ms say how fast this machine was. "
        f"Of a request with 16 connections the front takes {parts['front']:.2f} ms, the worker {parts['worker']:.2f} ms; "
        f"the teller, which is not on the way, {parts['teller']:.2f} ms."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--scale", type=float, default=1.0, help="of how much each round does")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    args = parser.parse_args()
    stage = Stage()
    try:
        found = measure(stage, args.rounds, args.scale)
    finally:
        stage.close()
    text = "\n".join([*requests(found), *streams(found), *verdict(found), FOUND.rstrip()])
    print(text)
    if args.write:
        page.write("proxy", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
