"""A real client, a real libssl, a real kernel: what was said is what is told, byte for byte."""

import json

from hexr_autoinst.model.facts import Chunk, Closed, Exited, Handshake, Opened

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

    assert attached.refused == ()
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
    assert 0 < handshake.duration_ns < 10**9
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
