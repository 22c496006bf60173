"""The page's HTTP: GET on loopback, to our own origin only, few threads, short lives. What is answered comes from `Routes`.

A page on loopback is within reach of every web site that the user visits. Against DNS rebinding
the Host header must be ours; against reading across origins there is no CORS header and
Cross-Origin-Resource-Policy; against injected markup a policy without inline script (CSP level 3).
"""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

THREADS: Final = 24
DEADLINE_S: Final = 10.0
HEADERS: Final = (
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        ),
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)


class File(NamedTuple):
    """One file of the page, whole in memory: no path of a request ever reaches the file system."""

    type: str
    body: bytes


# Named groups of the path and the address's parameters in; a JSON value, None for 404, ValueError for 400.
Answer = Callable[[Mapping[str, str]], Any]


class Routes(NamedTuple):
    """All there is."""

    files: Mapping[str, File]
    answers: tuple[tuple[re.Pattern[str], Answer], ...]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: "Server"
    timeout = 5
    server_version = "hexr-autoinst"
    sys_version = ""

    def parse_request(self) -> bool:
        """After the head: GET, to us, from our own page or from nobody's."""
        if not super().parse_request():
            return False
        refusal = _refusal(self.command, self.headers, self.server.hosts)
        if refusal:
            self.send_error(*refusal)
        return not refusal

    def do_GET(self) -> None:
        """A file of the page, or an answer."""
        address = urlsplit(self.path)
        file = self.server.routes.files.get(address.path)
        if file:
            self._send(200, file.type, file.body, "no-cache")
            return
        for pattern, answer in self.server.routes.answers:
            if match := pattern.fullmatch(address.path):
                self._answer(answer, match.groupdict(), address.query)
                return
        self.send_error(404, "there is no such thing here")

    def _answer(self, answer: Answer, named: Mapping[str, str], query: str) -> None:
        try:
            value = answer({**dict(parse_qsl(query, max_num_fields=20)), **named})
        except ValueError:
            self.send_error(400, "a parameter cannot be read")
            return
        except Exception:  # noqa: BLE001 - law 9: one request fails, counted, the page goes on
            self.server.failed += 1
            self.send_error(500, "the store could not answer")
            return
        if value is None:
            self.send_error(404, "there is no such thing here")
            return
        self._send(200, "application/json", json.dumps(value, separators=(",", ":")).encode(), "no-store")

    def _send(self, code: int, kind: str, body: bytes, cache: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", cache)
        for name, value in HEADERS:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - the base class's
        """Plain text, with every header; nothing of the request comes back."""
        self.close_connection = True
        text = message if isinstance(message, str) and code in (400, 403, 404, 405, 421, 500) else "no"
        self.request_version = self.request_version or "HTTP/1.0"
        self._send(code, "text/plain; charset=utf-8", f"{int(code)} {text}\n".encode(), "no-store")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: what people look at is their own business."""


class Server(ThreadingHTTPServer):
    """At most THREADS requests at a time, none longer than DEADLINE_S. Others are turned away, and counted."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], routes: Routes) -> None:
        """Bind; OSError when the port is taken."""
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.turned_away = 0
        self.failed = 0
        self._slots = threading.BoundedSemaphore(THREADS)
        self._open: dict[socket.socket, float] = {}
        self.routes = routes
        super().__init__(address, Handler)
        self.port = int(self.server_address[1])
        self.hosts = frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def process_request(self, request: Any, client_address: Any) -> None:
        """Only while a thread is free."""
        if not self._slots.acquire(blocking=False):
            self.turned_away += 1
            self.shutdown_request(request)
            return
        self._open[request] = time.monotonic() + DEADLINE_S
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Give the thread back, whatever happens."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(request, None)
            self._slots.release()

    def service_actions(self) -> None:
        """Twice a second: end what takes too long (a client that sends one byte a second)."""
        now = time.monotonic()
        for request in [r for r, due in list(self._open.items()) if due < now]:
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the interface's
        """A client that went away is no news; anything else is counted."""
        self.failed += 1


def _refusal(method: str, headers: Any, hosts: frozenset[str]) -> tuple[int, str] | None:
    """Why this request is not answered, if so."""
    if method != "GET":
        return 405, "only GET"
    asked = headers.get_all("Host") or []
    if len(asked) != 1 or asked[0].strip().lower() not in hosts:
        return 421, "this page answers to 127.0.0.1 and localhost only"
    origin = headers.get("Origin")
    if origin is not None and origin.partition("//")[2] not in hosts:
        return 403, "not for other origins"
    if (
        headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        and headers.get("Sec-Fetch-Mode") != "navigate"
    ):
        return 403, "not for other sites"
    return None
