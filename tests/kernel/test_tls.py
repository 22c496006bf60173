"""A real client, a real libssl, a real kernel: what was said is what is told, byte for byte."""

import json
import platform
import shutil

import pytest

from hexr_autoinst.capture.ebpf.probes import deadly
from hexr_autoinst.model.facts import Chunk, Closed, Exited, Handshake, Opened

# There a function that is only seen by a return probe is left alone, and says so.
KILLS = deadly(platform.release())

CLIENT = """
import http.client, json, os, socket, ssl, sys
port, size = int(sys.argv[1]), int(sys.argv[2])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
conn = http.client.HTTPSConnection("localhost", port, context=context)
conn.connect()
local = conn.sock.getsockname()
conn.request("POST", "/v1/messages", body=b"x" * size, headers={"x-case": "kernel"})
answer = conn.getresponse().read()
conn.close()
del conn
print(json.dumps({"pid": os.getpid(), "local": local, "got": len(answer)}))
sys.exit(3)
"""


def answer(head, body):
    said = b"y" * 4097 + str(len(body)).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said


def joined(chunks, direction):
    return b"".join(c.data for c in chunks if c.direction == direction)


def run(cage, private_ssl, python, port, size=100, *, inside=True):
    child = cage.spawn([python, "-c", CLIENT, str(port), str(size)], inside=inside, env=private_ssl.env)
    out, _ = child.communicate(timeout=30)
    return json.loads(out)


def test_an_exchange_is_told_byte_for_byte(plane, cage, private_ssl, serve, python):
    seen = plane()
    attached = seen.attach(private_ssl.path)
    server = serve(answer)

    told = run(cage, private_ssl, python, server.port)

    assert KILLS or attached.refused == ()
    assert seen.until(lambda: seen.of(Exited)), f"the ring delivered no end: {seen.objects.stats()}"
    chunks = seen.of(Chunk)
    assert server.seen[0] == joined(chunks, "out")
    assert answer(b"", b"x" * 100) == joined(chunks, "in")
    assert {False} == {c.joined for c in chunks}
    assert {0} == {c.lost_before for c in chunks}
    assert {told["pid"]} == {c.conn.key.pid for c in chunks}
    (handshake,) = seen.of(Handshake)
    assert (handshake.role, handshake.outcome, handshake.sni) == ("client", "ok", "localhost")
    assert handshake.library
    assert handshake.duration_ns is None if KILLS else 0 < handshake.duration_ns < 10**9
    (tied,) = [o for o in seen.of(Opened) if o.conn == chunks[0].conn]
    assert ("127.0.0.1", server.port, "client") == (*tied.peer, tied.role)
    assert tuple(told["local"][:2]) == tied.local
    assert [chunks[0].conn] == [c.conn for c in seen.of(Closed) if c.conn.generation]
    (exited,) = seen.of(Exited)
    assert (told["pid"], 3, None) == (exited.key.pid, exited.code, exited.signal)


def test_a_process_outside_the_cage_yields_nothing(plane, cage, private_ssl, serve, python):
    seen = plane()
    seen.attach(private_ssl.path)
    server = serve(answer)

    run(cage, private_ssl, python, server.port, inside=False)
    run(cage, private_ssl, python, server.port)

    assert seen.until(lambda: seen.of(Exited))
    assert len(server.seen) == 2
    assert len({f.conn for f in seen.of(Chunk)}) == 1
    assert len(seen.of(Exited)) == 1


def test_a_request_of_600_kilobytes_in_one_write_is_whole(plane, cage, private_ssl, serve, python):
    seen = plane()
    seen.attach(private_ssl.path)
    server = serve(answer)

    run(cage, private_ssl, python, server.port, size=600_000)

    assert seen.until(lambda: seen.of(Exited))
    assert server.seen[0] == joined(seen.of(Chunk), "out")


def test_what_the_kernel_issued_is_what_was_read_or_dropped(plane, cage, private_ssl, serve, python):
    seen = plane(ring_mb=1)
    seen.attach(private_ssl.path)
    server = serve(answer)

    child = cage.spawn([python, "-c", CLIENT, str(server.port), str(3_000_000)], env=private_ssl.env)
    child.communicate(timeout=30)

    assert seen.until(lambda: seen.of(Chunk))
    stats = seen.objects.stats()
    assert stats["dropped.chunk"] > 0
    assert stats["issued.chunk"] == seen.decoder.seen["chunk"] + stats["dropped.chunk"]


