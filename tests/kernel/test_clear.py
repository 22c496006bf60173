"""Real clients on sockets in the clear: what was said is what is told, once, byte for byte; what nobody reads is not copied."""

import json
import shutil
import socket
import subprocess
import threading

import pytest

from hexr_autoinst.model.facts import Chunk, Closed, Exited, Opened
from tests.groups import NO_CLEAR
from tests.kernel.test_tls import CLIENT as TLS_CLIENT
from tests.kernel.test_tls import answer, joined

pytestmark = pytest.mark.skipif(bool(NO_CLEAR), reason=NO_CLEAR)


def run(cage, *argv, **more):
    return cage.spawn([str(a) for a in argv], **more).communicate(timeout=40)[0]


def over(seen, count=1):
    return seen.until(lambda: len(seen.of(Exited)) >= count)


def heard(seen, **of):
    return [c for c in seen.of(Chunk) if all(getattr(c, k) == v for k, v in of.items())]


@pytest.fixture
def curl():
    found = shutil.which("curl")
    if not found:
        pytest.skip("needs curl")
    return found


def test_curl_is_told_byte_for_byte(plane, cage, serve, curl):
    seen = plane()
    server = serve(answer, clear=True)

    run(cage, curl, "-s", "-d", "x" * 100, f"http://127.0.0.1:{server.port}/v1/messages", "-o", "/dev/null")

    assert over(seen)
    chunks = seen.of(Chunk)
    assert server.seen[0] == joined(chunks, "out")
    assert answer(b"", b"x" * 100) == joined(chunks, "in")
    assert {("socket", False, 0)} == {(c.medium, c.joined, c.lost_before) for c in chunks}
    (opened,) = seen.of(Opened)
    assert ("127.0.0.1", server.port, "client") == (*opened.peer, opened.role)
    assert {opened.conn} == {c.conn for c in chunks} == {c.conn for c in seen.of(Closed)}
    assert seen.of(Opened)[0].at < chunks[0].at


SERVING = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
conn, _ = listener.accept()
while b"\\r\\n\\r\\n" not in (got := conn.recv(65536)):
    pass
