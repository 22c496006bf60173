"""A run is recorded, and its recording tells the same spans again, byte for byte."""

import contextlib
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


@contextlib.contextmanager
def recorded(running, *args):
    """`record` for as long as the daemon lives; what it said of itself."""
    command = [running.command, "record", *args]
    with subprocess.Popen(command, env=running.env, stderr=subprocess.PIPE, text=True) as recorder:
        yield recorder.stderr.readline()
        running.stop()
        recorder.wait(10)


def test_a_recording_gives_the_spans_that_were_told_and_so_does_a_veiled_one(
    daemon, collector, group, model, libraries, certificate, tmp_path
):
    running = daemon("--door", "ebpf")
    facts, veiled, live = tmp_path / "facts.hexr", tmp_path / "veiled.hexr", tmp_path / "live.jsonl"
    with recorded(running, facts) as said, recorded(running, "--veiled", veiled) as veil_said:
        env = {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}
        for mode in ("openai", "openai-stream", "anthropic-stream", "openai-async-three"):
            group.run([sys.executable, HERE / "python_client.py", mode, model], env=env, capture_output=True)
        collector.wait(lambda spans: sum(s["name"] == "hexr.agent.invoke" for s in spans) >= 4)
        time.sleep(1)
        live.write_text(running.verb("observe", "--last", "100", "-o", "otlp").stdout)

    for name, file in (("first", facts), ("again", facts), ("veiled", veiled)):
        done = running.verb("replay", str(file), "--output", str(tmp_path / name))
        assert 0 == done.returncode, done.stderr
    operations = {json.loads(s)["spanId"] for s in values(live)}
    replayed = [s for s in values(tmp_path / "first") if json.loads(s)["spanId"] in operations]

    assert 6 + 4 == len(operations)  # calls, and the invocation of each run
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()
    assert values(live) == replayed
    assert values(tmp_path / "first") == values(tmp_path / "veiled")
    assert ("plaintext" in said, "plaintext" in veil_said) == (True, False)
    assert {0o600} == {f.stat().st_mode & 0o777 for f in (facts, veiled)}
    assert [(b"sk-planted" in f.read_bytes(), b"say it" in f.read_bytes()) for f in (facts, veiled)] == [
        (True, True),
        (False, False),
    ]
