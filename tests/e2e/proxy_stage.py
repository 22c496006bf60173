"""A stage for the proxy plane: a TLS model server of our own, the real front and worker, the teller's and the supervisor's ends."""

import contextlib
import http.server
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

from hexr_autoinst import owner
from hexr_autoinst.capture.stream import Reader
from hexr_autoinst.config import Config
from hexr_autoinst.model.facts import Data, End, Head

ROOT = Path(__file__).parent.parent.parent
PREFIX = Path(os.environ.get("HEXR_TEST_PREFIX", "/opt/hexr-autoinst"))
PROXY_PYTHON = Path(os.environ.get("HEXR_PROXY_PYTHON", PREFIX / "proxy" / "bin" / "python"))
EVENTS = [b'data: {"n":%d}\n\n' % n for n in range(5)]
BINARY = bytes(range(256)) * 4096  # 1 MiB, every byte


def until(check, seconds=30.0):
    """What `check` gives once it is true; a failed assertion when it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not in {seconds} s")


def certificates(folder: Path):
    """An authority that no system knows and a certificate of it for localhost."""

    def run(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=folder)

    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
        "-subj", "/CN=Model test authority", "-addext", "basicConstraints=critical,CA:TRUE",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    run(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "leaf.key",
        "-out",
        "leaf.csr",
        "-subj",
        "/CN=localhost",
    )
    (folder / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    run("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-out", "leaf.pem", "-days", "2", "-extfile", "ext")  # fmt: skip
    return folder / "ca.pem", folder / "leaf.pem", folder / "leaf.key"


class Model(http.server.BaseHTTPRequestHandler):
    """GET /stream paces events, GET /big is binary, POST echoes, /cut breaks off."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, self.client_address, dict(self.headers)))
        if self.path.startswith("/stream"):
            self.stream(EVENTS)
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")
            self.wfile.flush()
            self.close_connection = True
        else:
            self.answer(BINARY if self.path == "/big" else b"plain")

    def do_POST(self):
        self.server.seen.append((self.path, self.client_address, dict(self.headers)))
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in [*events, b""]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *args):
        pass


def serve_model(leaf=None, key=None):
    """A model server on loopback, with TLS when a certificate is given."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.daemon_threads = True
    server.seen = []
    server.handle_error = lambda *_: None
    if leaf:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Teller:
    """Hears facts as the teller does, connection after connection."""

    def __init__(self, path):
        self.facts, self.headers = [], []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._read, args=(line,), daemon=True).start()

    def _read(self, line):
        reader = Reader()
        with line:
            while data := line.recv(1 << 16):
                self.facts += reader.feed(data)
                if reader.header not in self.headers:
                    self.headers.append(reader.header)

    def flows(self):
        """{(flow, side): (head, body, end)} of everything heard so far."""
        found = {}
        for fact in list(self.facts):
            if isinstance(fact, Head | Data | End):
                found.setdefault((fact.flow, fact.side), []).append(fact)
        return {
            k: (
                next((f for f in v if isinstance(f, Head)), None),
                b"".join(f.data for f in v if isinstance(f, Data)),
                next((f for f in v if isinstance(f, End)), None),
            )
            for k, v in found.items()
        }

    def answered(self, target):
        """(request, response) triples of the flows to this target that are over."""
        flows = self.flows()
        return [
            (flows[flow, "request"], flows[flow, "response"])
            for (flow, side), (head, _, _) in flows.items()
            if side == "request"
            and head
            and head.target == target
            and flows.get((flow, "response"), (0, 0, 0))[2]
        ]

    def close(self):
        # A thread that waits in accept would keep the listener alive.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Supervisor:
    """Answers who owns a connection with the real desk."""

    def __init__(self, path):
        self.desk = owner.Desk()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):  # an asker that lost patience is gone
                if reply := self.desk.answer(line.recv(256)):
                    line.send(reply)

    def close(self):
        # A thread that waits in accept would keep the listener alive.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Stage:
    """Front and worker as processes, as the supervisor would start them."""

    def __init__(self, folder: Path, upstream_ca="", python=PROXY_PYTHON, env=None):
        self.folder = folder
        for name in ("run", "state"):
            (folder / name).mkdir()
        self.config = Config(
            run_dir=str(folder / "run"), state_dir=str(folder / "state"), upstream_ca=str(upstream_ca)
        )
        self.teller = Teller(folder / "run" / "facts.sock")
        self.supervisor = Supervisor(folder / "run" / "owner.sock")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.python = python
        self.more_env = env or {}
        self.events = []
        self.process = None
        self.start()

    def start(self):
        fd = self.listener.fileno()
        env = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HEXR_CONFIG_JSON": self.config.to_json(),
            "HEXR_SESSION_JSON": json.dumps({"clock_offset": time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)}),
            "HEXR_LISTEN_FD": str(fd), "HEXR_WORKER_PYTHON": str(self.python), **self.more_env,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hexr_autoinst.front"],
            env=env,
            pass_fds=[fd],
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        threading.Thread(target=self._read_events, args=(self.process.stdout,), daemon=True).start()

    def _read_events(self, stream):
        for line in stream:
            self.events.append(json.loads(line))
        stream.close()

    def status(self):
        path = self.folder / "run" / "front.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def worker(self):
        """The pid of a worker that is ready."""
        return until(lambda: (w := self.status().get("worker", {})).get("ready") and w["pid"], 20)

    def heard(self, event):
        return [e for e in list(self.events) if e["event"] == event]

    def env(self, **more):
        """What a client of this proxy is given."""
        trust = self.folder / "state" / "trust"
        proxy = f"http://127.0.0.1:{self.port}"
        return {
            "PATH": os.environ["PATH"], "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "http_proxy": proxy, "https_proxy": proxy,
            "SSL_CERT_FILE": str(trust / "bundle.pem"), "CURL_CA_BUNDLE": str(trust / "bundle.pem"), **more,
        }  # fmt: skip

    def curl(self, *args, **more):
        return subprocess.run(
            ["curl", "-sS", "-m", "20", *args],
            env=self.env(**more),
            capture_output=True,
            check=False,
            timeout=30,
        )

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
        self.teller.close()
        self.supervisor.close()
        self.listener.close()
