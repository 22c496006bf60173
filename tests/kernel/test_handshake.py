"""What was agreed on in a handshake, by what real clients ask their library about it; what nobody asks stays absent."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from hexr_autoinst.model.facts import Exited, Handshake

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

# What urllib3 1 and httpcore ask; the server's own choice is printed by the library, for comparison.
SYNC = """
import socket, ssl, sys
context = ssl._create_unverified_context()
context.set_alpn_protocols(["h2", "http/1.1"])
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost") as tls:
    print(tls.version(), tls.selected_alpn_protocol())
    tls.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
    tls.recv(100)
"""
ASYNCIO = """
import asyncio, ssl, sys
async def main():
    context = ssl._create_unverified_context()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]), ssl=context, server_hostname="localhost")
    writer.write(b"GET / HTTP/1.1\\r\\n\\r\\n")
    await reader.read(100)
    writer.close()
asyncio.run(main())
"""
HTTPX = """
import httpx2, sys
httpx2.get(f"https://localhost:{sys.argv[1]}/", verify=False)
"""


def answer(head, body):
    return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def handshake(seen):
    """The one handshake of the process that has ended."""
    assert seen.until(lambda: seen.of(Exited), seconds=20)
    (found,) = seen.of(Handshake)
    assert found.duration_ns > 0
    return found


@pytest.fixture
def far(serve):
    """A server of this version and choice of protocol."""

    def start(version, protocols):
        server = serve(answer, version=version)
        if protocols:
            server.context.set_alpn_protocols(protocols)
        return server.port

    return start


@pytest.mark.parametrize(("version", "said"), [(TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")])
@pytest.mark.parametrize("protocols", [["h2"], ["http/1.1"], []])
def test_a_synchronous_python_client(plane, cage, private_ssl, far, python, version, said, protocols):
    seen = plane()
    seen.attach(private_ssl.path)
    port = far(version, protocols)

    child = cage.spawn([python, "-c", SYNC, str(port)], env=private_ssl.env)
    printed = child.communicate(timeout=30)[0].split()

    found = handshake(seen)
    assert printed == [said, (protocols or ["None"])[0]]
    assert (found.version, found.alpn, found.mutual) == (said, (protocols or [""])[0], None)


@pytest.mark.parametrize(("version", "said"), [(TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")])
def test_asyncio_asks_its_cipher_and_never_about_the_protocol(
    plane, cage, private_ssl, far, python, version, said
):
    seen = plane()
    seen.attach(private_ssl.path)
    port = far(version, ["http/1.1"])

    cage.spawn([python, "-c", ASYNCIO, str(port)], env=private_ssl.env).communicate(timeout=30)

    found = handshake(seen)
    assert (found.version, found.alpn) == (said, None)


def test_the_http_client_of_the_sdks_asks_about_the_protocol_alone(plane, cage, private_ssl, far, python):
    pytest.importorskip("httpx2")
    seen = plane()
    seen.attach(private_ssl.path)
    port = far(TLS13, ["http/1.1"])

    cage.spawn([python, "-c", HTTPX, str(port)], env=private_ssl.env).communicate(timeout=30)

    found = handshake(seen)
    assert (found.version, found.alpn) == (None, "http/1.1")


@pytest.mark.parametrize(("version", "said"), [(TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")])
@pytest.mark.parametrize("protocols", [["h2"], ["http/1.1"], []])
def test_curl(plane, cage, private_ssl, far, version, said, protocols):
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    seen = plane()
    seen.attach(private_ssl.path)
    url = f"https://localhost:{far(version, protocols)}/"

    # -v: since 8.14 at the latest it asks only for what it then shows
    argv = ["curl", "-svk", "--http2", "--max-time", "5", url]
    cage.spawn(argv, env=private_ssl.env, stderr=subprocess.DEVNULL).communicate(timeout=30)

    found = handshake(seen)
    assert (found.version, found.alpn) == (said, (protocols or [""])[0])


NODE = """
const tls = require("tls");
const socket = tls.connect({ port: process.argv[2], host: "localhost", servername: "localhost",
  rejectUnauthorized: false, ALPNProtocols: ["h2", "http/1.1"] });
socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\\r\\n\\r\\n"));
socket.on("data", () => socket.destroy());
"""


def nodes():
    found = [shutil.which("node"), os.environ.get("HEXR_TEST_NODE")]
    return [Path(one).resolve() for one in found if one]


@pytest.mark.parametrize("binary", nodes(), ids=lambda one: one.parent.parent.name or "system")
@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("protocols", [["h2"], ["http/1.1"], []])
def test_node_ends_its_handshake_inside_a_read(plane, cage, far, tmp_path, binary, version, protocols):
    copy = tmp_path / "node"
    shutil.copy(binary, copy)
    (tmp_path / "client.js").write_text(NODE)
    seen = plane()
    seen.attach(copy)
    port = far(version, protocols)

    cage.spawn([copy, tmp_path / "client.js", str(port)]).communicate(timeout=40)

    assert handshake(seen).alpn == (protocols or [""])[0]


SERVER = """
import asyncio, ssl, sys
async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    await writer.drain()
    writer.close()
    done.set()
async def main():
    global done
    done = asyncio.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    context.load_verify_locations(sys.argv[1])
    context.verify_mode = ssl.CERT_OPTIONAL
    context.maximum_version = ssl.TLSVersion[sys.argv[2]]
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()
asyncio.run(main())
"""


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("shown", [True, False])
def test_a_server_knows_whether_its_client_has_shown_a_certificate(
    plane, cage, private_ssl, certificate, python, version, shown
):
    seen = plane()
    seen.attach(private_ssl.path)
    child = cage.spawn([python, "-c", SERVER, str(certificate), version.name], env=private_ssl.env)
    port = int(child.stdout.readline())

    context = ssl._create_unverified_context()
    if shown:
        context.load_cert_chain(certificate)
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10)) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\n\r\n")
        tls.recv(100)
        child.communicate(timeout=20)

    found = handshake(seen)
    assert (found.role, found.mutual) == ("server", shown)
    assert found.version == version.name.replace("_", ".")


IDLE = """
import socket, ssl, sys, time
context = ssl._create_unverified_context()
tls = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
print(time.clock_gettime_ns(time.CLOCK_BOOTTIME), flush=True)
sys.stdin.readline()
tls.close()
del tls
"""


def test_a_handshake_that_nothing_follows_is_told_at_its_end_with_its_own_time(
    plane, cage, private_ssl, far, python
):
    seen = plane()
    seen.attach(private_ssl.path)
    child = cage.spawn([python, "-c", IDLE, str(far(TLS13, []))], env=private_ssl.env, stdin=subprocess.PIPE)
    done = int(child.stdout.readline())
    time.sleep(0.3)
    assert seen.of(Handshake) == []
    child.communicate("\n", timeout=20)

    found = handshake(seen)
    offset = seen.decoder._offset
    assert found.at < done + offset
