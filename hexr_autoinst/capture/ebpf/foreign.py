"""What a file is called, and the TLS that the kernel plane cannot read: named, so that nobody wonders.

Names come from file names first (one look), from the content of programs last (a bounded search).
"""

import re
from pathlib import PurePath
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf.elf import Elf

USE_THE_PROXY: Final = "use the proxy: `hexr-autoinst run -- COMMAND`"
_BY_NAME: Final = (
    (re.compile(r"libgnutls(-openssl)?\.so|libgnutls\b"), "GnuTLS"),
    (re.compile(r"lib(ssl3|nss3|nspr4)\.so$"), "NSS"),
    (re.compile(r"libmbedtls\.so"), "Mbed TLS"),
    (re.compile(r"libwolfssl\.so"), "wolfSSL"),
    (re.compile(r"(libs2n\.so|_awscrt\.)"), "s2n-tls"),
)
_HASH: Final = re.compile(r"-[0-9a-f]{8}(?=\.so)")  # what auditwheel adds to a bundled library's name
_MOST: Final = 192 << 20


class Foreign(NamedTuple):
    """A TLS library that cannot be read, and why."""

    label: str
    reason: str


def label(path: str) -> str:
    """The library's name in telemetry: the file's, without a bundler's hash."""
    return _HASH.sub("", PurePath(path.removesuffix(" (deleted)")).name)


def by_name(path: str) -> str:
    """The foreign library that a file name means, or empty."""
    name = label(path)
    return next((known for pattern, known in _BY_NAME if pattern.match(name)), "")


def by_content(elf: Elf, path: str) -> Foreign | None:
    """The foreign TLS inside a program, as its own compiler or strings tell; None when there is no sign of any."""
    if elf.has(".go.buildinfo") or elf.has(".note.go.buildid"):
        found = elf.mentions([b"crypto/tls.(*Conn).Read"], _MOST)
        return (
            Foreign("Go crypto/tls", "Go programs carry their own TLS, which is not read yet")
            if found
            else None
        )
    if b"rustc version" in elf.section(".comment") and elf.mentions([b"rustls"], _MOST):
        return Foreign("rustls", "rustls keeps no C functions that could be probed")
    if elf.mentions([b"BoringSSL", b"boringssl"], _MOST):
        return Foreign(
            f"BoringSSL in {label(path)}", "it was built without symbols, and this build is not in the table"
        )
    if b"libssl.so" in elf.section(".dynstr"):
        return None  # its TLS is a library's, which is looked at by itself
    if elf.mentions([b"OpenSSL 3.", b"OpenSSL 1.1."], _MOST) and elf.mentions(
        [b"ssl3_read_bytes", b"SSL_write"], _MOST
    ):
        return Foreign(
            f"OpenSSL in {label(path)}", "it was built without symbols, and this build is not in the table"
        )
    return None
