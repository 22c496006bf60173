"""A cage for the kernel plane: a control group, a private libssl and a TLS server of our own.

Nobody else traps: probes go on copies that only our children map, and the filter names our cgroup.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.groups import SLOW, Group, Patient, cgroup_root, why_not

ROOT = Path(__file__).parent.parent.parent
OFFSET = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def pytest_collection_modifyitems(items):
    reason = why_not()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.kernel)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def objects_folder(tmp_path_factory):
    """Built from the sources of this tree, so that a stale object cannot pass; or where HEXR_BPF_DIR says, on a machine without a compiler."""
    if named := os.environ.get("HEXR_BPF_DIR"):
        return Path(named)
    if not shutil.which("clang"):
        pytest.skip("needs clang")
    out = tmp_path_factory.mktemp("bpf")
    subprocess.run(["make", "-s", "-C", ROOT / "bpf", f"OUT={out}"], check=True)
    return out


@dataclass
class Cage:
    group: Group = field(default_factory=Group)
    children: list = field(default_factory=list)

    @property
    def path(self):
        return self.group.path

    def spawn(self, argv, *, inside=True, **more):
        popen = self.group.popen if inside else Patient
        child = popen(argv, stdout=subprocess.PIPE, text=True, **more)
        self.children.append(child)
        return child

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
            child.communicate()
        self.group.close()


@pytest.fixture
def cage():
    made = Cage()
    yield made
    made.end()


@pytest.fixture
def private_ssl(tmp_path):
    """A libssl that nobody else maps, and the environment that makes a child map it."""
    folder = tmp_path / "lib"
    folder.mkdir()
    system = next(p for p in Path("/usr/lib").glob("*-linux-gnu*/libssl.so.3"))
    for name in ("libssl.so.3", "libcrypto.so.3"):
        shutil.copy(system.parent / name, folder / name)
    env = {**os.environ, "LD_LIBRARY_PATH": str(folder)}
    return SimpleNamespace(path=folder / "libssl.so.3", env=env)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cert")
    both = folder / "both.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


class Server:
    """Answers each HTTP/1.1 request with what `answer(head, body)` gives; keeps the requests it saw. In the clear without a certificate."""

    def __init__(self, certificate, answer, version=None, path=None):
        self.answer, self.seen, self.context = answer, [], None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        if version:
            self.context.maximum_version = version
        if path:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(str(path))
            self.socket.listen(64)
        else:
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) if self.context else plain as conn:
                while self.exchange(conn):
                    pass
        except OSError:
            plain.close()

    def exchange(self, tls):
        got = b""
        while b"\r\n\r\n" not in got:
            piece = tls.recv(65536)
            if not piece:
                return False
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        length = next(
            (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0
        )
        while len(body) < length:
            body += tls.recv(65536)
        self.seen.append(head + b"\r\n\r\n" + body)
        tls.sendall(self.answer(head, body))
        return True


@pytest.fixture
def serve(certificate):
    made = []

    def start(answer, *, clear=False, **more):
        made.append(Server(None if clear else certificate, answer, **more))
        return made[-1]

    yield start
    for server in made:
        server.socket.close()


class Plane:
    """The kernel side, narrowed to one cage, and what its data ring gave."""

    def __init__(self, folder, cage, ring_mb=4, only=None, bpf_stats=False, cleartext=True, loader="libbpf"):
        from hexr_autoinst.capture.ebpf import filter as rules
        from hexr_autoinst.capture.ebpf import loaders
        from hexr_autoinst.capture.ebpf.decode import Decoder
        from hexr_autoinst.capture.ebpf.ring import Ring
        from hexr_autoinst.config import Rule

        settings = SimpleNamespace(ring_mb=ring_mb, bpf_stats=bpf_stats, cleartext=cleartext)
        self.objects = loaders.load(loaders.Choice(loader, "asked for"), folder, ROOT / "bpf", settings)
        self.data, self.control = Ring(*self.objects.data_ring), Ring(*self.objects.control_ring)
        self.decoder, self.facts, self.looks = Decoder(OFFSET), [], []
        only = only or [Rule("cgroup", f"/{cage.path.name}")]
        rules.install(self.objects, only, [], cgroup_root())
        self.objects.clear.search()

    def attach(self, path):
        from hexr_autoinst.capture.ebpf.symbols import survey

        return self.objects.attach(survey(path))

    def drain(self):
        self.facts += [f for f in map(self.decoder.decode, self.data.read()) if f]
        self.looks += [x for x in map(self.decoder.look, self.control.read()) if x]
        return self.facts

    def of(self, kind):
        self.drain()
        return [f for f in self.facts if type(f) is kind]

    def until(self, ready, seconds=5.0):
        end = time.monotonic() + seconds * SLOW
        while time.monotonic() < end:
            self.drain()
            if ready():
                return True
            time.sleep(0.02)
        return False

    def close(self):
        self.data.close()
        self.control.close()
        self.objects.close()


@pytest.fixture
def plane(objects_folder, cage):
    made = []

    def start(folder=objects_folder, **more):
        made.append(Plane(folder, cage, **more))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def node_program():
    """Node as it is installed, or as HEXR_TEST_NODE names it."""
    found = shutil.which("node") or os.environ.get("HEXR_TEST_NODE")
    if not found:
        pytest.skip("needs node")
    return found


@pytest.fixture
def python():
    """An interpreter whose ssl module is linked against the shared libssl."""
    return sys.executable
