"""A run is recorded, and its recording tells the same spans again, byte for byte."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
HERE = Path(__file__).parent / "clients"


def values(path):
    """Every span of an OTLP/JSON file: what a byte-wise comparison of the export would compare, in order of id."""
    spans = [
        {"resource": r["resource"], "scope": c["scope"], **s}
        for line in path.read_text().splitlines()
        for r in json.loads(line)["resourceSpans"]
        for c in r["scopeSpans"]
        for s in c["spans"]
    ]
    return sorted((json.dumps(s, sort_keys=True) for s in spans), key=lambda s: json.loads(s)["spanId"])


def test_a_recording_gives_the_spans_that_were_told(
    daemon, collector, group, model, libraries, certificate, tmp_path
):
    running = daemon("--door", "ebpf")
    facts = tmp_path / "facts.hexr"
    with subprocess.Popen(
        [running.command, "record", facts], env=running.env, stderr=subprocess.PIPE, text=True
    ) as recorder:
        assert "plaintext" in recorder.stderr.readline()
        env = {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}
        for mode in ("openai", "openai-stream", "anthropic-stream", "openai-async-three"):
            group.run([sys.executable, HERE / "python_client.py", mode, model], env=env, capture_output=True)
        collector.wait(lambda spans: sum(s["name"] == "hexr.agent.invoke" for s in spans) >= 4)
        time.sleep(1)
        live = tmp_path / "live.jsonl"
        live.write_text(running.verb("observe", "--last", "100", "-o", "otlp").stdout)
        running.stop()
        recorder.wait(10)

    for name in ("first", "again"):
        done = running.verb("replay", str(facts), "--output", str(tmp_path / name))
        assert 0 == done.returncode, done.stderr
    operations = {json.loads(s)["spanId"] for s in values(live)}
    replayed = [s for s in values(tmp_path / "first") if json.loads(s)["spanId"] in operations]

    assert 6 == len(operations)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert values(live) == replayed
