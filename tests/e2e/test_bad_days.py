"""Bad input and bad days: one clear sentence, the right exit code, no traceback; what can run does."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
HERE = Path(__file__).parent / "clients"


def chats(spans):
    return [s for s in spans if s["name"] == "hexr.llm.chat"]


@pytest.fixture
def environment(libraries, certificate):
    return {**os.environ, "LD_LIBRARY_PATH": str(libraries), "SSL_CERT_FILE": str(certificate[0])}


@pytest.fixture
def refused(group, tmp_path):
    """A start that shall not come up: (exit code, what it said)."""
    command = (
        Path(os.environ.get("HEXR_TEST_PREFIX", "/opt/hexr-autoinst")) / "core" / "bin" / "hexr-autoinst"
    )

    def start(*args, before=(), **env):
        folders = {
            "HEXR_RUN_DIR": str(tmp_path / "run"),
            "HEXR_STATE_DIR": str(tmp_path / "state"),
            "HEXR_PAGE_PORT": "0",
            "HEXR_METRICS_PORT": "0",
            "HEXR_PROXY_PORT": "0",
        }
        done = subprocess.run(
            [*before, str(command), "start", "--only", f"cgroup:/{group.name}", *args],
            env={**os.environ, **folders, **env}, capture_output=True, text=True, check=False, timeout=40,
        )  # fmt: skip
        assert "Traceback" not in done.stderr + done.stdout
        return done.returncode, done.stderr.strip()

    return start


def test_a_bad_configuration(refused, tmp_path):
    bad = tmp_path / "config.toml"
    bad.write_text("page_prot = 1\n")
    code, said = refused(HEXR_CONFIG=str(bad))

    assert (78, 1) == (code, len(said.splitlines()))
    assert "page_prot" in said


def test_a_filter_that_is_none(refused):
    code, said = refused("--not", "who:me")

    assert (78, 1) == (code, len(said.splitlines()))


def test_a_taken_page_port_takes_the_page_and_not_the_daemon(daemon, collector, group, model, environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = daemon("--door", "ebpf", env={"HEXR_PAGE_PORT": str(taken.getsockname()[1])})
        group.run([sys.executable, HERE / "tiny_client.py", model], env=environment, capture_output=True)

        assert 1 == len(chats(collector.wait(chats)))
        assert "page_port" in running.said()
        assert "Traceback" not in running.said()


def test_without_btf_the_kernel_plane_says_why_and_a_start_of_it_alone_fails(refused, tmp_path):
    """A mount namespace of our own hides the kernel's BTF from this start alone."""
    hide = [
        "unshare", "--mount", "--propagation", "unchanged", "sh", "-c",
        'mount --make-rslave /sys && mount -t tmpfs none /sys/kernel/btf && exec "$@"', "-",
    ]  # fmt: skip
    code, said = refused("--door", "ebpf", before=hide)

    assert 69 == code
    assert "BTF" in said


def test_a_state_folder_that_cannot_be_written(refused, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    code, said = refused()

    assert (73, 1) == (code, len(said.splitlines()))
    assert "state" in said


def test_a_collector_that_is_down_harms_nobody_and_is_counted(daemon, group, model, environment):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = daemon("--door", "ebpf", env={"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"})
    done = group.run([sys.executable, HERE / "tiny_client.py", model], env=environment, capture_output=True)
    end = time.monotonic() + 30
    while time.monotonic() < end and not running.json("teller.json").get("sinks", {}).get("otlp", {}).get(
        "failed"
    ):
        time.sleep(0.2)
    sinks = running.json("teller.json")["sinks"]

    assert 0 == done.returncode
    assert sinks["store"]["delivered"] == sinks["store"]["offered"] >= 1
    assert sinks["otlp"]["failed"] >= 1


def test_no_key_comes_out_in_the_store_the_log_or_the_export(daemon, collector, group, model, environment):
    running = daemon("--door", "ebpf")
    for mode in ("openai", "anthropic-stream"):
        group.run(
            [sys.executable, HERE / "python_client.py", mode, model], env=environment, capture_output=True
        )
    collector.wait(lambda s: len(chats(s)) >= 2)
    time.sleep(1.5)
    running.stop()
    planted = (b"sk-planted-0123456789abcdefghij", b"sk-ant-planted-0123456789abcdef", b"say it. words")
    kept = [p for p in running.folder.rglob("*") if p.is_file() and any(x in p.read_bytes() for x in planted)]

    assert [] == kept
    assert not any(x.decode() in json.dumps(collector.spans) for x in planted)


def test_the_daemon_does_not_watch_itself(daemon, collector, group, model, environment, certificate):
    """It exports over TLS from inside of the watched group: its own exchanges are denied in the kernel."""
    endpoint = model.replace("localhost", "127.0.0.1")
    running = daemon(
        "--door",
        "ebpf",
        inside=True,
        env={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_CERTIFICATE": str(certificate[0])},
    )
    group.run([sys.executable, HERE / "tiny_client.py", model], env=environment, capture_output=True)
    end = time.monotonic() + 20
    while time.monotonic() < end and not running.json("teller.json").get("sinks", {}).get("otlp", {}).get(
        "failed"
    ):
        time.sleep(0.2)
    told = running.verb("observe", "--last", "50", "-o", "json").stdout.splitlines()

    assert 1 == len(told)
    assert (
        running.json("teller.json")["sinks"]["otlp"]["failed"] >= 1
    )  # it did speak TLS, to a server that knows no OTLP
