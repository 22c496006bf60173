"""What a secret looks like: shapes of tokens, and the names of members, parameters and fields that hold one.

Each pattern's first group, if it has one, is kept before the mark. No pattern takes half of an escape or a
bare quote, so JSON stays JSON; none knows the ids of model APIs (chatcmpl-, msg_, resp_, call_, toolu_, req_).
"""

import re
from typing import Final

# A token begins where no word goes on; the letters of an escape (\\n, \\u0022, %3D) are no word.
_ESCAPE: Final = rb"(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})"
_WORD: Final = rb"(?:(?<![A-Za-z0-9_\-])|" + _ESCAPE + rb")"
_IN_WORD: Final = rb"[A-Za-z0-9_\-]"
_IN_BASE: Final = rb"[A-Za-z0-9_\-+/]"
_KEY_BLOCK: Final = (
    rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^\"]*?"
    rb"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?=\\*\")|\Z)"
)


def _begun(prefix: bytes, before: bytes) -> bytes:
    """A prefix where no word goes on. The letters come first: a search that begins with them is a loop in C, and such texts may be long."""
    escaped = (rb"\\[nrtbf]", rb"\\u[0-9A-Fa-f]{4}", rb"%[0-9A-Fa-f]{2}")
    behind = b"|".join(rb"(?<=" + e + prefix + rb")" for e in escaped)
    return prefix + rb"(?:(?<!" + before + prefix + rb")|" + behind + rb")"


