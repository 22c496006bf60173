import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf.decode import Decoder
from hexr_autoinst.capture.ebpf.ring import Ring
from hexr_autoinst.capture.stream import Reader
from hexr_autoinst.config import Config, Rule
from hexr_autoinst.drop import CAPABILITIES
from hexr_autoinst.model.facts import Chunk, Process
from tests.groups import SLOW, Patient, kernel_knows

OFFSET = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

# Says when its libssl is mapped, then makes a request for each line of standard input.
CLIENT = """
import ssl, sys, time
print(time.monotonic(), flush=True)
import socket
for line in sys.stdin:
    context = ssl._create_unverified_context()
    with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost") as tls:
        tls.sendall(b"GET /" + line.strip().encode() + b" HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n")
        print(len(tls.recv(4096)), flush=True)
"""


class Teller:
    """The other end of facts.sock: what a teller is given, and what the ring holds."""

    def __init__(self, listener):
        self.connection, _ = listener.accept()
        data, fds, *_ = socket.recv_fds(self.connection, 1 << 16, 4)
        self.reader, self.facts = Reader(), []
        self.facts += self.reader.feed(data)
        self.header = self.reader.header
        self.connection.setblocking(False)
        self.fd = fds[0]
        self.ring, self.decoder, self.heard = Ring(self.fd, self.header["ring_size"]), Decoder(OFFSET), []

    def drain(self):
        while True:
            try:
                data = self.connection.recv(1 << 16)
            except BlockingIOError:
                break
            if not data:
                break
            self.facts += self.reader.feed(data)
        self.heard += [f for f in map(self.decoder.decode, self.ring.read()) if f]

    def bytes_out(self):
        self.drain()
        return b"".join(f.data for f in self.heard if isinstance(f, Chunk) and f.direction == "out")

    def close(self):
        self.ring.close()
        os.close(self.fd)
        self.connection.close()


class Camera:
    def __init__(self, folder, cage, objects_folder, lifeline=None, **config):
        self.folder = folder
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / "facts.sock"))
        self.listener.listen(8)
        self.listener.settimeout(10 * SLOW)
        env = {
            "PATH": "/nowhere",
            "HEXR_CONFIG_JSON": Config(
                run_dir=str(folder), ring_mb=4, **{"only": (Rule("cgroup", f"/{cage.path.name}"),), **config}
            ).to_json(),
            "HEXR_SESSION_JSON": json.dumps({"clock_offset": OFFSET, "salt": "", "key": "", "host": "here"}),
            "HEXR_BPF_DIR": str(objects_folder),
        }
        if lifeline is not None:
            env["HEXR_LIFELINE_FD"] = str(lifeline)
        self.began = time.monotonic()
        self.process = Patient(
            [sys.executable, "-m", "hexr_autoinst.camera"],
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            pass_fds=() if lifeline is None else (lifeline,),
        )
        self.events = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.events.append((time.monotonic(), json.loads(line)))

    def event(self, kind, seconds=10.0, **holds):
        end = time.monotonic() + seconds * SLOW
        while time.monotonic() < end:
            for at, event in list(self.events):
                if event["event"] == kind and holds.items() <= event.items():
                    return at, event
            time.sleep(0.005)
        raise AssertionError(f"no {kind} {holds}: {self.events}")

    def status(self):
        return json.loads((self.folder / "camera.json").read_text())

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(10)
        self.process.stdout.close()
        self.listener.close()
        return code


@pytest.fixture
def camera(tmp_path, cage, objects_folder):
    made = []

    def start(**config):
        folder = tmp_path / f"run{len(made)}"
        folder.mkdir()
        made.append(Camera(folder, cage, objects_folder, **config))
        return made[-1]

    yield start
    for one in made:
        one.end()


@pytest.fixture
def client(cage, private_ssl, python, serve):
    def start():
        server = serve(lambda head, body: ANSWER)
        child = cage.spawn(
            [python, "-c", CLIENT, str(server.port)],
            env={**private_ssl.env, "HEXR_AGENT_NAME": "tester"},
            stdin=subprocess.PIPE,
        )
        ready, _, _ = select.select([child.stdout], [], [], 20 * SLOW)
        assert ready
        return child, float(child.stdout.readline())

    return start


def ask(child, word):
    child.stdin.write(word + "\n")
    child.stdin.flush()
    assert int(child.stdout.readline()) > 0


def until(ready, seconds=5.0):
    end = time.monotonic() + seconds * SLOW
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_agent_that_runs_already_is_attached_when_the_camera_is_ready(camera, client, private_ssl):
    child, _ = client()
    one = camera()
    _, event = one.event("ready")
    teller = Teller(one.listener)
    ask(child, "before")
    until(lambda: b"GET /before" in teller.bytes_out())

    assert event["attached"] == 1
    assert one.event("attached")[1]["path"] == str(private_ssl.path)
    teller.close()


def test_a_library_mapped_later_is_attached(camera, client, private_ssl):
    one = camera()
    one.event("ready")
    teller = Teller(one.listener)
    child, _ = client()
    _, event = one.event("attached")
    ask(child, "later")
    until(lambda: b"GET /later" in teller.bytes_out())

    assert (event["library"], event["rung"], event["path"]) == (
        "libssl.so.3",
        "dynsym",
        str(private_ssl.path),
    )
    teller.close()


