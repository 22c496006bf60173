"""An addon that keeps the proxy out of the way: who will not have us is passed through, HTTP/1.1 is preferred.

What it learns goes to the front, which splices the next connection without asking us.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from mitmproxy import connection, http, tcp, tls

from proxy_addons.preflight import Preflight

DISTRUST_S: Final = 3600.0  # it said that it does not know our authority
SUSPECT_S: Final = 300.0  # it went away in or right after the handshake: perhaps for reasons of its own
BRIEF_S: Final = 2.0
HITS: Final = 2
_HITS_KEPT: Final = 1024
# mitmproxy's words in connection.error when the client's alert names its reason.
_DISTRUST: Final = ("does not trust", "unknown ca", "bad certificate", "certificate unknown")
_WANTS_CERTIFICATE: Final = ("certificate required", "alert handshake failure")


@dataclass(slots=True)
class _Client:
    """One client connection: since when its TLS stands, and whether it ever asked for anything."""

    established: float = 0.0
    target: str = ""
    requests: int = 0


class Passthrough:
    """`learned(executable, host:port, seconds, why)` is called for each new rule; "" is every executable."""

    def __init__(
        self,
        preflight: Preflight,
        executable_of: Callable[[str], str],
        learned: Callable[[str, str, float, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`executable_of` names the program behind a client connection's id."""
        self.counts: Counter[str] = Counter()
        self._preflight = preflight
        self._executable_of = executable_of
        self._learned = learned
        self._clock = clock
        self._clients: dict[str, _Client] = {}
        self._hits: Counter[tuple[str, str]] = Counter()

    async def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Before we answer a client's TLS: pass it through if its server fails for us; else prefer HTTP/1.1.

        HTTP/1.1 because mitmproxy's HTTP/2 knows no back-pressure and costs twice as much.
        """
        address = data.context.server.address
        name = data.client_hello.sni or (address[0] if address else "")
        if address and not await self._preflight.verified(address[0], address[1], name):
            data.ignore_connection = True
            self.counts["passed_unverified"] += 1
            self._learned(
                "", f"{address[0]}:{address[1]}", SUSPECT_S, "its certificate or TLS fails for the proxy"
            )
            return
        if b"http/1.1" in data.client_hello.alpn_protocols:
            data.context.server.alpn_offers = [b"http/1.1"]

    def tls_failed_client(self, data: tls.TlsData) -> None:
        """A client would not have our certificate, or went away before the end of the handshake."""
        target = _target(data.context.server)
        said = (data.conn.error or "").lower()
        if any(word in said for word in _DISTRUST):
            self.counts["clients_distrust"] += 1
            self._learn(
                data.context.client.id, target, DISTRUST_S, "the client does not trust the proxy's authority"
            )
        else:
            self.counts["clients_left_handshake"] += 1
            self._learn(data.context.client.id, target, SUSPECT_S, "the client left during the TLS handshake")

    def tls_established_client(self, data: tls.TlsData) -> None:
        """From here a client that trusts us asks for something."""
        client = _Client(self._clock(), _target(data.context.server))
        self._clients[data.context.client.id] = client

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """It asked: it trusts us."""
        if client := self._clients.get(flow.client_conn.id):
            client.requests += 1
            self._hits.pop((self._executable_of(flow.client_conn.id), client.target), None)
        if flow.request.scheme == "http":
            # For us alone, and no business of the origin (RFC 9110 §11.7.2).
            for name in ("proxy-authorization", "proxy-connection"):
                flow.request.headers.pop(name, None)

    def error(self, flow: http.HTTPFlow) -> None:
        """A server that wants the client's own certificate cannot be spoken to for it."""
        said = (flow.error.msg if flow.error else "").lower()
        if any(word in said for word in _WANTS_CERTIFICATE):
            self.counts["servers_want_certificate"] += 1
            self._learned(
                "",
                f"{flow.request.host}:{flow.request.port}",
                DISTRUST_S,
                "the server asks for a client certificate",
            )

    def client_disconnected(self, client: connection.Client) -> None:
        """GnuTLS clients end the handshake before they judge the certificate: closed at once, nothing asked, twice."""
        known = self._clients.pop(client.id, None)
        if known is None or known.requests or self._clock() - known.established > BRIEF_S:
            return
        pair = (self._executable_of(client.id), known.target)
        self._hits[pair] += 1
        if self._hits[pair] >= HITS:
            del self._hits[pair]
            self.counts["clients_left_unasked"] += 1
            self._learn(client.id, known.target, SUSPECT_S, "the client closed twice without a request")
        if len(self._hits) > _HITS_KEPT:
            self._hits.clear()

    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """Not HTTP. mitmproxy keeps every message of a flow: forget all but the last."""
        self.counts["tcp_messages"] += 1
        del flow.messages[:-1]

    def _learn(self, client_id: str, target: str, seconds: float, why: str) -> None:
        executable = self._executable_of(client_id)
        if executable and target:
            self._learned(executable, target, seconds, why)


def _target(server: Any) -> str:
    """The target as the front knows it: that of the CONNECT, not the TLS server name."""
    return f"{server.address[0]}:{server.address[1]}" if server.address else ""
