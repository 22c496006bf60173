"""A mitmproxy of few parts inside our process: options, authority, the internals that are touched, each guarded by version.

Measured: its default addons cost as much as the whole of this; `Master` and `ServerInstance` are
not public, so the versions that were tried are named here and no other is run.
"""

import asyncio
import contextlib
import copy
import re
import socket
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from mitmproxy import addonmanager, certs, http, options, optmanager, version
from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
from mitmproxy.master import Master
from mitmproxy.proxy import mode_servers, server

from proxy_addons import added, quick

TRIED: Final = ("11.0.2", "12.2.3")
# A model may think for long without a byte: mitmproxy ends what is idle for 600 s.
IDLE_S: Final = 24 * 3600
_STORE: Final = "mitmproxy"
_CONSTANTS: Final = (str, int, type(None))
_KEY_BITS: Final = 2048
# Not a secret: the password that every Java trust store has.
KEYSTORE_PASSWORD: Final = b"changeit"
_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


class UntriedVersion(Exception):
    """This mitmproxy was never tried with us."""


def build(loop: asyncio.AbstractEventLoop, confdir: Path, roots: str, ours: object) -> Master:
    """A Master with five addons, listening nowhere. Ours comes before the two that choose layers and certificates."""
    if version.VERSION not in TRIED:
        raise UntriedVersion(version.VERSION)
    authority(confdir)
    master = Master(options.Options(), event_loop=loop, with_termlog=False)
    master.addons.add(
        core.Core(), proxyserver.Proxyserver(), ours, next_layer.NextLayer(), tlsconfig.TlsConfig()
    )
    master.options.update(
        confdir=str(confdir),
        server=False,
        mode=["regular"],
        connection_strategy="eager",
        http2=True,
        http3=False,
        # The backstop where a hook of ours has failed; else every body streams anyway.
        stream_large_bodies="1m",
        **({"ssl_verify_upstream_trusted_ca": roots} if roots else {}),
    )
    _be_patient(master)
    _be_quick(master)
    asyncio.open_connection = added.open_connection
    return master


def _be_patient(master: Master) -> None:
    if "tcp_timeout" in master.options:
        master.options.update(tcp_timeout=IDLE_S)
    else:
        server.TCP_TIMEOUT = IDLE_S


def _be_quick(master: Master) -> None:
    """Costs that buy us nothing: an `update` event that no addon of ours hears, copies of constants, and four calls for each header passed over."""
    master.addons.handle_lifecycle = master.addons.trigger_event
    optmanager._Option.current = _current  # noqa: SLF001 - see TRIED
    http.Headers.get_all = header_values


def _current(option: Any) -> Any:
    value = option.default if option.value is optmanager.unset else option.value
    return value if isinstance(value, _CONSTANTS) else copy.deepcopy(value)


def header_values(headers: http.Headers, name: str | bytes) -> list[str]:
    """All values of a name in any case, as mitmproxy's own method gives them."""
    wanted = (name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name).lower()
    return [
        value.decode("utf-8", "surrogateescape") for key, value in headers.fields if key.lower() == wanted
    ]


def door(master: Master, counts: Counter[str]) -> Any:
    """What takes a stream: the mode of an explicit proxy. `counts` gets what hooks raise."""
    made: Any = mode_servers.ServerInstance.make("regular", master.addons.get("proxyserver"))
    hooks, outermost = quick.Hooks(addonmanager.traverse(master.addons.chain), counts), made.make_top_layer
    made.make_top_layer = lambda context: quick.Top(outermost(context), hooks)
    return made


def connections(master: Master) -> int:
    """How many client connections are open."""
    return len(master.addons.get("proxyserver").connections)


def authority(confdir: Path) -> Path:
    """Our certificate authority, made once, under a name that says what it is. The key stays in a folder of mode 0700."""
    confdir.mkdir(parents=True, exist_ok=True, mode=0o700)
    confdir.chmod(0o700)
    if not (confdir / f"{_STORE}-ca.pem").exists():
        certs.CertStore.create_store(
            confdir,
            _STORE,
            _KEY_BITS,
            organization="hexr-autoinst",
            cn=f"hexr-autoinst proxy on {socket.gethostname()}"[:64],
        )
    return confdir / f"{_STORE}-ca-cert.pem"


def keystore(bundle: bytes) -> bytes:
    """The same certificates as a PKCS #12 trust store for Java; one that cannot be parsed is left out."""
    entries = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old roots with odd serial numbers are the system's business
        for number, pem in enumerate(_CERTIFICATE.findall(bundle)):
            with contextlib.suppress(ValueError):
                certificate = x509.load_pem_x509_certificate(pem)
                entries.append(pkcs12.PKCS12Certificate(certificate, f"{number}".encode()))
    made: bytes = pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(KEYSTORE_PASSWORD))
    return made
