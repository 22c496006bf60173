"""The proxy plane for real: front, mitmproxy worker, clients under its variables, facts at a teller's socket."""

import asyncio
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

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import proxy_stage as ps

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not ps.PROXY_PYTHON.exists(), reason=f"there is no {ps.PROXY_PYTHON} (HEXR_PROXY_PYTHON names another)"),
]  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return ps.certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def stage(tmp_path_factory, certificate):
    found = ps.Stage(tmp_path_factory.mktemp("stage"), upstream_ca=certificate[0])
    found.worker()
    yield found
    found.close()


@pytest.fixture(scope="module")
def model(certificate):
    server = ps.serve_model(*certificate[1:])
    server.base = f"https://localhost:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def test_a_request_and_its_answer_arrive_byte_for_byte(stage, model):
    sent = bytes(range(256)) * 40
    args = ["curl", "-sS", "--data-binary", "@-", f"{model.base}/bytes"]
    done = subprocess.run(args, check=False, input=sent, env=stage.env(), capture_output=True, timeout=30)
    ((request, response),) = ps.until(lambda: stage.teller.answered("/bytes"))

    assert (0, sent) == (done.returncode, done.stdout)
    assert sent == request[1]
    assert sent == response[1]
    assert (request[2].error, response[2].error) == ("", "")


def test_a_large_binary_answer_arrives_byte_for_byte(stage, model):
    done = stage.curl(f"{model.base}/big")
    ((_, response),) = ps.until(lambda: stage.teller.answered("/big"))

    assert done.stdout == ps.BINARY
    assert response[1] == ps.BINARY


def test_every_flow_names_its_process_and_the_agents_end_of_its_connection(stage, model):
    curl = subprocess.Popen(
        ["curl", "-sS", f"{model.base}/who", "-w", "%{local_port}"], env=stage.env(), stdout=subprocess.PIPE
    )
    said, _ = curl.communicate(timeout=20)
    (((head, _, _), (answer, _, _)),) = ps.until(lambda: stage.teller.answered("/who"))

    assert curl.pid == head.key.pid
    assert head.key == answer.key
    assert ("127.0.0.1", int(said.removeprefix(b"plain"))) == head.local
    assert ("127.0.0.1", model.server_port) == head.peer
    assert ("GET", "https", f"localhost:{model.server_port}") == (head.method, head.scheme, head.authority)


def test_facts_are_stamped_between_the_clients_own_times(stage, model):
    before = time.time_ns()
    stage.curl(f"{model.base}/when")
    after = time.time_ns()
    ((request, response),) = ps.until(lambda: stage.teller.answered("/when"))

    stamps = [request[0].at, request[2].at, response[0].at, response[2].at]
    assert sorted(stamps) == stamps
    assert before - 50_000_000 <= stamps[0]
    assert stamps[-1] <= after + 50_000_000


def test_a_stream_reaches_the_client_while_it_is_made(stage, model):
    client = subprocess.Popen(
        ["curl", "-sSN", f"{model.base}/stream"], env=stage.env(), stdout=subprocess.PIPE
    )
    times = []
    for _ in ps.EVENTS:
        assert client.stdout.readline().startswith(b"data: ")
        times.append(time.monotonic())
        client.stdout.readline()
    client.wait(10)
    client.stdout.close()
    ((_, response),) = ps.until(lambda: stage.teller.answered("/stream"))
    pieces = [f for f in stage.teller.facts if type(f).__name__ == "Data" and f.flow == response[0].flow]

    assert times[-1] - times[0] > 0.25, "the events came all at once"
    assert b"".join(ps.EVENTS) == response[1]
    assert len(ps.EVENTS) == len(pieces)


def test_two_requests_of_one_connection_are_numbered(stage, model):
    stage.curl(f"{model.base}/n1", f"{model.base}/n2")
    ((first, _),) = ps.until(lambda: stage.teller.answered("/n1"))
    ((second, _),) = ps.until(lambda: stage.teller.answered("/n2"))

    assert (first[0].ordinal, second[0].ordinal) == (0, 1)
    assert first[0].conn == second[0].conn


def test_plain_http_is_captured_and_its_proxy_password_goes_no_further(stage):
    server = ps.serve_model()
    stage.curl("-U", "user:secret", f"http://localhost:{server.server_port}/plain")
    ((request, response),) = ps.until(lambda: stage.teller.answered("/plain"))
    server.shutdown()
    server.server_close()

    assert response[1] == b"plain"
    assert request[0].scheme == "http"
    assert not any(k.lower().startswith("proxy-") for k in server.seen[-1][2])
    assert not any(k.lower().startswith("proxy-") for k, _ in request[0].headers)