conn.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi")
conn.recv(1)
"""


@pytest.mark.parametrize("late", [False, True], ids=["watched", "older than the camera"])
def test_both_ends_of_a_loopback_connection_are_told_each_with_its_side(plane, cage, python, curl, late):
    seen = None if late else plane()
    server = cage.spawn([python, "-c", SERVING])
    port = int(server.stdout.readline())
    seen = seen or plane()

    assert run(cage, curl, "-s", f"http://127.0.0.1:{port}/") == "hi"

    assert over(seen, 2)
    client, serving = sorted({c.conn for c in seen.of(Chunk)}, key=lambda c: c.key.pid == server.pid)
    for way, back in (("out", "in"), ("in", "out")):
        assert joined(heard(seen, conn=client), way) == joined(heard(seen, conn=serving), back) != b""
    ends = {o.conn: o for o in seen.of(Opened)}
    assert (ends[client].local, ends[client].peer) == (ends[serving].peer, ends[serving].local)
    assert ends[client].role == "client"
    assert ends[serving].role == ("unknown" if late else "server")
    assert not any(c.joined for c in seen.of(Chunk))


def test_a_unix_socket_is_told_by_its_two_inodes(plane, cage, serve, curl, tmp_path):
    seen = plane()
    server = serve(answer, clear=True, path=tmp_path / "s")

    run(cage, curl, "-s", "--unix-socket", tmp_path / "s", "-d", "abc", "http://here/v1/x", "-o", "/dev/null")

    assert over(seen)
    chunks = seen.of(Chunk)
    assert server.seen[0] == joined(chunks, "out")
    assert answer(b"", b"abc") == joined(chunks, "in")
    (opened,) = [o for o in seen.of(Opened) if o.conn == chunks[0].conn]
    assert (opened.role, opened.local.port, opened.peer.port) == ("client", 0, 0)
    assert opened.local.host.startswith("unix:")
    assert opened.local != opened.peer


def test_http_2_with_prior_knowledge_begins_with_its_preface(plane, cage, serve, curl):
    seen = plane()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = cage.spawn(
            [curl, "-s", "--http2-prior-knowledge", f"http://127.0.0.1:{listener.getsockname()[1]}/"]
        )
        conn, _ = listener.accept()
        with conn:
            got = conn.recv(65536)
            conn.sendall(bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
            conn.recv(65536)
        child.communicate(timeout=20)

    assert over(seen)
    assert joined(seen.of(Chunk), "out").startswith(got)
    assert got.startswith(b"PRI * HTTP/2.0")
    assert joined(seen.of(Chunk), "in") == bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))


def test_tls_is_told_at_the_librarys_border_alone(plane, cage, private_ssl, serve, python):
    seen = plane()
    seen.attach(private_ssl.path)
    server = serve(answer)

    run(cage, python, "-c", TLS_CLIENT, server.port, 100, env=private_ssl.env)

    assert over(seen)
    assert {"tls"} == {c.medium for c in seen.of(Chunk)}
    assert server.seen[0] == joined(seen.of(Chunk), "out")
    assert seen.objects.stats()["clear.muted"] == 1


def test_without_probes_tls_on_a_socket_is_told_nowhere(plane, cage, private_ssl, serve, python):
    seen = plane()
    server = serve(answer)

    run(cage, python, "-c", TLS_CLIENT, server.port, 100, env=private_ssl.env)

    assert over(seen)
    assert len(server.seen) == 1
    assert seen.of(Chunk) == []


def test_of_a_process_outside_the_cage_not_one_byte_is_told(plane, cage, serve, curl):
    seen = plane()
    server = serve(answer, clear=True)
    url = f"http://127.0.0.1:{server.port}/"

    run(cage, curl, "-s", "-o", "/dev/null", url, inside=False)
    run(cage, curl, "-s", "-o", "/dev/null", url)

    assert over(seen)
    assert len(server.seen) == 2
    assert len({c.conn for c in seen.of(Chunk)}) == len({o.conn for o in seen.of(Opened)}) == 1


def test_switched_off_nothing_in_the_clear_is_told(plane, cage, serve, curl):
    seen = plane(cleartext=False)
    server = serve(answer, clear=True)

    run(cage, curl, "-s", "-o", "/dev/null", f"http://127.0.0.1:{server.port}/")

    assert over(seen)
    assert seen.of(Chunk) == []
    assert {"off"} == set(seen.objects.clear.why.values())


QUIET = """
import os, pty, sys, tempfile
with tempfile.NamedTemporaryFile() as file:
    for fd in (file.fileno(), os.open("/dev/null", os.O_RDWR), pty.openpty()[1], os.pipe()[1]):
        os.write(fd, b"POST / HTTP/1.1\\r\\n")
        os.write(fd, b'{"jsonrpc": "2.0"}')
    file.seek(0)
    file.read()
