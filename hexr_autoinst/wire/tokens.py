"""What a secret looks like: shapes of tokens, and the names of members, parameters and fields that hold one.

Each pattern's first group, if it has one, is kept before the mark. No pattern takes half of an escape or a
bare quote, so JSON stays JSON; none knows the ids of model APIs (chatcmpl-, msg_, resp_, call_, toolu_, req_).
"""

import re
from typing import Final

# A token begins where no word goes on; the letters of an escape (\\n, \\u0022, %3D) are no word.
_ESCAPE: Final = rb"(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})"
_WORD: Final = rb"(?:(?<![A-Za-z0-9_\-])|" + _ESCAPE + rb")"
_BASE: Final = rb"(?:(?<![A-Za-z0-9_\-+/])|" + _ESCAPE + rb")"
_KEY_BLOCK: Final = (
    rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^\"]*?"
    rb"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?=\\*\")|\Z)"
)

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
        (rb"eyj", _WORD + rb"eyJ[A-Za-z0-9_\-]{6,}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+){0,3}"),
        (rb"aiza", _WORD + rb"AIza[A-Za-z0-9_\-]{30,}+"),
        (rb"akia", _BASE + rb"AKIA[A-Z0-9]{16}(?![A-Za-z0-9+/])"),
        (rb"asia", _BASE + rb"ASIA[A-Z0-9]{16}(?![A-Za-z0-9+/])"),
        (rb"bearer", rb"(?i:(bearer(?:[ \t+]|%20)++))(?![a-zA-Z_\-]++=\\*\")[A-Za-z0-9._~+/%\-]{8,}+=*+"),
        (rb"-----begin", _KEY_BLOCK),
    )
)  # fmt: skip

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

# None of TOKENS matches a text without one of these: the six words, or the end of a prefix with a token's length
# after it. So that most texts cost one search.
TOKEN_WORDS: Final = (b"eyj", b"aiza", b"akia", b"asia", b"bearer", b"-----begin")
TOKEN_HINT: Final = re.compile(
    rb"[-_.](?=[a-z0-9_.\-]{8})(?:(?<=(?:sk|lf|ai|lx|pi|ly)-)|(?<=(?:glpat|.pypi|.xapp)-)|(?<=xox.-)"
    rb"|(?<=(?:gsk|.r8|.hf)_)|(?<=lsv2_)|(?<=[sr]k_live_)|(?<=[sr]k_test_)|(?<=whsec_)|(?<=gh._)|(?<=_pat_)|(?<=npm_)|(?<=_v1_)"
    rb"|(?<=(?:hv[sbr]|.sg)\.)|(?<=ya29\.))",
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
# The same kind of look for MEMBERS, first by what all its names contain, then by where they stand: the last letters of a name before a quote, a backslash or an equals
# sign. It wants six characters before the name's end: see redact.text.
MEMBER_WORDS: Final = (
    b"key", b"token", b"secret", b"passw", b"phrase", b"authorization", b"credential", b"assertion", b"cookie",
    b"sig", b"code", b"auth", b"jwt", b"pwd", b"_pass", b"-pass", b"-amz-", b"-goog-",
)  # fmt: skip
MEMBER_HINT: Final = re.compile(
    rb'["=\\](?<=(?:...key|.token|secret|ssword|passwd|phrase|zation|ential|ntials|ertion|cookie|...sig|nature'
    rb"|..code|..auth|...jwt|...pwd|._pass).)|-(?:(?<=x-amz-)|(?<=x-goog-))",
    re.DOTALL,
)
# user:password@ of a URL: the literal comes first, so that the search is quick.
USERINFO: Final = re.compile(rb"(://)[^\s/?#@\"'\\<>]{1,256}(?=@)")
FIRST_PARAMETER: Final = re.compile(rb"(?i:(\A" + _PARAMETERS + rb"=))" + _PARAMETER_VALUE)

# Header fields that are credentials; and those that only sound so: counters, challenges, ids that join.
FIELD: Final = re.compile(
    r"key|token(?!s|-count)|secret|auth(?!ority|or\b)|passw|session|credential|signature|cookie|jwt|csrf|xsrf|assertion"
)
NO_CREDENTIAL: Final = frozenset(
    {
        "mcp-session-id", "idempotency-key", "www-authenticate", "proxy-authenticate", ":authority",
        "sec-websocket-key", "access-control-allow-credentials", "x-cache-key", "cache-key",
        "x-portkey-provider", "x-portkey-custom-host",
    }
)  # fmt: skip
