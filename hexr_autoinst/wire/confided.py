"""Exchanges that are nothing but secrets, whatever their members are called: of them no text is kept, in either direction.

A vault's answer names a password as its owner likes, a secret manager's is one member, a machine's metadata give a token as plain text. They are
known by the request's head alone. Of JSON the names stay, how long a lease is, and the words that no owner chooses.
"""

import re
from typing import Final

from hexr_autoinst.model.exchange import Request

_MARK: Final = b"[redacted]"
# Header fields that only a vault's client sends.
_FIELDS: Final = (
    "x-vault-token",
    "x-vault-request",
    "x-vault-namespace",
    "x-vault-wrap-ttl",
    "x-aws-parameters-secrets-token",
)
_PATHS: Final = re.compile(
    r"/v1/auth/.+|/latest/api/token|/v1/projects/[^/]+/(?:locations/[^/]+/)?secrets/.+|.*/api/v1/namespaces/[^/]+/secrets(?:/.*)?"
    r"|/v1/(?:sys|secret|kv|cubbyhole|transit|database|pki)/.+"
)
# What is mounted where is no secret, and tells a path's mount.
_OPEN: Final = "/v1/sys/internal/"
_TARGETS: Final = (
    "secretsmanager.",
    "TrentService.",
    "AmazonSSM.GetParameter",
    "AmazonSSM.PutParameter",
    "AmazonSSM.GetParameters",
)
_HOSTS: Final = (
    ".vault.azure.net",
    ".managedhsm.azure.net",
    "secretmanager.googleapis.com",
    "cloudkms.googleapis.com",
)
_STRING: Final = rb'"(?:[^"\\]|\\.)*+'
# Kept: members whose words and numbers are the server's own, and names. All other texts go, whole or cut, and all other numbers.
_OURS: Final = (
    rb'"(?:mount_type|__type)"\s*+:\s*+"[\w./#:\-]{0,128}"|"lease_duration"\s*+:\s*+\d{1,18}(?=\s*+[,}])'
)
_TEXT: Final = re.compile(
    rb"(" + _OURS + rb"|" + _STRING + rb'"\s*+:)|(' + _STRING + rb'(?:"|\Z))|-?\d[\d.eE+\-]*+', re.DOTALL
)


def confided(request: Request) -> bool:
    """Whether nothing that this request says, or that is answered to it, may be kept."""
    if request.path.startswith(_OPEN):
        return False
    headers = request.headers
    target = headers.get("x-amz-target")
    return bool(
        any(name in headers for name in _FIELDS)
        or (target and target.startswith(_TARGETS))
        or _PATHS.fullmatch(request.path)
        or request.host.lower().endswith(_HOSTS)
    )


def veiled(data: bytes) -> bytes:
    """The body without any text or number; what is no JSON is gone whole."""
    if not data:
        return data
    if data.lstrip()[:1] not in (b"{", b"["):
        return _MARK
    return _TEXT.sub(lambda found: found[1] or (b'"' + _MARK + b'"' if found[2] else b"0"), data)