def test_a_named_library_is_attached_before_anybody_maps_it(camera, private_ssl):
    one = camera(libraries=str(private_ssl.path))
    one.event("ready")

    assert [x["path"] for x in one.status()["attached"]] == [str(private_ssl.path)]


def test_a_teller_that_comes_back_is_given_the_ring_and_the_world_again(camera, client):
    child, _ = client()
    one = camera()
    one.event("ready")
    first = Teller(one.listener)
    first.close()
    second = Teller(one.listener)
    ask(child, "again")
    until(lambda: b"GET /again" in second.bytes_out())
    known = [f for f in second.facts if isinstance(f, Process) and f.key.pid == child.pid]

    assert (second.header["role"], second.header["ring"], second.header["ring_size"]) == (
        "camera",
        True,
        4 << 20,
    )
    assert [(f.env.get("HEXR_AGENT_NAME"), f.args[1]) for f in known] == [("tester", "-c")]
    second.close()


def test_a_process_is_told_when_it_executes_and_leaves_the_world_when_it_ends(camera, client):
    one = camera()
    one.event("ready")
    teller = Teller(one.listener)
    child, _ = client()
    until(
        lambda: (
            teller.drain(),
            any(isinstance(f, Process) and f.key.pid == child.pid and f.env for f in teller.facts),
        )[1]
    )
    until(lambda: one.status()["processes"] == 1)
    child.kill()
    until(lambda: one.status()["processes"] == 0)
    teller.close()


def test_processes_outside_the_cage_are_neither_told_nor_attached(camera, cage, private_ssl, python):
    one = camera()
    one.event("ready")
    teller = Teller(one.listener)
    outside = cage.spawn(
        [python, "-c", "import ssl,time; print(1, flush=True); time.sleep(1)"],
        inside=False,
        env=private_ssl.env,
    )
    outside.stdout.readline()
    time.sleep(0.7)
    teller.drain()

    assert (teller.facts, teller.heard) == ([], [])
    assert one.status()["attached"] == []
    teller.close()


def test_the_camera_holds_only_what_it_needs_once_it_is_ready(camera):
    one = camera()
    one.event("ready")
    lines = dict(
        x.split(":\t", 1)
        for x in Path(f"/proc/{one.process.pid}/status").read_text().splitlines()
        if ":\t" in x
    )
    held = {name for name, bit in CAPABILITIES.items() if int(lines["CapEff"], 16) >> bit & 1}

    # Before 6.6 a probe is an event of perf's.
    events = set() if kernel_knows("bpf_uprobe_multi_link") else {"SYS_ADMIN"}
    assert held - events == {
        "BPF",
        "PERFMON",
        "SYS_PTRACE",
        "DAC_READ_SEARCH",
        "SETUID",
        "SETGID",
        "SETPCAP",
        "KILL",
        "CHECKPOINT_RESTORE",
    }
    assert events <= held
    assert lines["CapBnd"] == lines["CapEff"]
    assert lines["NoNewPrivs"] == "1"


def test_told_to_end_it_takes_its_probes_away_and_says_goodbye_with_zero(camera, client):
    child, _ = client()
    one = camera()
    one.event("ready")

    assert one.end() == 0
    ask(child, "alone")


def test_a_bad_rule_is_one_sentence_and_the_exit_code_of_configuration(camera):
    one = camera(only=(Rule("cgroup", "/there-is-no-such-group"),))

    assert one.process.wait(10) == 78
    assert "there is no cgroup" in one.event("unavailable")[1]["why"]


def test_an_agent_that_lives_a_moment_is_seen_when_its_library_is_named(camera, client, private_ssl):
    one = camera(libraries=str(private_ssl.path))
    one.event("ready")
    teller = Teller(one.listener)
    child, _ = client()
    ask(child, "first")
    child.communicate()
    until(lambda: b"GET /first" in teller.bytes_out())
    teller.close()


def test_a_library_deleted_while_it_is_used_is_attached_too(camera, client, private_ssl):
    child, _ = client()
    private_ssl.path.unlink()
    one = camera()
    one.event("ready")
    teller = Teller(one.listener)
    ask(child, "ghost")
    until(lambda: b"GET /ghost" in teller.bytes_out())

    assert one.status()["attached"][0]["path"] == f"{private_ssl.path} (deleted)"
    teller.close()


def test_a_second_agent_on_the_same_library_is_not_told_twice(camera, client):
    first, _ = client()
    one = camera()
    one.event("ready")
    teller = Teller(one.listener)
    second, _ = client()
    ask(first, "one")
    ask(second, "two")
    until(lambda: b"GET /one" in teller.bytes_out() and b"GET /two" in teller.bytes_out())

    assert [teller.bytes_out().count(b"GET /" + w) for w in (b"one", b"two")] == [1, 1]
    teller.close()


def test_the_end_of_the_supervisor_is_the_end_of_the_camera(tmp_path, cage, objects_folder):
    lifeline, held = os.pipe()
    folder = tmp_path / "run"
    folder.mkdir()
    one = Camera(folder, cage, objects_folder, lifeline=lifeline)
    os.close(lifeline)
    one.event("ready")
    os.close(held)

    assert one.process.wait(5) == 0
    one.end()
