"""The proxy's guard step with unmodified SDKs. The guard is a stand-in, written from LLM Guard's API reference."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
CLIENT = Path(__file__).parent / "clients" / "guarded_client.py"


class StandIn(BaseHTTPRequestHandler):
    """Objects to `ignore all previous instructions`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)
        time.sleep(self.server.slow)
        bad = "ignore all previous" in asked.get("output", asked["prompt"])
        said = json.dumps(
            {"is_valid": not bad, "scanners": {"PromptInjection": 1.0 if bad else -1.0, "Toxicity": -1.0}}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


@pytest.fixture
def guard():
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads = True
    server.asked, server.slow = [], 0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.base = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def guarded(daemon, group, libraries, certificate, far_model, guard):
    def run(**env):
        running = daemon(
            "--door", "proxy", env={"HEXR_UPSTREAM_CA": str(certificate[0]), "HEXR_GUARD": guard.base, **env}
        )
        running.await_worker()
        done = group.run(
            [running.command, "run", "--", sys.executable, str(CLIENT), far_model],
            env={**running.env, "LD_LIBRARY_PATH": str(libraries)}, capture_output=True, text=True,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr[-2_000:]
        return running, json.loads(done.stdout)

    return run


def named(spans, name):
    return [s for s in spans if s["name"] == name]


def test_watching_lets_everything_pass_and_says_on_the_call_what_the_guard_found(guarded, collector, guard):
    running, said = guarded()
    spans = collector.wait(
        lambda s: len(named(s, "hexr.llm.chat")) == 2 and len(named(s, "hexr.guard.scan")) == 4
    )

    assert [bool(text) for text, _ in said] == [True, True]
    chats, scans = named(spans, "hexr.llm.chat"), named(spans, "hexr.guard.scan")
    assert sorted(guard.asked) == ["/analyze/output"] * 2 + ["/analyze/prompt"] * 2
    assert [s["hexr.guard.prompt_blocked"] for s in chats] == [True, True]
    assert [s["hexr.guard.scanners"] for s in chats] == [["PromptInjection"]] * 2
    assert {s["error.type"] for s in chats} == {"guard_blocked"}
    assert sorted((s["scan_type"], s["is_valid"]) for s in scans) == [
        ("output", True), ("output", True), ("prompt", False), ("prompt", False),
    ]  # fmt: skip
    assert {s["resource"]["service.name"] for s in scans} == {"guarded_client"}
    assert {s["trace"] for s in scans} == {s["trace"] for s in chats}
    assert running.account()["balanced"]


def test_enforcing_refuses_in_each_vendors_own_words(guarded, collector, guard):
    _, said = guarded(HEXR_GUARD_MODE="enforce")
    spans = collector.wait(lambda s: len(named(s, "hexr.llm.chat")) == 2)

    assert [text for text, _ in said] == ["", ""]
    assert all("Blocked by the guard: PromptInjection" in error for _, error in said)
    assert guard.asked == ["/analyze/prompt"] * 2
    for chat in named(spans, "hexr.llm.chat"):
        assert (chat["http.response.status_code"], chat["hexr.guard.prompt_blocked"]) == (400, True)


def test_a_guard_that_is_too_slow_stops_nobody(guarded, guard):
    guard.slow = 5
    running, said = guarded(HEXR_GUARD_MODE="enforce", HEXR_GUARD_TIMEOUT="0.3")
    end = time.monotonic() + 10
    while (
        running.json("front.json").get("worker", {}).get("guard_timeouts", 0) < 2 and time.monotonic() < end
    ):
        time.sleep(0.1)

    assert [bool(text) for text, _ in said] == [True, True]
    assert running.json("front.json")["worker"]["guard_timeouts"] >= 2
