"""A run with a real Prometheus over it: the stage's measurements through the real sinks' HTTP endpoint, scraped each second, asked as Grafana asks."""

import json
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from hexr_autoinst.config import Config, Session
from hexr_autoinst.export.sinks import build
from tests.dashboards.stage import Stage
from tests.dashboards.standin import Standin

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "deploy" / "prometheus"
# What Grafana puts into a query: the choice "All", and windows that suit a scrape each second.
VARIABLES = {"$__rate_interval": "15s", "$__range": "60s", "$agent": ".*", "$tenant": ".*"}


def substituted(expr):
    for name, value in VARIABLES.items():
        expr = expr.replace(name, value)
    return expr


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def configuration(folder, agents, others):
    jobs = [
        ("hexr-agents", agents),
        *((f"hexr-{name}", others) for name in ("cadvisor", "spire", "collector")),
    ]
    for name in ("rules.yml", "alerts.yml"):
        shutil.copy(RULES / name, folder / name)
    path = folder / "prometheus.yml"
    lines = [
        "global: {scrape_interval: 1s, evaluation_interval: 1s}",
        "rule_files: [rules.yml, alerts.yml]",
        "scrape_configs:",
    ]
    for name, port in jobs:
        # One stand-in has all: each job keeps its own, as it would find it.
        keep = {
            "hexr-cadvisor": "(kube|container)_.*",
            "hexr-spire": "spire_.*",
            "hexr-collector": "otelcol_.*",
        }.get(name, ".*")
        lines.append(
            f"- {{job_name: {name}, honor_labels: true, static_configs: [{{targets: ['127.0.0.1:{port}']}}],"
            f" metric_relabel_configs: [{{source_labels: [__name__], regex: '{keep}', action: keep}}]}}"
        )
    path.write_text("\n".join(lines))
    return path


class Prometheus:
    """Asks a running one."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"

    def get(self, path, **query):
        with urlopen(f"{self.base}{path}?{urlencode(query)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def instant(self, expr):
        return [(r["metric"], float(r["value"][1])) for r in self.get("/api/v1/query", query=expr)["result"]]

    def over(self, expr, seconds=60, step=1):
        end = time.time()
        found = self.get("/api/v1/query_range", query=expr, start=end - seconds, end=end, step=step)
        return [(r["metric"], [(at, float(v)) for at, v in r["values"]]) for r in found["result"]]

    def ready(self):
        for _ in range(100):
            try:
                with urlopen(f"{self.base}/-/ready", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("Prometheus is not ready")


@contextmanager
def watched(folder, rounds):
    """A Prometheus that has seen so many rounds, one each second or so; the stage goes on to stand as it is."""
    config = Config(state_dir=str(folder / "state"), metrics_port=free_port())
    (folder / "state").mkdir()
    sinks, standin = build(config, Session(0, "aa", "bb", "stage")), Standin()
    port = free_port()
    command = [
        "prometheus", f"--config.file={configuration(folder, config.metrics_port, standin.port)}", f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage", "--log.level=warn",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        asked = Prometheus(port)
        asked.ready()
        stage = Stage(sinks.measure)
        stage.begin()
        for _ in range(rounds):
            stage.round()
            sinks.health(stage.report())
            time.sleep(1)
        time.sleep(1.5)
        yield asked, stage
    finally:
        server.terminate()
        server.wait(10)
        standin.shutdown()
        sinks.shutdown()
