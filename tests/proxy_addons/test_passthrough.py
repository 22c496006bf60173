import asyncio
from types import SimpleNamespace

import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from mitmproxy import connection, flow, http

from proxy_addons.passthrough import BRIEF_S, DISTRUST_S, SUSPECT_S, Passthrough

EXE = "/usr/bin/agent"
TARGET = "api.test:443"


class Verdict:
    """A preflight that has decided."""

    def __init__(self, verified=True):
        self.asked, self._verified = [], verified

    async def verified(self, *target):
        self.asked.append(target)
        return self._verified


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def stage(verified=True):
    learned, clock, preflight = [], Clock(), Verdict(verified)
    addon = Passthrough(preflight, lambda _: EXE, lambda *rule: learned.append(rule[:3]), clock)
    return addon, learned, clock, preflight


def a_client():
    return connection.Client(peername=("127.0.0.1", 5), sockname=("127.0.0.1", 7718), timestamp_start=0)


def tls_of(client, error=None):
    server = connection.Server(address=("api.test", 443))
    client.error = error
    return SimpleNamespace(conn=client, context=SimpleNamespace(client=client, server=server))


def hello(alpn=(), sni="api.test"):
    server = connection.Server(address=("api.test", 443))
    return SimpleNamespace(
        context=SimpleNamespace(server=server),
        client_hello=SimpleNamespace(sni=sni, alpn_protocols=list(alpn)),
        ignore_connection=False,
    )


def asked_by(client, scheme="https"):
    server = connection.Server(address=("api.test", 443))
    found = http.HTTPFlow(client, server)
    found.request = http.Request.make(
        "GET", f"{scheme}://api.test/", b"", {"Proxy-Authorization": "Basic eA==", "Accept": "*/*"}
    )
    return found


def test_a_server_that_verifies_is_decrypted():
    addon, learned, _, preflight = stage()
    data = hello()
    asyncio.run(addon.tls_clienthello(data))

    assert not data.ignore_connection
    assert preflight.asked == [("api.test", 443, "api.test")]
    assert learned == []


def test_without_a_server_name_the_targets_own_is_verified():
    addon, _, _, preflight = stage()
    asyncio.run(addon.tls_clienthello(hello(sni=None)))

    assert preflight.asked == [("api.test", 443, "api.test")]


def test_a_server_that_does_not_is_passed_for_everybody():
    addon, learned, *_ = stage(verified=False)
    data = hello()
    asyncio.run(addon.tls_clienthello(data))

    assert data.ignore_connection
    assert learned == [("", TARGET, SUSPECT_S)]


@pytest.mark.parametrize(
    ("offered", "upstream"),
    [([b"h2", b"http/1.1"], [b"http/1.1"]), ([b"h2"], ()), ([b"grpc-exp", b"h2"], ()), ([], ())],
)
def test_http1_is_preferred_where_it_is_offered(offered, upstream):
    addon, *_ = stage()
    data = hello(offered)
    asyncio.run(addon.tls_clienthello(data))

    assert data.context.server.alpn_offers == upstream


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (
            "The client does not trust the proxy's certificate for api.test (tlsv1 alert unknown ca)",
            DISTRUST_S,
        ),
        ("Client TLS handshake failed. The client disconnected during the handshake.", SUSPECT_S),
    ],
)
def test_a_client_that_refuses_our_certificate_is_passed_to_that_target(error, seconds):
    addon, learned, *_ = stage()
    addon.tls_failed_client(tls_of(a_client(), error))

    assert learned == [(EXE, TARGET, seconds)]


def test_a_client_that_nobody_knows_teaches_nothing():
    addon, learned, *_ = stage()
    addon._executable_of = lambda _: ""
    addon.tls_failed_client(tls_of(a_client(), "unknown ca"))

    assert learned == []


def closes(addon, clock, after=0.1, asks=False):
    client = a_client()
    addon.tls_established_client(tls_of(client))
    if asks:
        addon.requestheaders(asked_by(client))
    clock.now += after
    addon.client_disconnected(client)


def test_two_that_close_at_once_without_a_request_are_passed():
    addon, learned, clock, _ = stage()
    closes(addon, clock)
    assert learned == []
    closes(addon, clock)

    assert learned == [(EXE, TARGET, SUSPECT_S)]


def test_one_that_asked_or_stayed_is_no_hit():
    addon, learned, clock, _ = stage()
    for _ in range(4):
        closes(addon, clock, asks=True)
        closes(addon, clock, after=BRIEF_S + 1)

    assert learned == []


def test_a_request_clears_an_earlier_hit():
    addon, learned, clock, _ = stage()
    closes(addon, clock)
    closes(addon, clock, asks=True)
    closes(addon, clock)

    assert learned == []


def test_a_server_that_wants_a_client_certificate_is_passed_for_everybody():
    addon, learned, *_ = stage()
    found = asked_by(a_client())
    found.error = flow.Error("TLSV1_3 alert certificate required")
    addon.error(found)

    assert learned == [("", TARGET, DISTRUST_S)]


def test_credentials_for_the_proxy_go_no_further():
    addon, *_ = stage()
    found = asked_by(a_client(), "http")
    addon.requestheaders(found)

    assert [k for k, _ in found.request.headers.fields] == [b"Accept", b"content-length"]


def test_of_raw_tcp_only_the_last_message_is_kept():
    addon, *_ = stage()
    found = SimpleNamespace(messages=[1, 2, 3])
    addon.tcp_message(found)

    assert found.messages == [3]