def test_a_stream_that_speaks_nothing_we_read_is_muted_and_counted(
    plane, cage, private_ssl, certificate, python
):
    seen = plane()
    seen.attach(private_ssl.path)
    echo = """
import socket, ssl, sys, threading
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(sys.argv[1])
client = ssl.create_default_context()
client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
left, right = socket.socketpair()
def far():
    with server.wrap_socket(right, server_side=True) as tls:
        while data := tls.recv(1000):
            tls.sendall(data)
threading.Thread(target=far, daemon=True).start()
with client.wrap_socket(left) as tls:
    for _ in range(23):
        tls.sendall(b"\\x10\\x11 not http")
        tls.recv(1000)
"""
    child = cage.spawn([python, "-c", echo, str(certificate)], env=private_ssl.env)
    child.communicate(timeout=20)

    assert seen.until(lambda: seen.of(Exited))
    assert seen.of(Chunk) == []
    assert seen.objects.stats()["muted"] == 4 * 23
    assert {"client", "server"} == {h.role for h in seen.of(Handshake)}


REFUSED = """
import socket, ssl, sys
context = ssl.create_default_context()
try:
    context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
except ssl.SSLCertVerificationError:
    print("refused")
"""


def test_a_handshake_that_ends_without_success_has_failed(plane, cage, private_ssl, serve, python):
    seen = plane()
    seen.attach(private_ssl.path)
    server = serve(answer)

    child = cage.spawn([python, "-c", REFUSED, str(server.port)], env=private_ssl.env)

    assert child.communicate(timeout=20)[0] == "refused\n"
    assert seen.until(lambda: seen.of(Exited))
    (handshake,) = seen.of(Handshake)
    assert (handshake.outcome, handshake.role, handshake.sni) == ("failed", "client", "localhost")


LATE = """
import http.client, ssl, sys
context = ssl._create_unverified_context()
conn = http.client.HTTPSConnection("localhost", int(sys.argv[1]), context=context)
for turn in range(2):
    conn.request("POST", "/v1/messages", body=b"x")
    conn.getresponse().read()
    print(turn, flush=True)
    sys.stdin.readline()
"""


def test_a_stream_joined_in_the_middle_is_marked_so(plane, cage, private_ssl, serve, python):
    import subprocess

    seen = plane()
    server = serve(answer)
    child = cage.spawn([python, "-c", LATE, str(server.port)], env=private_ssl.env, stdin=subprocess.PIPE)
    child.stdout.readline()
    seen.attach(private_ssl.path)

    child.communicate(b"\n\n".decode(), timeout=20)

    assert seen.until(lambda: seen.of(Exited))
    chunks = seen.of(Chunk)
    assert server.seen[1] == joined(chunks, "out")
    assert [(c.seq, c.joined) for c in chunks if c.direction == "out"] == [(0, True), (1, False)]
    assert seen.of(Handshake) == []


ASYNC = """
import asyncio, ssl, sys
context = ssl._create_unverified_context()
async def one(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    for turn in range(3):
        body = b"b" * (number * 7 + turn)
        writer.write(b"POST /%d HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n" % (number, len(body)) + body)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        await reader.readexactly(int(head.split(b":")[1]))
    print(number, writer.get_extra_info("sockname")[1])
    writer.close()
async def main():
    await asyncio.gather(*(one(int(sys.argv[1]), n) for n in range(37)))
asyncio.run(main())
"""


def test_memory_bios_are_tied_to_their_own_sockets(plane, cage, private_ssl, serve, python):
    seen = plane()
    seen.attach(private_ssl.path)
    server = serve(answer)

    child = cage.spawn([python, "-c", ASYNC, str(server.port)], env=private_ssl.env)
    said = child.communicate(timeout=40)[0]

    ports = {int(line.split()[0]): int(line.split()[1]) for line in said.splitlines()}
    assert seen.until(lambda: seen.of(Exited))
    numbers = {
        c.conn: int(c.data.split()[1][1:]) for c in seen.of(Chunk) if c.direction == "out" and c.seq == 0
    }
    tied = {numbers[o.conn]: o.local.port for o in seen.of(Opened) if o.conn in numbers}
    assert len(ports) == 37
    assert {n: p for n, p in tied.items() if ports[n] != p} == {}
    assert len(tied) == 37, f"{seen.objects.stats()}"


def test_kernels_without_links_of_many_probes_tell_the_same(
    plane, cage, private_ssl, serve, python, monkeypatch
):
    from hexr_autoinst.capture.ebpf import libbpf

    real = libbpf.kernel_types
    monkeypatch.setattr(libbpf, "kernel_types", lambda *asked: real(*asked) - {"bpf_uprobe_multi_link"})
    seen = plane()
    attached = seen.attach(private_ssl.path)
    server = serve(answer)

    run(cage, private_ssl, python, server.port)

    assert not seen.objects.multi
    assert KILLS or attached.refused == ()
    assert seen.until(lambda: seen.of(Exited))
    assert server.seen[0] == joined(seen.of(Chunk), "out")
    assert seen.of(Handshake)[0].library


