"""The authorities' files: our own certificate, and the bundle of the system's roots with it. Paths, merging, atomic writing.

Always a combined bundle: SSL_CERT_FILE and its like *replace* a client's roots, so a bundle of
ours alone would break every connection that is passed through undecrypted.
"""

import contextlib
import hashlib
import os
import re
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Debian and Ubuntu, Fedora and RHEL, openSUSE, Alpine.
_ROOTS: Final = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/ca-bundle.pem"),
    Path("/etc/ssl/cert.pem"),
)
_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_LARGEST: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Trust:
    """Where a client finds what it must trust. `keystore` is for Java and may be absent."""

    ca: Path
    bundle: Path
    keystore: Path
    door: Path


def paths(state_dir: str | Path) -> Trust:
    """The files below a state folder."""
    folder = Path(state_dir) / "trust"
    return Trust(folder / "ca.pem", folder / "bundle.pem", folder / "bundle.p12", folder / "proxy.json")


def system_roots() -> Path | None:
    """The host's own bundle of root certificates."""
    found = ssl.get_default_verify_paths().openssl_cafile
    return next((p for p in (*_ROOTS, Path(found)) if p.is_file()), None)


def combined(files: Iterable[Path | None]) -> bytes:
    """Every certificate of these files, each once, in order; a file that cannot be read is left out."""
    seen: dict[bytes, None] = {}
    for path in files:
        with contextlib.suppress(OSError):
            if path is not None and path.stat().st_size <= _LARGEST:
                seen.update(dict.fromkeys(_CERTIFICATE.findall(path.read_bytes())))
    return b"\n".join(seen) + b"\n"


def export(state_dir: str | Path, authority: Path, upstream_ca: str = "") -> Trust:
    """Publish our certificate and the combined bundle, readable by everybody."""
    trust = paths(state_dir)
    write(trust.ca, combined([authority]), 0o644)
    write(trust.bundle, combined([system_roots(), _optional(upstream_ca), authority]), 0o644)
    return trust


def upstream_roots(state_dir: str | Path, upstream_ca: str = "") -> Path:
    """One file of all that the proxy itself trusts upstream."""
    path = Path(state_dir) / "ca" / "upstream-roots.pem"
    write(path, combined([system_roots(), _optional(upstream_ca)]), 0o600)
    return path


def merged(bundle: Path, own: Iterable[Path], cache: Path) -> Path:
    """A bundle that also holds the user's own authorities and today's system roots, in the user's cache."""
    content = combined([system_roots(), *own, bundle])
    path = cache / f"bundle-{hashlib.sha256(content).hexdigest()[:16]}.pem"
    if not path.is_file():
        write(path, content, 0o644)
    return path


def stale(bundle: Path) -> bool:
    """Whether the system's roots have changed since the bundle was made."""
    roots = system_roots()
    return roots is not None and roots.stat().st_mtime > bundle.stat().st_mtime


def write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file at once: a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            os.fchmod(out.fileno(), mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _optional(path: str) -> Path | None:
    return Path(path) if path else None
