"""A real daemon on throw-away folders, looking only at a control group of ours; a collector; a local model server."""

import contextlib
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import groups
from tests.e2e import world as stand_ins

ROOT = Path(__file__).parent.parent.parent
PREFIX = Path(os.environ.get("HEXR_TEST_PREFIX", "/opt/hexr-autoinst"))
COMMAND = PREFIX / "core" / "bin" / "hexr-autoinst"


def why_not():
    if os.geteuid() == 0 and not COMMAND.exists():
        return f"nothing is installed at {PREFIX} (make test does it as root)"
    return groups.why_not()


def pytest_collection_modifyitems(items):
    reason = why_not()
    for item in items:
        if reason and item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.skip(reason=reason))


class Collector:
    """As much of a collector as OTLP/HTTP needs: every span, as a plain dict."""

    def __init__(self):
        self.spans = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    outer.spans += list(decoded(body))  # a request at once: who looks sees no part of one
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def wait(self, wanted, seconds=20):
        """The spans once `wanted(spans)` holds; whatever there is when time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not wanted(list(self.spans)):
            time.sleep(0.05)
        return list(self.spans)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def decoded(body):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        who = {a.key: plain(a.value) for a in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "name": span.name,
                    "trace": span.trace_id.hex(),
                    "id": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "start": span.start_time_unix_nano,
                    "end": span.end_time_unix_nano,
                    "error": span.status.code == 2,
                    "resource": who,
                    "events": [
                        {"name": e.name, **{a.key: plain(a.value) for a in e.attributes}} for e in span.events
                    ],
                    **{a.key: plain(a.value) for a in span.attributes},
                }


def plain(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(v) for v in value.array_value.values]
    return getattr(value, kind) if kind else None


class Daemon:
    """`hexr-autoinst start` in the foreground, on folders and ports of its own."""

    command = COMMAND

    def __init__(self, group, collector, *more, env=None, inside=False, through=()):
        """`inside`: of the group it watches; `through`: the command that starts it."""
        self.folder = Path(tempfile.mkdtemp(prefix="hexr-e2e-"))
        self.folder.chmod(0o755)
        self.env = {
            **os.environ,
            "HEXR_RUN_DIR": str(self.folder / "run"),
            "HEXR_STATE_DIR": str(self.folder / "state"),
            "HEXR_PREFIX": str(PREFIX),
            "HEXR_PAGE_PORT": "0",
            "HEXR_PROXY_PORT": "0",
            "HEXR_METRICS_PORT": "0",
            "HEXR_TURN_SILENCE": "2",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            **(env or {}),
        }
        self.log = (self.folder / "log").open("w+")
        run = group.popen if inside else subprocess.Popen
        self.process = run(
            [*through, COMMAND, "start", "--only", f"cgroup:/{group.name}", *more],
            env=self.env, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self._await_ready()

    def await_worker(self):
        """Until then the front splices: nobody is refused, nothing is told."""
        for _ in range(800):
            if (self.json("front.json").get("worker") or {}).get("ready"):
                return
            time.sleep(0.05)
        raise AssertionError(f"the proxy's worker did not come up: {self.said()}")

    def json(self, name):
        try:
            return json.loads((self.folder / "run" / name).read_text())
        except (OSError, ValueError):
            return {}

    def _await_ready(self):
        for _ in range(300):
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}: {self.said()}")
            if self.verb("status").returncode == 0 and self.json("teller.json"):
                return
            time.sleep(0.05)
        raise AssertionError(f"the daemon did not come up: {self.said()}")

    def verb(self, *args, **more):
        return subprocess.run(
            [COMMAND, *args], env=self.env, capture_output=True, text=True, check=False, timeout=60, **more
        )

    def said(self):
        self.log.flush()
        return (self.folder / "log").read_text()

    def account(self):
        return self.json("teller.json")["account"]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()
        return self.process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def group():
    group = groups.Group()
    yield group
    group.close()


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def daemon(group, collector, libraries):
    daemons = []

    def start(*more, env=None, known=(), inside=False):
        """`known`: files to attach at start, as the system's libssl is where nothing narrows the daemon."""
        paths = ":".join(str(p) for p in (libraries / "libssl.so.3", *known))
        daemons.append(
            Daemon(group, collector, *more, env={"HEXR_LIBRARIES": paths, **(env or {})}, inside=inside)
        )
        return daemons[-1]

    yield start
    for one in daemons:
        one.close()


@pytest.fixture(scope="session")
def certificate():
    """A certificate for localhost that is its own authority: (pem, key). Where the proxy's user can read it."""
    folder = Path(tempfile.mkdtemp(prefix="hexr-tls-"))
    folder.chmod(0o755)
    pem, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2",
         "-addext", "basicConstraints=critical,CA:TRUE"],
        check=True, capture_output=True,
    )  # fmt: skip
    yield pem, key
    shutil.rmtree(folder)


@contextlib.contextmanager
def served(certificate, host):
    pem, key = certificate
    args = [sys.executable, "-m", "hexr_autoinst.demo.server", "--cert", pem, "--key", key, "--host", host]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        yield server.stdout.readline().strip()
        server.stdin.close()
        server.wait(10)


@pytest.fixture
def model(certificate):
    """The local model server over TLS, outside of the observed group: its base address."""
    with served(certificate, "127.0.0.1") as port:
        yield f"https://localhost:{port}"


@pytest.fixture
def clear_model():
    """The local model server without TLS, outside of the observed group: its base address."""
    args = [sys.executable, "-m", "hexr_autoinst.demo.server"]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.stdin.close()
        server.wait(10)


@pytest.fixture
def far_model(certificate):
    """The same on a loopback address that proxy variables do not except."""
    with served(certificate, "127.0.0.2") as port:
        yield f"https://127.0.0.2:{port}"


@pytest.fixture
def world(certificate):
    """Stand-ins for what an agent reaches: their base address."""
    with stand_ins.served(certificate) as base:
        yield base


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """A folder with copies of libssl and libcrypto: inodes of our own, so that nobody else traps."""
    folder = tmp_path_factory.mktemp("lib")
    folder.chmod(0o755)
    for name in ("libssl.so.3", "libcrypto.so.3"):
        for place in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib/x86_64-linux-gnu"):
            if (Path(place) / name).exists():
                shutil.copy(Path(place) / name, folder / name)
                break
    return folder
