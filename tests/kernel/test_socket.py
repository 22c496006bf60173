"""TCP life of watched processes, as the kernel counts it."""

import json
import socket

from hexr_autoinst.model.facts import Closed, Exited, Health, Opened

TALK = """
import json, os, socket, sys
family = socket.AF_INET6 if sys.argv[2] == "6" else socket.AF_INET
sock = socket.socket(family)
sock.connect((sys.argv[1], int(sys.argv[3])))
sock.sendall(b"x" * 1009)
got = len(sock.recv(4096, socket.MSG_WAITALL)) if sys.argv[4] == "read" else 0
print(json.dumps({"port": sock.getsockname()[1], "pid": os.getpid()}))
sock.close()
"""


def far(address, family=socket.AF_INET, *, dual=False):
    """A listener in this process, which nobody watches."""
    if dual:
        return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server((address, 0), family=family)


def talk(cage, python, host, family, listener):
    child = cage.spawn([python, "-c", TALK, host, family, str(listener.getsockname()[1]), "no"])
    conn, _ = listener.accept()
    with conn:
        while conn.recv(65536):
            pass
    return json.loads(child.communicate(timeout=20)[0])


def test_a_connection_opens_and_closes_with_the_kernels_measures(plane, cage, python):
    seen = plane()
    with far("127.0.0.1") as listener:
        port = listener.getsockname()[1]
        told = talk(cage, python, "127.0.0.1", "4", listener)

    assert seen.until(lambda: seen.of(Closed) and seen.of(Exited))
    (opened,) = seen.of(Opened)
    assert (opened.local, opened.peer) == (("127.0.0.1", told["port"]), ("127.0.0.1", port))
    assert (opened.role, opened.failed, opened.key.pid) == ("client", False, told["pid"])
    assert 0 < opened.connect_ns < 10**9
    (health,) = seen.of(Health)
    assert (health.conn, health.bytes_sent, health.retransmits) == (opened.conn, 1009, 0)
    assert health.duration_ns > opened.connect_ns
    assert health.rtt_us > 0
    assert [c.conn for c in seen.of(Closed)] == [opened.conn]


def test_ipv6_is_told_as_ipv6_and_mapped_ipv4_as_ipv4(plane, cage, python):
    seen = plane()
    with far("::1", socket.AF_INET6) as listener:
        talk(cage, python, "::1", "6", listener)
    with far("", dual=True) as listener:
        talk(cage, python, "::ffff:127.0.0.1", "6", listener)

    assert seen.until(lambda: len(seen.of(Closed)) == 2)
    assert [o.peer.host for o in seen.of(Opened)] == ["::1", "127.0.0.1"]


def test_a_refused_connection_is_told_as_failed(plane, cage, python):
    seen = plane()
    with far("127.0.0.1") as listener:
        port = listener.getsockname()[1]

    cage.spawn([python, "-c", TALK, "127.0.0.1", "4", str(port), "no"], stderr=-3).communicate(timeout=20)

    assert seen.until(lambda: seen.of(Exited))
    (opened,) = seen.of(Opened)
    assert (opened.failed, opened.peer.port, opened.connect_ns) == (True, port, None)
    assert seen.of(Closed) == []


FORKING = """
import os, socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
child = os.fork()
if child == 0:
    conn, _ = listener.accept()
    while data := conn.recv(1000):
        pass
    os._exit(0)
os.waitpid(child, 0)
print(child)
"""


def test_an_accepted_connection_belongs_to_the_process_that_uses_it(plane, cage, python):
    seen = plane()
    child = cage.spawn([python, "-c", FORKING])
    port = int(child.stdout.readline())

    with socket.create_connection(("127.0.0.1", port)) as mine:
        mine.sendall(b"x" * 523)
        local = mine.getsockname()[1]
    forked = int(child.communicate(timeout=20)[0])

    assert seen.until(lambda: seen.of(Closed))
    (opened,) = seen.of(Opened)
    assert (opened.role, opened.key.pid) == ("server", forked)
    assert (opened.local.port, opened.peer) == (port, ("127.0.0.1", local))
    assert seen.of(Health)[0].bytes_received == 523


def test_sockets_of_others_are_not_told(plane, cage, python):
    seen = plane()
    with far("127.0.0.1") as listener, socket.create_connection(listener.getsockname()) as mine:
        mine.sendall(b"x")
        conn, _ = listener.accept()
        conn.close()
        talk(cage, python, "127.0.0.1", "4", listener)

    assert seen.until(lambda: seen.of(Exited))
    assert len(seen.of(Opened)) == 1
