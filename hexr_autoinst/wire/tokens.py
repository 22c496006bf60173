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


# (what stands in lower case wherever the pattern matches, the pattern). A hint is written from a rare
# character backwards: a search that tries every letter costs twenty times as much as one that does not.
TOKENS: Final = tuple(
    (re.compile(hint), re.compile(pattern))
    for hint, pattern in (
        (rb"-(?<=(?:sk|lf|ai|lx|pi|ly)-)(?=[a-z0-9_\-]{12})", _WORD + rb"(?:sk-|pk-lf-|xai-|pplx-|nvapi-|tvly-|csk-)[A-Za-z0-9_\-]{12,}+"),
        (
            rb"_(?:(?<=gsk_)|(?<=r8_)|(?<=hf_)|(?<=lsv2_)|(?<=[sr]k_live_)|(?<=[sr]k_test_)|(?<=whsec_))",
            _WORD + rb"(?:gsk_|r8_|hf_|lsv2_|[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9_\-]{12,}+",
        ),
        (
            rb"_(?:(?<=gh[pousr]_)|(?<=github_pat_)|(?<=npm_)|(?<=dop_v1_))",
            _WORD + rb"(?:gh[pousr]_|github_pat_|npm_|dop_v1_)[A-Za-z0-9_\-]{16,}+",
        ),
        (
            rb"-(?:(?<=glpat-)|(?<=pypi-)|(?<=xox[abeoprs]-)|(?<=xapp-))",
            _WORD + rb"(?:glpat-|pypi-|xox[abeoprs]-|xapp-)[A-Za-z0-9_\-]{8,}+",
        ),
        (rb"\.(?:(?<=hv[sbr]\.)|(?<=ya29\.)|(?<=sg\.))", _WORD + rb"(?:hv[sbr]\.|ya29\.|SG\.)[A-Za-z0-9_.\-]{12,}+"),
        (rb"eyj", _begun(b"eyJ", _IN_WORD) + rb"[A-Za-z0-9_\-]{6,}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+){0,3}"),
        (rb"aiza", _begun(b"AIza", _IN_WORD) + rb"[A-Za-z0-9_\-]{30,}+"),
        (rb"akia", _begun(b"AKIA", _IN_BASE) + rb"[A-Z0-9]{16}(?![A-Za-z0-9+/])"),
        (rb"asia", _begun(b"ASIA", _IN_BASE) + rb"[A-Z0-9]{16}(?![A-Za-z0-9+/])"),
        (rb"bearer", rb"(?i:(bearer(?:[ \t+]|%20)++))(?![a-zA-Z_\-]++=\\*\")[A-Za-z0-9._~+/%\-]{8,}+=*+"),
        (rb"-----begin", _KEY_BLOCK),
    )
)  # fmt: skip

# The same without the look back, for bytes where a length or a tag stands before a string.
_LOOKS: Final = (
    (_WORD, b""),
    *((_begun(prefix, _IN_WORD), prefix) for prefix in (b"eyJ", b"AIza")),
    *((_begun(prefix, _IN_BASE), prefix) for prefix in (b"AKIA", b"ASIA")),
)


def _loose(pattern: bytes) -> bytes:
    for look, plain in _LOOKS:
        pattern = pattern.replace(look, plain, 1)
    return pattern


LOOSE: Final = tuple((hint, re.compile(_loose(strict.pattern), strict.flags)) for hint, strict in TOKENS)

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

# The quick looks: what no pattern matches without. They are taken at a folded text, in lower case, where one character stands for all
# that may follow a token's prefix, one for all that ends a name in JSON and one for both signs of an assignment: a search for a single
# character is a loop in C, one for a set of them costs eight times as much.
_FOLDED: Final = {b"-_.": b"-", b'"\\': b'"', b"=:": b":"}
FOLD: Final = bytes(
    next((to[0] for said, to in _FOLDED.items() if c in said), ord(chr(c).lower()) if c < 128 else c)
    for c in range(256)
)
TOKEN_WORDS: Final = (b"eyj", b"aiza", b"akia", b"asia", b"bearer", b"-----begin")
# The end of a prefix, with the shortest token's length after it. Not that of `msg_`, which is an id of many APIs.
TOKEN_HINT: Final = re.compile(
    rb"-(?:(?<=(?:sk|r8|hf|v2|v1|29|pp)-)|(?<=(?:pat|npm|hv.|gh.|ox.|xai|-lf|plx|vly|ypi)-)|(?<=vapi-)"
    rb"|(?<=k-(?:live|test)-)|(?<=whsec-)|(?<=sg-)(?<!msg-))(?=[a-z0-9\-]{8})",
    re.DOTALL,
)