def test_a_client_that_leaves_mid_stream_is_said_to_have(stage, model):
    client = subprocess.Popen(
        ["curl", "-sSN", f"{model.base}/stream/left"], env=stage.env(), stdout=subprocess.PIPE
    )
    client.stdout.readline()
    client.kill()
    client.wait()
    client.stdout.close()
    ((request, response),) = ps.until(lambda: stage.teller.answered("/stream/left"))

    assert (request[2].error, response[2].error) == ("", "closed_by_client")
    assert response[1].startswith(ps.EVENTS[0])


def test_an_answer_that_its_server_cuts_is_said_to_be_cut(stage, model):
    done = stage.curl(f"{model.base}/cut")
    ((_, response),) = ps.until(lambda: stage.teller.answered("/cut"))

    assert done.returncode != 0, "the client must see the same break"
    assert response[1] == b"only this"
    assert response[2].error == "closed_by_server"


def test_a_client_that_distrusts_us_is_passed_through_when_it_tries_again(stage, certificate):
    server = ps.serve_model(*certificate[1:])
    own = {"CURL_CA_BUNDLE": str(certificate[0]), "SSL_CERT_FILE": str(certificate[0])}
    script = (
        "import ssl, http.client, sys, time\n"
        "for n in range(40):\n"
        f"    c = http.client.HTTPSConnection('127.0.0.1', {stage.port}, context=ssl.create_default_context(cafile={str(certificate[0])!r}))\n"
        f"    c.set_tunnel('localhost', {server.server_port})\n"
        "    try:\n"
        "        c.request('GET', '/distrust'); print(n, c.getresponse().read()); sys.exit(0)\n"
        "    except ssl.SSLError as e: print(n, e.reason); time.sleep(0.05)\n"
        "sys.exit(1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        env=stage.env(**own),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    server.shutdown()
    server.server_close()
    first, second, *_ = done.stdout.splitlines()
    assert first.startswith("0 CERTIFICATE_VERIFY_FAILED")
    assert second == "1 b'plain'"
    assert stage.teller.answered("/distrust") == []
    assert any("passed through" in e["why"] for e in stage.heard("warning"))


def test_a_client_that_distrusts_us_blinds_us_for_nobody_else(stage, model, certificate):
    stage.curl(f"{model.base}/trusted")
    told = ps.until(lambda: stage.teller.answered("/trusted"))
    alone = ps.serve_model(*certificate[1:])
    base = f"https://localhost:{alone.server_port}"
    wget = subprocess.run(
        ["wget", "-q", "-O", "-", "--tries=1", f"{base}/wget"],
        env=stage.env(),
        capture_output=True,
        check=False,
        timeout=30,
    )
    stage.curl(f"{base}/curl")
    alone.shutdown()
    alone.server_close()

    assert wget.returncode != 0
    assert len(told) == 1
    assert len(ps.until(lambda: stage.teller.answered("/curl"))) == 1


def test_a_server_that_we_cannot_verify_is_the_clients_business(tmp_path, stage):
    ca, *leaf = ps.certificates(tmp_path)
    server = ps.serve_model(*leaf)
    done = stage.curl("--cacert", str(ca), f"https://localhost:{server.server_port}/private")
    server.shutdown()
    server.server_close()

    assert (done.returncode, done.stdout) == (0, b"plain"), done.stderr
    assert stage.teller.answered("/private") == []


def test_h2_clients_are_brought_to_http1(stage, model):
    done = stage.curl("--http2", f"{model.base}/h2", "-o", "/dev/null", "-w", "%{http_version}")

    assert done.stdout == b"1.1"


def test_the_python_sdk_speaks_through_it(stage, model):
    pytest.importorskip("openai")
    script = (
        "import openai, sys\n"
        f"c = openai.OpenAI(base_url='{model.base}/sdk', api_key='sk-test', max_retries=0)\n"
        "print(c.post('/echo', cast_to=object, body={'model': 'm', 'text': 'caf\\u00e9'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        env=stage.env(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    ((request, response),) = ps.until(lambda: stage.teller.answered("/sdk/echo"))

    assert done.returncode == 0, done.stderr
    assert json.loads(request[1]) == {"model": "m", "text": "caf\u00e9"}
    assert request[1] == response[1]


def crowd(stage, base, count, at_once):
    async def one(n, gate):
        async with gate:
            process = await asyncio.create_subprocess_exec(
                "curl", "-sS", f"{base}?{n}", env=stage.env(), stdout=asyncio.subprocess.PIPE
            )
            return (await process.communicate())[0]

    async def main():
        gate = asyncio.Semaphore(at_once)
        return await asyncio.gather(*(one(n, gate) for n in range(count)))

    return asyncio.run(main())


def test_many_clients_are_all_told_once(stage, model):
    answers = crowd(stage, f"{model.base}/many", 24, 3)
    told = ps.until(lambda: all(got := [stage.teller.answered(f"/many?{n}") for n in range(24)]) and got, 20)

    assert answers == [b"plain"] * 24
    assert [len(t) for t in told] == [1] * 24


def test_of_a_crowd_all_are_answered_and_all_are_told_or_counted(stage, model):
    def decided(counts):
        return sum(n for name, n in counts.items() if name == "handed" or name.startswith("spliced"))

    time.sleep(1.2)
    before = stage.status()["counts"]
    answers = crowd(stage, f"{model.base}/crowd", 40, 40)
    # The counts are written now and then: wait for those in which every connection is decided.
    after = ps.until(lambda: decided(c := stage.status()["counts"]) - decided(before) >= 40 and c)
    told = ps.until(
        lambda: (
            len(got := [n for n in range(40) if stage.teller.answered(f"/crowd?{n}")])
            == after.get("handed", 0) - before.get("handed", 0)
            and got
        )
    )

    assert answers == [b"plain"] * 40
    assert decided(after) - decided(before) == 40
    assert told


def test_trust_files_are_whole_and_readable_by_everybody(stage):
    trust = stage.folder / "state" / "trust"
    roots = ssl.create_default_context(cafile=trust / "bundle.pem")

    assert any("hexr-autoinst" in str(c["subject"]) for c in roots.get_ca_certs())
    assert (trust / "ca.pem").read_bytes().count(b"BEGIN CERTIFICATE") == 1
    assert {0o644} == {(trust / n).stat().st_mode & 0o777 for n in ("ca.pem", "bundle.pem", "proxy.json")}
    assert (stage.folder / "state" / "ca").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE" not in (trust / "ca.pem").read_bytes() + (trust / "bundle.pem").read_bytes()


@pytest.mark.timeout(120)
def test_a_dead_worker_refuses_nobody_and_its_successor_captures_again(stage, model):
    dead = stage.worker()
    os.kill(dead, signal.SIGKILL)
    done = stage.curl(f"{model.base}/spliced", "--cacert", str(stage.config.upstream_ca))

    assert (done.returncode, done.stdout) == (0, b"plain"), done.stderr
    assert stage.teller.answered("/spliced") == []

    assert dead != ps.until(
        lambda: stage.status()["worker"]["ready"] and (p := stage.status()["worker"]["pid"]) != dead and p, 20
    )
    assert stage.curl(f"{model.base}/again").returncode == 0
    assert len(ps.until(lambda: stage.teller.answered("/again"))) == 1


def test_while_the_worker_dies_again_and_again_every_request_succeeds(stage, model):
    both = stage.folder / "both.pem"
    both.write_bytes((stage.folder / "state/trust/bundle.pem").read_bytes())
    stop = threading.Event()

    def killer():
        while not stop.wait(0.9):
            if (pid := stage.status()["worker"]["pid"]) and stage.status()["worker"]["ready"]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        results = []
        for n in range(30):
            # A connection that a worker holds dies with it: SDKs retry once, as curl is told to here.
            done = stage.curl(
                "--retry", "1", "--retry-all-errors", f"{model.base}/killed?{n}", "--cacert", str(both)
            )
            results.append(done.stdout)
            time.sleep(0.1)
    finally:
        stop.set()
        thread.join()

    assert results == [b"plain"] * 30
    stage.worker()


def test_no_key_log_is_written_even_when_the_environment_asks(tmp_path, certificate, model):
    log = tmp_path / "keys.log"
    log.touch(0o666)
    asked = {"SSLKEYLOGFILE": str(log), "MITMPROXY_SSLKEYLOGFILE": str(log)}
    stage = ps.Stage(tmp_path, upstream_ca=certificate[0], env=asked)
    try:
        stage.worker()
        assert stage.curl(f"{model.base}/keys").returncode == 0
    finally:
        stage.close()

    assert log.read_bytes() == b""


def test_sigterm_ends_front_and_worker_in_time(tmp_path, certificate):
    stage = ps.Stage(tmp_path, upstream_ca=certificate[0])
    worker = stage.worker()
    began = time.monotonic()
    stage.close()

    assert time.monotonic() - began < 3.0
    assert stage.process.returncode == 0
    assert not Path(f"/proc/{worker}").exists()
    assert not (tmp_path / "state" / "trust" / "proxy.json").exists()


def test_the_front_killed_leaves_no_worker_behind(tmp_path, certificate):
    stage = ps.Stage(tmp_path, upstream_ca=certificate[0])
    worker = stage.worker()
    stage.process.kill()
    stage.process.wait()
    ps.until(
        lambda: (
            not Path(f"/proc/{worker}").exists() or Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z"
        ),
        5,
    )
    # While it is away callers wait in the backlog; the next one serves them.
    waiting = socket.create_connection(("127.0.0.1", stage.port))
    stage.start()
    waiting.sendall(b"GET / HTTP/1.1\r\n\r\n")
    waiting.settimeout(10)

    assert b"hexr-autoinst" in waiting.recv(1000)
    waiting.close()
    stage.close()