HUGE = """
import socket, ssl, sys
context = ssl._create_unverified_context()
head = b"POST / HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n"
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])))) as tls:
    for size in (5_000_000, 3):
        sent = tls.send(head % size + b"z" * size)
        print(sent)
        tls.recv(65536)
"""


def test_what_one_call_hands_over_beyond_the_limit_is_a_gap_of_known_length(
    plane, cage, private_ssl, serve, python
):
    seen = plane(ring_mb=16)
    seen.attach(private_ssl.path)
    server = serve(answer)

    child = cage.spawn([python, "-c", HUGE, str(server.port)], env=private_ssl.env)
    sent = [int(x) for x in child.communicate(timeout=40)[0].split()]

    assert seen.until(lambda: seen.of(Exited))
    out = [c for c in seen.of(Chunk) if c.direction == "out"]
    assert len(out) == 257
    assert sum(len(c.data) for c in out[:-1]) == 256 * 16384
    assert sent[0] - 256 * 16384 == out[-1].lost_before == seen.objects.stats()["cut"]
    assert server.seen[1] == out[-1].data


FLOOD = """
import socket, ssl, sys, threading
context = ssl._create_unverified_context()
def one():
    with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])))) as tls:
        tls.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
        got = b""
        while len(got) < int(sys.argv[2]):
            got += tls.recv(200)
            reads.append(1)
reads = []
threads = [threading.Thread(target=one) for _ in range(16)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(reads))
"""


def test_a_flood_at_the_default_size_loses_nothing_and_adds_up(plane, cage, private_ssl, serve, python):
    seen = plane(ring_mb=16)
    seen.attach(private_ssl.path)
    flow = b"HTTP/1.1 200 OK\r\n\r\n" + b"".join(b"data: %0188d\n\n" % n for n in range(1000))
    server = serve(lambda head, body: flow)

    child = cage.spawn([python, "-c", FLOOD, str(server.port), str(len(flow))], env=private_ssl.env)

    assert seen.until(lambda: seen.of(Exited), seconds=60)
    reads = int(child.communicate(timeout=10)[0])
    stats = seen.objects.stats()
    assert stats["dropped.chunk"] == 0
    assert reads + 16 == stats["issued.chunk"] == seen.decoder.seen["chunk"] == len(seen.of(Chunk))
    by_conn = {}
    for chunk in seen.of(Chunk):
        if chunk.direction == "in":
            by_conn.setdefault(chunk.conn, []).append(chunk.data)
    assert {flow} == {b"".join(pieces) for pieces in by_conn.values()}
    assert len(by_conn) == 16


@pytest.fixture
def before_6_3(monkeypatch):
    """Make the loader believe in a kernel that says of no socket what it carried."""
    from hexr_autoinst.capture.ebpf import libbpf

    real = libbpf.kernel_types
    newer = {"btf_trace_sock_send_length", "btf_trace_sock_recv_length"}
    monkeypatch.setattr(libbpf, "kernel_types", lambda *asked: real(*asked) - newer)
    return newer


@pytest.mark.usefixtures("before_6_3")
def test_before_6_3_tcps_own_functions_say_what_a_socket_carried(plane, cage, private_ssl, serve, python):
    seen = plane()
    if seen.objects.carried != "functions":
        pytest.skip(f"what stands in is {seen.objects.carried}")

    test_an_exchange_is_told_byte_for_byte(lambda: seen, cage, private_ssl, serve, python)


@pytest.mark.usefixtures("before_6_3")
def test_where_nothing_says_it_streams_are_told_without_their_connection(
    plane, objects_folder, cage, private_ssl, serve, python, tmp_path
):
    folder = shutil.copytree(objects_folder, tmp_path / "bpf")
    stand_in = folder / "carried.bpf.o"
    stand_in.write_bytes(stand_in.read_bytes().replace(b"fexit/tcp_sendmsg", b"fexit/tcp_nothing"))
    seen = plane(folder)
    seen.attach(private_ssl.path)
    server = serve(answer)

    run(cage, private_ssl, python, server.port)

    assert seen.objects.carried.startswith("nothing: carried.bpf.o does not load")
    assert seen.until(lambda: seen.of(Exited))
    assert server.seen[0] == joined(seen.of(Chunk), "out")
    assert {0} == {o.conn.generation for o in seen.of(Opened)}
    assert seen.objects.stats()["tied"] == 0
