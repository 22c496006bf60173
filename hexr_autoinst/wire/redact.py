"""Secrets die here: past this file no value holds a credential, whatever the settings.

What is known by name (header fields, query parameters, form fields, JSON members, what a text assigns) loses its
value; what is known by shape (`tokens`) is replaced wherever it stands. Not detectable: a secret that a model streams in
pieces over several frames, or one in an encoding of its own (base64, Unicode escapes). Those are content, and
content leaves only when the operator asked for it.
"""

import re
from functools import lru_cache
from typing import Final

from hexr_autoinst.wire.assigned import ASSIGNMENTS, FLAG, PAIRS
from hexr_autoinst.wire.documents import PARAMETERS, RARE, XML
from hexr_autoinst.wire.tokens import (
    ASSIGNED_HINT,
    CAPITALS,
    FIELD,
    FIRST_PARAMETER,
    FOLD,
    MEMBER_HINT,
    MEMBER_NAMED,
    MEMBER_WORDS,
    MEMBERS,
    NO_CREDENTIAL,
    TOKEN_HINT,
    TOKEN_WORDS,
    TOKENS,
    USERINFO,
)

MARK: Final = "[redacted]"
_MARK: Final = MARK.encode()
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9\-]{1,30}(?= \S)")
# AWS SigV4, and SigV4A without a region: key id and signature go; the scope (date, region, service) stays, it names the service called.
_SIGV4: Final = re.compile(
    r"AWS4-[A-Z0-9\-]{1,40} Credential=[^/,\s]*((?:/[\w\-]{0,64}){3,4})(?:,\s*SignedHeaders=([\w;\-]{0,1024}))?"
)


def text(data: bytes) -> bytes:
    """A body or frame without secrets; valid JSON stays valid JSON."""
    folded = data.translate(FOLD)
    if TOKEN_HINT.search(folded) or _any_of(TOKEN_WORDS, folded):
        lowered = data.lower()
        for hint, pattern in TOKENS:
            if hint.search(lowered):
                data = pattern.sub(_marked, data)
    for pattern in named(data, folded):
        data = pattern.sub(_marked, data)
    for word, pattern in RARE:
        if word in data:
            data = pattern.sub(_marked, data)
    if data[:1] == b"<" or data[:16].lstrip()[:1] == b"<":
        data = XML.sub(_marked, data)
    return USERINFO.sub(_marked, data) if b"://" in data else data


def named(data: bytes, folded: bytes) -> list[re.Pattern[bytes]]:
    """The patterns by name that this text is worth."""
    hinted, assigned = MEMBER_HINT.search(folded), ASSIGNED_HINT.search(folded)
    if not hinted and not assigned and b"--" not in data:
        return []
    member = hinted and (MEMBER_NAMED.search(folded) or _any_of(CAPITALS, data))
    found: list[re.Pattern[bytes]] = []
    if member or assigned:
        found += MEMBERS
    if member and b"value" in folded:
        found += PAIRS
    if assigned:
        found += ASSIGNMENTS
    if b"--" in data and _any_of(MEMBER_WORDS, folded):
        found.append(FLAG)
    return found


def _any_of(words: tuple[bytes, ...], data: bytes) -> bool:
    for word in words:  # noqa: SIM110 - a generator costs more than the searches
        if word in data:
            return True
    return False


def form(data: bytes) -> bytes:
    """A body of type application/x-www-form-urlencoded, or a query."""
    return text(PARAMETERS.sub(_marked, FIRST_PARAMETER.sub(_marked, data)))


def plain(value: str) -> str:
    """A short string (path, header value) without secrets."""
    if value in _CLEAN:
        return value
    raw = value.encode("utf-8", "replace")
    kept = text(raw)
    if kept == raw:
        _remember(value)
    return kept.decode("utf-8", "replace")


# Hosts, paths and header values come again and again: what was found to hold no secret is not searched again.
# What held one is never in here.
_CLEAN: Final[set[str]] = set()
_REMEMBERED: Final = 4096
_LONGEST: Final = 512


def _remember(value: str) -> None:
    if len(value) <= _LONGEST and value.isascii():
        if len(_CLEAN) >= _REMEMBERED:
            _CLEAN.clear()
        _CLEAN.add(value)


def query(value: str) -> str:
    """A query string, without its question mark: names stay."""
    return form(value.encode("utf-8", "replace")).decode("utf-8", "replace") if value else ""


def fields(found: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Header fields: credentials by name, all others by shape."""
    clean = [(name, _credential(name, value) if is_secret(name) else value) for name, value in found]
    new = [value for _, value in clean if value not in _CLEAN]
    joined = "\n".join(new).encode("utf-8", "replace")
    if text(joined) == joined:  # one look at all of them spares a look at each
        for value in new:
            _remember(value)
        return tuple(clean)
    return tuple([(name, plain(value)) for name, value in clean])


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a field of this name holds a credential."""
    lowered = name.lower()
    return bool(FIELD.search(lowered)) and lowered not in NO_CREDENTIAL


def _credential(name: str, value: str) -> str:
    """Its mark. The scheme of an authorization stays, for it is no secret."""
    if not name.lower().endswith("authorization"):
        return MARK
    if signed := _SIGV4.match(value):
        names = f", SignedHeaders={signed[2]}" if signed[2] else ""
        return f"{value.partition(' ')[0]} Credential={MARK}{signed[1]}{names}, Signature={MARK}"
    scheme = _SCHEME.match(value)
    return f"{scheme[0]} {MARK}" if scheme else MARK


def _marked(found: re.Match[bytes]) -> bytes:
    return (found[1] or b"") + _MARK if found.re.groups else _MARK
