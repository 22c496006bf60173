"""What the daemon says about itself at its Prometheus endpoint: kernel programs, restarts, what the proxy adds; all of a real run."""

import json
import os
import re
import shutil
import signal
import time
import urllib.request

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here"),
]
_SAMPLE = re.compile(r"^(\w+)\{(.*)\} ([\d.e+-]+)", re.MULTILINE)


def metrics(daemon):
    """{(name, value of the label): value} of the hexr_self_ families."""
    url = f"http://127.0.0.1:{daemon.json('teller.json')['metrics_port']}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    return {
        (name, dict(re.findall(r'(\w+)="([^"]*)"', labels)).get(label, "")): float(value)
        for name, labels, value in _SAMPLE.findall(text)
        for label in ("program", "process", "side", "outcome")
        if f'{label}="' in labels
    }


def until(daemon, wanted, seconds=15):
    end = time.monotonic() + seconds
    while not (found := metrics(daemon)) or (not wanted(found) and time.monotonic() < end):
        time.sleep(0.2)
    return found


def test_programs_restarts_and_what_the_proxy_adds_are_metrics(daemon, group, far_model, certificate):
    running = daemon(env={"HEXR_BPF_STATS": "1", "HEXR_UPSTREAM_CA": str(certificate[0])})
    running.await_worker()
    children = json.loads(running.verb("status", "--json").stdout)["children"]
    os.kill(next(c["pid"] for c in children if c["name"] == "page"), signal.SIGKILL)
    # Several on one connection: a first request may come with the end of the handshake, and is then not timed.
    done = group.run(
        [running.command, "run", "--", "curl", "-sS", *[f"{far_model}/n{n}" for n in range(5)]],
        env=running.env, capture_output=True, text=True,
    )  # fmt: skip
    found = until(
        running,
        lambda m: (
            ("hexr_self_proxy_added_time_seconds_total", "response") in m
            and ("hexr_self_process_restarts_total", "page") in m
        ),
    )

    assert 0 == done.returncode, done.stderr
    assert found["hexr_self_process_restarts_total", "page"] == 1
    assert found["hexr_self_program_runs_total", "became"] >= 1
    assert found["hexr_self_program_time_seconds_total", "became"] > 0
    assert found["hexr_self_proxy_connections_total", "handed"] >= 1
    for side in ("request", "response"):
        assert 4 <= found["hexr_self_proxy_messages_total", side] <= 5
        assert found["hexr_self_proxy_added_time_seconds_total", side] > 0
    said = running.verb("doctor").stdout
    assert "restarts: page 1" in said
    assert "the proxy added on average" in said
    assert re.search(r"became +\d+ runs, +\d+ ns each", said)