# What a JSON string holds, whole or cut.
STRING: Final = rb'(?:[^"\\]|\\.)++'
# The same inside a JSON string (a tool's arguments), escaped once or more. Where q backslashes and a quote
# open and close, a quote inside has 2q+1 of them, and each backslash at the end of the value 2q+2.
ESCAPED: Final = (
    rb'(?:[^"\\]|\\++[^"\\]|(?P=q)(?P=q)\\(?:(?P=q)(?P=q)\\\\)*+"|(?:(?P=q)(?P=q)\\\\)+(?=(?P=q)"))++'
)
MEMBERS: Final = (
    re.compile(rb'("' + MEMBER + rb'"\s*+:\s*+")' + STRING, re.DOTALL),
    re.compile(rb'((?P<q>\\++)"' + MEMBER + rb'(?P=q)"\s*+:\s*+(?P=q)")' + ESCAPED),
    # A parameter of a URL within a text.
    re.compile(rb"(?i:([?&]" + _PARAMETERS + rb"=))" + _PARAMETER_VALUE),
)
# What all names contain.
MEMBER_WORDS: Final = (
    b"key", b"token", b"secret", b"passw", b"phrase", b"authorization", b"credential", b"assertion", b"cookie",
    b"sig", b"code", b"auth", b"jwt", b"pwd", b"-pass", b"-amz-", b"-goog-",
)  # fmt: skip
# The last letters of a member's name, three of them first, before what ends it; and of what is assigned, before its sign, where a
# quote or a blank may stand between them. JSON's own colon stands behind a double quote, which spares most texts the rest of the look.
_ENDS: Final = (
    b"pi-?key", b"et-?key", b"te-?key", b"ss-?key", b"on-?key", b"token", b"secret", b"ssword", b"passwd", b"phrase", b"orization",
    b"ential", b"entials", b"ertion", b"cookie",
)  # fmt: skip
_ASSIGNED_ENDS: Final = (b"key", *_ENDS[5:], b"-pass", b"sig", b"nature", b"code", b"auth", b"jwt", b"pwd")
# Of a variable in capitals.
CAPITALS: Final = (b"_KEY", b"_TOKEN", b"_PASS", b"_PWD", b"_AUTH")
_SHORT: Final = rb"(?:key|ken|ret|ord|swd|ase|ion|ial|als|kie|ass|pwd|uth)"


def _ended(ends: tuple[bytes, ...], *signs: bytes) -> bytes:
    exact = [
        e
        for end in ends
        for e in ((end.replace(b"-?", b""), end.replace(b"-?", b"-")) if b"-?" in end else (end,))
    ]
    return b"(?:" + b"|".join(b"(?<=" + end + sign + b")" for sign in signs for end in exact) + b")"


_ENDED: Final = b'"(?<=' + _SHORT + b'")'
MEMBER_HINT: Final = re.compile(
    _ENDED + _ended((*_ENDS, *(c.lower().replace(b"_", b"-") for c in CAPITALS)), b'"')
)
MEMBER_NAMED: Final = re.compile(_ENDED + _ended(_ENDS, b'"'))  # in capitals or not
ASSIGNED_HINT: Final = re.compile(
    b":(?<=[a-z '].)" + _ended(_ASSIGNED_ENDS, b":", b"[ ']:", b"' :") + b"|-(?:(?<=x-amz-)|(?<=x-goog-))",
    re.DOTALL,
)
# user:password@ of a URL: the literal comes first, so that the search is quick.
USERINFO: Final = re.compile(rb"(://)[^\s/?#@\"'\\<>]{1,256}(?=@)")
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
