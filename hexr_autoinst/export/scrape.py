"""The HTTP side of the Prometheus endpoint: GET /metrics on loopback, nothing else."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from hexr_autoinst.errors import AddressInUse
from hexr_autoinst.export.prometheus import OPENMETRICS, TEXT

PORTS_TO_TRY: Final = 10


class ScrapeServer:
    """Serves what `page(openmetrics)` returns; `port` is the one that was free."""

    def __init__(self, port: int, page: Callable[[bool], str], *, fixed: bool) -> None:
        """Bind 127.0.0.1:`port`; unless `fixed` (configured by the operator) the next free one."""
        self._server = _bind(port, _handler(page), fixed=fixed)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="scrape", daemon=True)
        self._thread.start()

    def shutdown(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _bind(port: int, handler: type[BaseHTTPRequestHandler], *, fixed: bool) -> ThreadingHTTPServer:
    for candidate in [port] if fixed or not port else range(port, port + PORTS_TO_TRY):
        try:
            server = ThreadingHTTPServer(("127.0.0.1", candidate), handler)
        except OSError:
            continue
        server.daemon_threads = True
        return server
    raise AddressInUse(what="the metrics endpoint", address=f"127.0.0.1:{port}", key="metrics_port")


def _handler(page: Callable[[bool], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # a scraper that says nothing holds no thread

        def do_GET(self) -> None:
            """Answer a scrape."""
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404, "the metrics are at /metrics")
                return
            openmetrics = "application/openmetrics-text" in self.headers.get("Accept", "")
            body = page(openmetrics).encode()
            self.send_response(200)
            self.send_header("Content-Type", OPENMETRICS if openmetrics else TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """A scrape every few seconds is no news."""

    return Handler
