"""The addon in a stock mitmdump: one that HEXR_TEST_MITMDUMP names, else the worker's own with our dependencies before it."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "proxy_addons" / "standalone.py"

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

MAIN = (
    f"import sys; sys.path[:] = {sys.path!r}; from mitmproxy.tools.main import mitmdump; sys.exit(mitmdump())"
)
NAMED = os.environ.get("HEXR_TEST_MITMDUMP", "")
MITMDUMP = [NAMED] if NAMED else [sys.executable, "-c", MAIN]

ANSWER = {
    "id": "chatcmpl-standalone", "object": "chat.completion", "created": 1, "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "planted-secret"}}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}  # fmt: skip


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def model():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def wait_for(port):
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("mitmdump does not listen")


def spans(text):
    return {
        span["name"]: {a["key"]: next(iter(a["value"].values())) for a in span["attributes"]}
        for line in text.splitlines()
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    }


def test_a_stock_mitmdump_tells_the_call_and_keeps_its_content(tmp_path, model):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    out = tmp_path / "spans.jsonl"
    args = ["-q", "-s", SCRIPT, "--listen-host", "127.0.0.1", "-p", str(port), "--set", f"confdir={tmp_path}"]
    process = subprocess.Popen(
        [*MITMDUMP, *args, "--set", f"hexr_output={out}"], cwd="/", env={"PATH": os.environ["PATH"]}
    )
    try:
        wait_for(port)
        body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "planted-secret"}]})
        url = f"http://127.0.0.1:{model.server_port}/v1/chat/completions"
        done = subprocess.run(
            ["curl", "-sS", "-x", f"http://127.0.0.1:{port}", url, "-H", "Content-Type: application/json", "-d", body,
             "-H", "Authorization: Bearer sk-planted-key"],
            capture_output=True, check=False, env={"PATH": os.environ["PATH"]}, timeout=30,
        )  # fmt: skip
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    told = spans(out.read_text())

    assert json.loads(done.stdout)["id"] == "chatcmpl-standalone"
    assert set(told) == {"hexr.llm.chat", "hexr.agent.invoke"}
    assert told["hexr.llm.chat"]["gen_ai.response.id"] == "chatcmpl-standalone"
    assert told["hexr.llm.chat"]["gen_ai.usage.input_tokens"] == "7"
    assert told["hexr.llm.chat"]["hexr.capture.source"] == "proxy"
    assert "planted" not in out.read_text()


def test_every_hook_of_the_tap_is_handed_on():
    from proxy_addons.standalone import Standalone
    from proxy_addons.tap import Tap

    hooks = {name for name, found in vars(Tap).items() if callable(found) and name[0] != "_"}

    assert "websocket_message" in hooks
    assert hooks - set(vars(Standalone)) == set()
