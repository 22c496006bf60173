import contextlib
import http.client
import re
import socket
import threading
import time

import pytest

from hexr_autoinst.web import server as module
from hexr_autoinst.web.server import File, Routes, Server


def answer(asked):
    if asked.get("bad"):
        raise ValueError
    if asked.get("broken"):
        raise RuntimeError("secret detail")
    return None if asked.get("none") else dict(asked)


@pytest.fixture
def served():
    routes = Routes({"/": File("text/html", b"<p>page")}, ((re.compile("/api/(?P<what>[a-z]+)"), answer),))
    server = Server(("127.0.0.1", 0), routes)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def raw(server, data, wait=5):
    """Bytes out, everything that comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as sock:
        sock.sendall(data)
        found = b""
        while chunk := sock.recv(65_536):
            found += chunk
    return found


def get(server, path, host=None, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.putrequest(method, path, skip_host=True)
        if host != "":
            connection.putheader("Host", host or f"127.0.0.1:{server.port}")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/api/x", "/nothing", "/api/x?bad=1"])
def test_every_answer_has_every_header_of_safety(served, path):
    _, headers, _ = get(served, path)

    policy = headers["Content-Security-Policy"]
    assert policy.startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    )
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Python" not in headers["Server"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "evil.example:{port}",
        "127.0.0.1:{port}.evil.example",
        "[::1]",
        "",
    ],
)
def test_another_host_is_turned_away(served, host):
    status, _, body = get(served, "/api/x", host=host.format(port=served.port))

    assert status == 421
    assert b"evil" not in body


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
def test_our_own_names_are_answered(served, host):
    assert get(served, "/api/x", host=host.format(port=served.port))[0] == 200


def test_two_hosts_are_none(served):
    head = f"GET /api/x HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nHost: evil.example\r\n\r\n"

    assert b" 421 " in raw(served, head.encode())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND"])
def test_only_get(served, method):
    assert get(served, "/", method=method)[0] == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "no-cors"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors"}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
    ],
)
def test_other_sites_are_not_answered(served, headers, status):
    filled = {k: v.format(port=served.port) for k, v in headers.items()}

    assert get(served, "/api/x", **filled)[0] == status


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/static/../page.py",
        "/static/%2e%2e/page.py",
        "//etc/passwd",
        "/api/X",
        "/api/x/",
        "/api/x%00",
        "/..;/",
        "*",
        "http://evil.example/",
    ],
)
def test_paths_that_lead_elsewhere_lead_nowhere(served, path):
    status, _, body = get(served, path)

    assert status in (200, 404)
    assert b"root:" not in body
    assert body in (b"404 there is no such thing here\n", b"<p>page")


def test_what_fails_is_said_without_detail(served):
    assert get(served, "/api/x?bad=1")[0] == 400
    status, _, body = get(served, "/api/x?broken=1")

    assert (status, b"secret" in body, served.failed) == (500, False, 1)
    assert get(served, "/api/x?" + "&".join(f"a{n}=1" for n in range(50)))[0] == 400
    assert get(served, "/api/x?none=1")[0] == 404


def test_a_path_cannot_be_replaced_by_a_parameter(served):
    assert get(served, "/api/x?what=other")[2] == b'{"what":"x"}'


@pytest.mark.parametrize(
    "data",
    [
        b"\0\xff" * 400 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 500 + b"\r\n",
        b"\r\n\r\n",
    ],
)
def test_garbage_is_answered_or_dropped_and_the_next_is_served(served, data):
    try:
        found = raw(served, data)
    except ConnectionResetError:
        found = b""

    assert b"200 OK" not in found
    assert get(served, "/")[0] == 200


def test_few_threads_and_no_long_ones(served, monkeypatch):
    """Clients that never finish their head hold a thread for a while; the others are turned away, then served again."""
    monkeypatch.setattr(module, "DEADLINE_S", 0.6)
    before = threading.active_count()  # other tests' exporters may still be ending theirs
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(module.THREADS + 6)]
    for sock in slow:
        sock.sendall(b"GET / HTTP/1.1\r\n")
    time.sleep(0.3)
    assert threading.active_count() - before <= module.THREADS
    assert served.turned_away == 6

    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        for sock in slow:
            with contextlib.suppress(OSError):
                sock.sendall(b"x")  # one byte now and then: no read times out
        try:
            if get(served, "/")[0] == 200:
                break
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    else:
        pytest.fail("still held")
    for sock in slow:
        sock.close()