"""


def test_files_terminals_and_pipes_of_ones_own_are_silent(plane, cage, python):
    seen = plane()
    seen.objects.clear.watch_pipes(on=True)

    run(cage, python, "-c", QUIET)

    assert over(seen)
    assert seen.of(Chunk) == seen.of(Opened) == []


TALK = """
import socket, sys, time
port, turns, first = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
sock = socket.create_connection(("127.0.0.1", port))
for turn in range(turns):
    sock.sendall(first)
    sock.recv(65536)
    if turn == 0:
        print("begun", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture
def echo():
    """A listener that gives back what it gets, or what it is made to say."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(said=None):
        def one(conn):
            with conn:
                while got := conn.recv(65536):
                    conn.sendall(said or got)

        def accept():
            try:
                while True:
                    threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1]

    yield serve
    listener.close()


def talk(cage, python, port, turns, first, *, before=None):
    child = cage.spawn([python, "-c", TALK, str(port), str(turns), first.hex()], stdin=subprocess.PIPE)
    child.stdout.readline()
    if before:
        before()
    child.communicate("\n", timeout=20)


def test_what_speaks_nothing_we_read_is_muted_at_its_first_bytes(plane, cage, python, echo):
    seen = plane()

    talk(cage, python, echo(), 23, b"\x10\x11\x12 not ours")

    assert over(seen)
    assert seen.of(Chunk) == []
    assert seen.objects.stats()["clear.muted"] == 1


def test_one_byte_after_the_other_is_muted_once_it_is_known_to_be_nothing(plane, cage, python, echo):
    seen = plane()

    talk(cage, python, echo(), 50, b"\x10")

    assert over(seen)
    assert len(seen.of(Chunk)) < 8


def test_an_old_connection_is_left_alone_after_eight_turns(plane, cage, python, echo):
    made = []

    talk(cage, python, echo(), 40, b"something else", before=lambda: made.append(plane()))

    (seen,) = made
    assert over(seen)
    assert len(seen.of(Chunk)) == 7
    assert seen.of(Chunk)[0].joined


def test_an_old_connection_is_told_from_where_it_begins_anew(plane, cage, python, echo):
    made = []
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    talk(cage, python, echo(), 23, request, before=lambda: made.append(plane()))

    (seen,) = made
    assert over(seen)
    assert joined(seen.of(Chunk), "out") == request * 22
    assert seen.of(Chunk)[0].joined


def test_a_cache_is_told_at_the_end_that_asks(plane, cage, python, echo):
    seen = plane()
    get = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"

    talk(cage, python, echo(b"$2\r\nhi\r\n"), 3, get)

    assert over(seen)
    assert joined(seen.of(Chunk), "out") == get * 3
    assert joined(seen.of(Chunk), "in") == b"$2\r\nhi\r\n" * 3


ANSWERING = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
conn, _ = listener.accept()
while conn.recv(65536):
    conn.sendall(b"+PONG\\r\\n")
"""


def test_a_cache_itself_is_not(plane, cage, python):
    seen = plane()
    server = cage.spawn([python, "-c", ANSWERING])
    with socket.create_connection(("127.0.0.1", int(server.stdout.readline()))) as mine:
        for _ in range(5):
            mine.sendall(b"*1\r\n$4\r\nPING\r\n")
            mine.recv(100)
    server.communicate(timeout=20)

    assert over(seen)
    assert seen.of(Chunk) == []


TUNNEL = """
import socket, sys
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.sendall(b"CONNECT far:443 HTTP/1.1\\r\\nHost: far:443\\r\\n\\r\\n")
sock.recv(65536)
for _ in range(5):
    sock.sendall(bytes.fromhex("160301020001") + b"x" * 500)
    sock.recv(65536)
"""


def test_tls_through_a_tunnel_is_not_told_again(plane, cage, python, echo):
    seen = plane()

    run(cage, python, "-c", TUNNEL, echo(b"HTTP/1.1 200 OK\r\n\r\n"))

    assert over(seen)
    assert joined(seen.of(Chunk), "out") == b"CONNECT far:443 HTTP/1.1\r\nHost: far:443\r\n\r\n"


CALLS = """
import os, socket, sys, tempfile
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def said():
    return sock.recv(65536)
os.writev(sock.fileno(), [b"", b"P"]); sock.sendall(b"O"); sock.sendall(b"S"); sock.sendall(b"T / HTTP/1.1\\r\\n\\r\\n")
while len(said()) < 1: pass
os.writev(sock.fileno(), [b"", b"writev ", b"", b"of five "]); said()
sock.sendmsg([b"send", b"msg "]); said()
sock.send(b"send "); said()
os.write(sock.fileno(), b"write "); sock.recv(3, socket.MSG_PEEK); said()
buffers = [bytearray(2), bytearray(5), bytearray(100)]
sock.send(b"recvmsg "); sock.recvmsg_into(buffers)
sock.send(b"readv "); os.readv(sock.fileno(), buffers)
with tempfile.TemporaryFile() as file:
    file.write(b"f" * 1009); file.flush()
    os.sendfile(sock.fileno(), file.fileno(), 0, 1009)
got = 0
while got < 1009: got += len(said())
sock.send(b"end"); said()
"""


def test_every_call_that_carries_bytes_is_read_and_sendfile_is_a_gap(plane, cage, python, echo):
    seen = plane()

    run(cage, python, "-c", CALLS, echo())

    assert over(seen)
    told = b"POST / HTTP/1.1\r\n\r\nwritev of five sendmsg send write recvmsg readv "
    assert joined(seen.of(Chunk), "out") == told + b"end"
    assert joined(seen.of(Chunk), "in") == told + b"f" * 1009 + b"end"
    assert [c.lost_before for c in heard(seen, direction="out") if c.lost_before] == [1009]
    assert heard(seen, direction="out")[-1].data == b"end"
    assert seen.objects.stats()["clear.unread"] == 1009


HUGE = """
import os, socket, sys
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
for size in (4 << 20, 5 << 20, 3):
    head = b"POST / HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n" % size
    sent, body = 0, b"z" * size
    print(os.writev(sock.fileno(), [head, body[: size // 2], body[size // 2 :]]) - len(head), flush=True)
    sock.recv(65536)
"""


def test_four_megabytes_in_one_call_are_whole_or_the_rest_is_a_gap_of_known_length(
    plane, cage, serve, python
):
    seen = plane(ring_mb=32)
    server = serve(lambda head, body: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", clear=True)

    sent = [int(x) for x in run(cage, python, "-c", HUGE, server.port).split()]

    assert over(seen)
    assert sent == [4 << 20, 5 << 20, 3]
    out = heard(seen, direction="out")
    told = sum(len(c.data) for c in out)
    lost = sum(c.lost_before for c in out)
    assert sum(map(len, server.seen)) == told + lost
    assert 0 < lost == seen.objects.stats()["cut"]
    assert lost < (1 << 20) + 3 * 16384
    assert server.seen[2] == b"".join(c.data for c in out[-3:])


FLOOD = """
import socket, sys, threading
def one():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
        sock.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
        got = 0
        while got < int(sys.argv[2]):
            got += len(sock.recv(200))
            reads.append(1)
reads = []
threads = [threading.Thread(target=one) for _ in range(16)]
[t.start() for t in threads]; [t.join() for t in threads]
print(len(reads))
"""


def test_a_flood_adds_up(plane, cage, serve, python):
    seen = plane(ring_mb=16)
    flow = b"HTTP/1.1 200 OK\r\n\r\n" + b"".join(b"data: %0188d\n\n" % n for n in range(1000))
    server = serve(lambda head, body: flow, clear=True)

    child = cage.spawn([python, "-c", FLOOD, str(server.port), str(len(flow))])

    assert seen.until(lambda: seen.of(Exited), seconds=60)
    reads = int(child.communicate(timeout=10)[0])
    stats = seen.objects.stats()
    assert stats["dropped.chunk"] == 0
    assert reads + 16 == stats["issued.chunk"] == seen.decoder.seen["chunk"] == len(seen.of(Chunk))
    by_conn = {}
    for chunk in heard(seen, direction="in"):
        by_conn.setdefault(chunk.conn, []).append(chunk.data)
    assert [flow] * 16 == [b"".join(pieces) for pieces in by_conn.values()]


def test_what_the_kernel_issued_is_what_was_read_or_dropped(plane, cage, serve, python):
    seen = plane(ring_mb=1)
    flow = b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 3_000_000
    server = serve(lambda head, body: flow, clear=True)

    cage.spawn([python, "-c", FLOOD, str(server.port), str(len(flow))]).communicate(timeout=60)

    assert seen.until(lambda: seen.of(Chunk))
    stats = seen.objects.stats()
    assert stats["dropped.chunk"] > 0
    assert stats["issued.chunk"] == seen.decoder.seen["chunk"] + stats["dropped.chunk"]


NODE = """
const port = process.argv[1];
fetch(`http://127.0.0.1:${port}/v1/messages`, {method: "POST", body: "x".repeat(70000)})
  .then(r => r.text()).then(t => console.log(JSON.stringify(t.length)));
"""


def test_nodes_fetch_is_told_byte_for_byte(plane, cage, serve, node_program):
    seen = plane()
    server = serve(answer, clear=True)

    said = run(cage, node_program, "-e", NODE, server.port)

    assert over(seen)
    assert json.loads(said) == 4097 + 5
    assert server.seen[0] == joined(seen.of(Chunk), "out")
    assert answer(b"", b"x" * 70000) == joined(seen.of(Chunk), "in")