# How tokens begin, and the least that follows. One that ends as another begins stands before it.
_PREFIXES: Final = (
    (12, ("csk-", "sk-", "pk-lf-", "xai-", "pplx-", "nvapi-", "tvly-")),
    (12, ("gsk_", "r8_", "hf_", "lsv2_", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_")),
    (16, ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "npm_", "dop_v1_")),
    (8, ("glpat-", "pypi-", "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-")),
)
_DOTTED: Final = rb"(?:hv[sbr]\.|ya29\.|SG\.)"


def _prefixed(least: int, prefix: bytes) -> tuple[bytes, bytes]:
    return prefix + _IN_WORD, _begun(prefix, _IN_WORD) + _IN_WORD + b"{%d,}+" % least


# (the look of each, see `looks`: what stands in whatever it matches; the pattern)
TOKENS: Final = tuple(
    (look, re.compile(pattern))
    for look, pattern in (
        *(_prefixed(least, prefix.encode()) for least, prefixes in _PREFIXES for prefix in prefixes),
        (_DOTTED + rb"[A-Za-z0-9_.\-]", _WORD + _DOTTED + rb"[A-Za-z0-9_.\-]{12,}+"),
        (
            rb"eyJ" + _IN_WORD,
            _begun(b"eyJ", _IN_WORD)
            + rb"[A-Za-z0-9_\-]{6,}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+){0,3}",
        ),
        (rb"AIza" + _IN_WORD, _begun(b"AIza", _IN_WORD) + rb"[A-Za-z0-9_\-]{30,}+"),
        (rb"AKIA[A-Z0-9]", _begun(b"AKIA", _IN_BASE) + rb"[A-Z0-9]{16}(?![A-Za-z0-9+/])"),
        (rb"ASIA[A-Z0-9]", _begun(b"ASIA", _IN_BASE) + rb"[A-Z0-9]{16}(?![A-Za-z0-9+/])"),
        (
            rb"(?i:bearer)(?:[ \t+]|%20)",
            rb"(?i:(bearer(?:[ \t+]|%20)++))(?![a-zA-Z_\-]++=\\*\")[A-Za-z0-9._~+/%\-]{8,}+=*+",
        ),
        (rb"-----BEGIN ", _KEY_BLOCK),
    )
)

# The same without the look back, for bytes where a length or a tag stands before a string.
_BEGUN: Final = (
    (_WORD, b""),
    *((_begun(p.encode(), _IN_WORD), p.encode()) for _, prefixes in _PREFIXES for p in prefixes),
    *((_begun(prefix, _IN_WORD), prefix) for prefix in (b"eyJ", b"AIza")),
    *((_begun(prefix, _IN_BASE), prefix) for prefix in (b"AKIA", b"ASIA")),
)


def _loose(pattern: bytes) -> bytes:
    for begun, plain in _BEGUN:
        pattern = pattern.replace(begun, plain, 1)
    return pattern


LOOSE: Final = tuple((look, re.compile(_loose(strict.pattern), strict.flags)) for look, strict in TOKENS)

# Names whose values are secrets: the end of a name counts (`x-goog-api-key`, `AZURE_CLIENT_SECRET`).
NAMES: Final = (
    rb"(?:api[_-]?key|passw(?:or)?d|passphrase|secret|(?:secret|private|access|subscription)[_-]?(?:access[_-]?)?key"
    rb"|(?:access|refresh|id|session|security|client|auth|bearer|subject|actor|csrf|xsrf|api|bot|github|gitlab|hf|slack|service)[_-]?token"
    rb"|authorization|credentials?|client[_-]?assertion|set-cookie|cookie)"
)
# Variables in capitals say `key` and `token` for secrets; in small letters these are code's own words.
NAME: Final = rb"(?:(?i:" + NAMES + rb")|[A-Z0-9]_(?:KEY|TOKEN|PASS|PWD|AUTH))"
MEMBER: Final = rb"[\w.\-]{0,40}" + NAME
_PARAMETERS: Final = (
    rb"(?:[\w.\-]{0,40}"
    + NAMES
    + rb"|key|token|sig|signature|code|auth|pwd|assertion|jwt|x-(?:amz|goog)-[\w\-]{1,40})"
)
_PARAMETER_VALUE: Final = rb"[^&\s\"'#<>\\]++"

_SPACE: Final = rb"[\s\x0b]*"  # as `\s*+`: RE2 counts no vertical tab among the spaces
# Where a name ends a member of JSON, at any depth of escapes.
NAMED: Final = NAME + rb"\\*\""

# What a JSON string holds, whole or cut.
STRING: Final = rb'(?:[^"\\]|\\.)++'
# The same inside a JSON string (a tool's arguments), escaped once or more. Where q backslashes and a quote
# open and close, a quote inside has 2q+1 of them, and each backslash at the end of the value 2q+2.
ESCAPED: Final = (
    rb'(?:[^"\\]|\\++[^"\\]|(?P=q)(?P=q)\\(?:(?P=q)(?P=q)\\\\)*+"|(?:(?P=q)(?P=q)\\\\)+(?=(?P=q)"))++'
)
MEMBERS: Final = (
    (
        NAME + rb"\"" + _SPACE + rb":" + _SPACE + rb"\"",
        re.compile(rb'("' + MEMBER + rb'"\s*+:\s*+")' + STRING, re.DOTALL),
    ),
    (
        NAME + rb"\\+\"" + _SPACE + rb":" + _SPACE + rb"\\+\"",
        re.compile(rb'((?P<q>\\++)"' + MEMBER + rb'(?P=q)"\s*+:\s*+(?P=q)")' + ESCAPED),
    ),
    # A parameter of a URL within a text.
    (
        rb"(?i:[?&]" + _PARAMETERS.replace(rb"{0,40}", b"*").replace(rb"{1,40}", b"+") + rb"=)",
        re.compile(rb"(?i:([?&]" + _PARAMETERS + rb"=))" + _PARAMETER_VALUE),
    ),
)
# user:password@ of a URL: the literal comes first, so that the search is quick.
USERINFO: Final = (rb"://[^\s/?#@\"'\\<>]+@", re.compile(rb"(://)[^\s/?#@\"'\\<>]{1,256}(?=@)"))
FIRST_PARAMETER: Final = re.compile(rb"(?i:(\A" + _PARAMETERS + rb"=))" + _PARAMETER_VALUE)

# Header fields that are credentials; and those that only sound so: counters, challenges, ids that join.
FIELD: Final = re.compile(
    r"key|token(?!s|-count)|secret|auth(?!ority|or\b)|passw|session|credential|signature|cookie|jwt|csrf|xsrf|assertion|identity-header"
)
NO_CREDENTIAL: Final = frozenset(
    {
        "mcp-session-id", "idempotency-key", "www-authenticate", "proxy-authenticate", ":authority",
        "sec-websocket-key", "access-control-allow-credentials", "x-cache-key", "cache-key",
        "x-portkey-provider", "x-portkey-custom-host",
    }
)  # fmt: skip
