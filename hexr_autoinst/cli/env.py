"""Prints the variables that lead a program through the proxy and let it trust it.

  eval "$(hexr-autoinst env)"                     this shell, from here on
  hexr-autoinst env --shell fish | source
  hexr-autoinst env --shell json

`hexr-autoinst run -- CMD` sets them for one program. Needs no root. Your own NO_PROXY and
authorities are kept; a NO_PROXY that is set and empty means: no exceptions at all.
"""

import argparse
import contextlib
import json
import os
import shlex
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hexr_autoinst.config import Config
from hexr_autoinst.errors import NotRunning
from hexr_autoinst.trust import Trust, merged, paths, stale, system_roots

NAME = "env"
HELP = "print the variables that lead a program through the proxy"

# Each replaces the roots of some clients; measured one by one: no single one is read by all.
BUNDLES: Final = (
    "SSL_CERT_FILE",  # OpenSSL, Python's ssl, httpx and the SDKs on it, Go, Rust's native roots
    "REQUESTS_CA_BUNDLE",  # requests
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",  # boto3, the AWS command
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "GIT_SSL_CAINFO",
    "npm_config_cafile",
)
# Added to the roots of their clients: our certificate is enough.
ADDITIONS: Final = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
# Only where you have set them: they then win over those above.
ALSO: Final = (
    "PIP_CERT", "NIX_SSL_CERT_FILE", "HTTPLIB2_CA_CERTS", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "CARGO_HTTP_CAINFO",
)  # fmt: skip
NOT_PROXIED: Final = (
    "localhost", "127.0.0.1", "::1", ".local", "169.254.169.254", "metadata.google.internal",
)  # fmt: skip
_NO_JAVA: Final = "localhost|127.*|[::1]|*.local|169.254.169.254|metadata.google.internal"
_PRESENCE: Final = b"hexr-autoinst"
_WAIT_S: Final = 2.0
_FIRST_START_S: Final = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For which shell."""
    own = "fish" if os.environ.get("SHELL", "").endswith("/fish") else "bash"
    parser.add_argument(
        "--shell", choices=("bash", "fish", "json"), default=own, help="bash also suits sh and zsh"
    )


def run(args: argparse.Namespace) -> int:
    """Print them; NotRunning when there is no proxy to lead to."""
    from hexr_autoinst.config import load

    config = load()
    print(render(variables(config, find(config), os.environ), args.shell))
    return 0


def find(config: Config) -> str:
    """host:port of the proxy that runs now; NotRunning if none answers as ours."""
    try:
        words = json.loads(paths(config.state_dir).door.read_text(encoding="utf-8"))
        host, port = str(words["host"]), int(words["port"])
        with socket.create_connection((host, port), _WAIT_S) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: hexr-autoinst\r\n\r\n")
            if _PRESENCE not in line.recv(4096):
                raise NotRunning
    except (OSError, ValueError, KeyError, TypeError):
        raise NotRunning from None
    _wait_for(paths(config.state_dir).bundle)
    return f"{host}:{port}"


def _wait_for(bundle: Path) -> None:
    """Before its very first worker has made our authority, a proxy that runs has no bundle yet."""
    deadline = time.monotonic() + _FIRST_START_S
    while not bundle.is_file():
        if time.monotonic() > deadline:
            raise NotRunning
        time.sleep(0.05)


def variables(config: Config, door: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Every variable that a program needs, given those it has."""
    trust = paths(config.state_dir)
    exceptions = not_proxied(config, environ)
    proxy = f"http://{door}"
    bundle = bundle_for(trust, environ)
    found = {name: proxy for word in ("http_proxy", "https_proxy") for name in (word.upper(), word)}
    found |= {"NO_PROXY": exceptions, "no_proxy": exceptions}
    found |= dict.fromkeys((*BUNDLES, *(name for name in ALSO if environ.get(name))), str(bundle))
    found |= {
        name: str(trust.ca if environ.get(name, "") in ("", str(trust.ca)) else bundle) for name in ADDITIONS
    }
    # Node >= 22.21: fetch and http(s) take the proxy from the environment, when told to.
    found |= {"NODE_USE_ENV_PROXY": "1"}
    if trust.keystore.is_file():
        found["JAVA_TOOL_OPTIONS"] = _java(trust, door, environ, everything=not exceptions)
    return found


def not_proxied(config: Config, environ: Mapping[str, str]) -> str:
    """NO_PROXY: the user's own, what is never ours to proxy, and where telemetry goes."""
    given = [environ[name] for name in ("NO_PROXY", "no_proxy") if name in environ]
    own = [part.strip() for text in given for part in text.split(",") if part.strip()]
    usual = () if given and not own else NOT_PROXIED
    endpoint = urlsplit(config.otlp_endpoint or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")).hostname
    return ",".join(dict.fromkeys([*own, *usual, *([endpoint] if endpoint else [])]))


def bundle_for(trust: Trust, environ: Mapping[str, str]) -> Path:
    """The daemon's bundle; one of the user's own where the user has authorities of their own, or the system's have changed."""
    own = [path for name in (*BUNDLES, *ADDITIONS, *ALSO) for path in _files(environ.get(name, ""))]
    known = {trust.bundle, trust.ca, system_roots()}
    extra = [path for path in dict.fromkeys(own) if path not in known]
    if not extra and not stale(trust.bundle):
        return trust.bundle
    cache = Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".cache")
    return merged(trust.bundle, extra, cache / "hexr-autoinst")


def _files(value: str) -> list[Path]:
    path = Path(value)
    with contextlib.suppress(OSError):
        if value and path.is_dir():
            return sorted(p for p in path.iterdir() if p.suffix in (".pem", ".crt", ".0"))
        if value and path.is_file():
            return [path]
    return []


def _java(trust: Trust, door: str, environ: Mapping[str, str], *, everything: bool) -> str:
    # A JVM reads no proxy variables; it prints these on standard error when it starts.
    host, _, port = door.rpartition(":")
    options = [f"-D{s}.proxy{k}={v}" for s in ("http", "https") for k, v in (("Host", host), ("Port", port))]
    options.append(f"-Dhttp.nonProxyHosts={'' if everything else _NO_JAVA}")
    options += [f"-Djavax.net.ssl.trustStore={trust.keystore}", "-Djavax.net.ssl.trustStoreType=PKCS12"]
    options.append("-Djavax.net.ssl.trustStorePassword=changeit")
    had = environ.get("JAVA_TOOL_OPTIONS", "")
    kept = [had] if had and str(trust.keystore) not in had else []
    return " ".join([*kept, *options])


def render(found: Mapping[str, str], shell: str) -> str:
    """The variables as a shell reads them."""
    if shell == "json":
        return json.dumps(found, indent=2)
    if shell == "fish":
        # In fish's single quotes only these two are special (fish-shell docs, "Quotes").
        quoted = {k: v.replace("\\", "\\\\").replace("'", "\\'") for k, v in found.items()}
        return "\n".join(f"set -gx {k} '{v}'" for k, v in quoted.items())
    return "\n".join(f"export {k}={shlex.quote(v)}" for k, v in found.items())
