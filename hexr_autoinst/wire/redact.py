"""Secrets die here: past this file no value holds a credential, whatever the settings.

What is known by name (header fields, query parameters, JSON members) loses its value; what is known
by shape (vendors' documented token prefixes, JWTs, private keys) is replaced wherever it stands. A
secret that a model streams in pieces over several frames cannot be recognized: it is content, and content
leaves only when the operator asked for it.
"""

import re
from typing import Final

MARK: Final = "[redacted]"
_MARK: Final = MARK.encode()

# Vendors' documented shapes. Ids (chatcmpl-, msg_, resp_, call_, toolu_, req_) look like none of them.
_SHAPES: Final = (
    rb"\bsk-[A-Za-z0-9_-]{12,}"
    rb"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    rb"|\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{20,}"
    rb"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    rb"|\bAIza[0-9A-Za-z_-]{30,}"
    rb"|\bya29\.[0-9A-Za-z_-]{20,}"
    rb"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"
    rb"|\bhf_[A-Za-z0-9]{20,}|\bglpat-[A-Za-z0-9_-]{16,}|\bgsk_[A-Za-z0-9]{20,}|\bxai-[A-Za-z0-9]{20,}"
    rb"|\br8_[A-Za-z0-9]{20,}|\bpplx-[A-Za-z0-9]{20,}|\bhvs\.[A-Za-z0-9_-]{20,}"
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\rn\s]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"
    rb"|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{12,}"
)
_MEMBERS: Final = (
    rb'("(?i:[a-z0-9_-]*(?:api[_-]?key|password|passwd|client[_-]?secret|secret[_-]?(?:access[_-]?)?key|private[_-]?key'
    rb'|(?:access|refresh|id|auth|bearer|session|security)[_-]?token|authorization)|secret|x-api-key)"\s*:\s*")'
    rb'((?:[^"\\]|\\.)+)(?=")'
)
_SHAPED: Final = re.compile(_SHAPES)
_MEMBER: Final = re.compile(_MEMBERS)
# One of these must stand in a text for _SHAPED to match: substring search is far cheaper than the regex.
_HINTS: Final = (
    b"sk-", b"AKIA", b"ASIA", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"xox", b"AIza", b"ya29.",
    b"eyJ", b"hf_", b"glpat-", b"gsk_", b"xai-", b"r8_", b"pplx-", b"hvs.", b"PRIVATE KEY", b"earer ",
)  # fmt: skip
_MEMBER_HINTS: Final = (
    b"key",
    b"oken",
    b"ecret",
    b"assw",
    b"uthoriz",
    b"KEY",
    b"OKEN",
    b"ECRET",
    b"ASSW",
    b"UTHORIZ",
    b"Key",
)

_SECRET_NAME: Final = re.compile(
    r"(?i)(?:^|[-_.])(?:x-?)?(?:api-?key|key|token|secret|auth|authorization|authentication|password|passwd|session|credentials?"
    r"|signature|sig|cookie2?|csrf|xsrf|jwt|assertion|code|apikey|access_?token|subscription-key)(?:$|[-_.])"
)
_NO_SECRET: Final = re.compile(
    r"(?i)ratelimit|rate-limit|^mcp-session-id$|^idempotency-key$|^sec-websocket-(?:version|extensions|protocol)|^x-stainless|cache-?key|^status-code$"
)
_AMAZON: Final = re.compile(r"(?i)^x-amz-(?:signature|credential|security-token)$")


def text(data: bytes) -> bytes:
    """A body or frame without token-shaped strings; valid JSON stays valid JSON."""
    if any(hint in data for hint in _HINTS):
        data = _SHAPED.sub(_MARK, data)
    if (b'":' in data or b'" :' in data) and any(hint in data for hint in _MEMBER_HINTS):
        data = _MEMBER.sub(rb"\1" + _MARK, data)
    return data


def plain(value: str) -> str:
    """A short string (path, header value) without token-shaped parts."""
    return text(value.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def is_secret(name: str) -> bool:
    """Whether a field or parameter of this name holds a credential."""
    return not _NO_SECRET.search(name) and (bool(_SECRET_NAME.search(name)) or bool(_AMAZON.match(name)))


def field(name: str, value: str) -> str:
    """A header field's value as it may be kept. An authentication scheme stays, for it is no secret."""
    if not is_secret(name):
        return plain(value)
    scheme, space, _ = value.partition(" ")
    if "auth" in name.lower() and space and scheme.replace("-", "").isalnum() and len(scheme) <= 20:
        return f"{scheme} {MARK}"
    return MARK


def query(text_: str) -> str:
    """A query string as it may be kept."""
    if not text_:
        return ""
    parts = []
    for part in text_.split("&"):
        name, equals, value = part.partition("=")
        parts.append(f"{name}{equals}{MARK if equals and is_secret(name) else plain(value)}")
    return "&".join(parts)
