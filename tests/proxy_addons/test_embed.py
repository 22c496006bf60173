import asyncio
import json
import subprocess
import sys

import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from mitmproxy import http

from proxy_addons import embed

SCRIPT = """
import asyncio, json, sys
from collections import Counter
from pathlib import Path
sys.path[:0] = {path!r}
from mitmproxy.proxy import server
from proxy_addons import embed
class Ours:
    pass
async def main():
    master = embed.build(asyncio.get_running_loop(), Path({confdir!r}), "", Ours())
    task = asyncio.create_task(master.run())
    await asyncio.sleep(0.2)
    options = master.options
    print(json.dumps({{
        "addons": [type(a).__name__ for a in master.addons.chain],
        "idle": options.tcp_timeout if "tcp_timeout" in options else server.TCP_TIMEOUT,
        "listens": [list(a) for a in master.addons.get("proxyserver").listen_addrs()],
        "insecure": options.ssl_insecure, "http3": options.http3, "strategy": options.connection_strategy,
        "door": type(embed.door(master, Counter())).__name__, "open": embed.connections(master),
    }}))
    master.shutdown()
    await task
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """In a process of its own: a Master is global, and connecting is patched."""
    confdir = tmp_path_factory.mktemp("ca")
    code = SCRIPT.format(path=sys.path, confdir=str(confdir))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return confdir, json.loads(done.stdout)


def test_there_are_five_addons_and_ours_comes_before_those_that_choose(built):
    assert built[1]["addons"] == ["Core", "Proxyserver", "Ours", "NextLayer", "TlsConfig"]


def test_it_listens_nowhere_and_verifies_upstream(built):
    said = built[1]

    assert (said["listens"], said["insecure"], said["http3"], said["open"]) == ([], False, False, 0)
    assert (said["strategy"], said["door"]) == ("eager", "RegularInstance")


def test_a_model_may_think_for_a_day(built):
    assert built[1]["idle"] == 24 * 3600


def test_the_authority_is_made_once_says_who_it_is_and_keeps_its_key(built):
    from cryptography import x509

    confdir, _ = built
    first = embed.authority(confdir).read_bytes()
    certificate = x509.load_pem_x509_certificate(first)

    assert embed.authority(confdir).read_bytes() == first
    assert "hexr-autoinst" in certificate.subject.rfc4514_string()
    assert b"PRIVATE" not in first
    assert confdir.stat().st_mode & 0o777 == 0o700
    assert (confdir / "mitmproxy-ca.pem").stat().st_mode & 0o077 == 0


def test_a_version_that_was_never_tried_is_not_run(monkeypatch, tmp_path):
    monkeypatch.setattr(embed.version, "VERSION", "99.0.0")

    async def main():
        embed.build(asyncio.get_running_loop(), tmp_path, "", object())

    with pytest.raises(embed.UntriedVersion, match=r"99\.0\.0"):
        asyncio.run(main())


def test_the_keystore_holds_every_certificate_that_can_be_read(built):
    from cryptography.hazmat.primitives.serialization import pkcs12

    pem = embed.authority(built[0]).read_bytes()
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    store = pkcs12.load_pkcs12(embed.keystore(pem + broken), embed.KEYSTORE_PASSWORD)

    assert len(store.additional_certs) == 1
    assert store.key is None


@pytest.mark.parametrize("name", ["x-odd", "X-ODD", b"X-odd", "missing", "set-cookie", "caf\udce9"])
def test_a_header_is_found_as_mitmproxy_finds_it(name):
    found = http.Headers(
        [(b"X-Odd", b"caf\xc3\xa9"), (b"Set-Cookie", b"a=1"), (b"set-cookie", b"\xff"), (b"caf\xe9", b"")]
    )

    assert embed.header_values(found, name) == found.get_all(name)
