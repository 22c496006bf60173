import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire import tokens as t
from hexr_autoinst.wire.assigned import ASSIGNMENTS, FLAG, PAIRS
from tests.wire.test_redact import IDS, TOKENS


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_is_seen_by_the_quick_look_and_by_the_look_of_its_pattern(token):
    text, folded = token.encode().lower(), token.encode().translate(t.FOLD)
    patterns = [(hint, pattern) for hint, pattern in t.TOKENS if pattern.search(token.encode())]

    assert patterns
    assert t.TOKEN_HINT.search(folded) or any(word in folded for word in t.TOKEN_WORDS)
    assert all(hint.search(text) for hint, _ in patterns)


def test_every_pattern_has_an_example():
    examples = [*TOKENS, "Bearer abcdefghij", "-----BEGIN PRIVATE KEY-----x"]

    assert [p.pattern for _, p in t.TOKENS if not any(p.search(e.encode()) for e in examples)] == []


@pytest.mark.parametrize("name", ["api_key", "passwd", "password", "passphrase", "secret", "id_token", "authorization", "credential",
                                  "credentials", "client_assertion", "set-cookie", "cookie", "private_key"])  # fmt: skip
def test_every_member_name_is_seen_by_the_quick_look(name):
    for text in (f'{{"{name.upper()}": "', f'{{\\"{name}\\": \\"'):
        assert t.MEMBER_HINT.search(text.encode().translate(t.FOLD))
    assert t.ASSIGNED_HINT.search(f"?{name}=x".encode().translate(t.FOLD))


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "token",
        "sig",
        "signature",
        "code",
        "auth",
        "pwd",
        "assertion",
        "jwt",
        "x-amz-date",
        "x-goog-signature",
    ],
)
def test_every_parameter_name_is_seen_by_the_quick_look(name):
    assert t.ASSIGNED_HINT.search(f"/p?{name}=x".encode().translate(t.FOLD))


@pytest.mark.parametrize("id_", IDS)
def test_no_pattern_knows_an_id(id_):
    assert [p for _, p in t.TOKENS if p.search(id_.encode())] == []


# What secrets are made of, and what stands around them: so that texts with one are met, not only texts.
PIECES = st.sampled_from([
    *(t.encode() for t in TOKENS), b"sk-", b"gsk_", b"hvs.", b"xoxb-", b"eyJ", b"AKIA", b"ASIA", b"AIza", b"Bearer ", b"bearer%20", b"-----BEGIN ", b"PRIVATE KEY-----",
    b"api", b"key", b"_", b"-", b".", b"Secret", b"access", b"subscription", b"private", b"PASSWORD", b"passwd", b"passphrase", b"id", b"token", b"authorization",
    b"credential", b"s", b"client", b"assertion", b"set-", b"cookie", b"sig", b"signature", b"code", b"auth", b"jwt", b"pwd", b"x-amz-", b"x-goog-",
    b'"', b"'", b"\\", b":", b" ", b"--", b"name", b"value", b",", b"_KEY", b"_PASS", b"X_TOKEN", b"DB_PWD", b"X_AUTH", b"\t", b"\n", b"=", b"?", b"&", b"%3D", b"\\u0022", b"A1b2C3d4E5f6", b"0123456789abcdef",
])  # fmt: skip


@settings(max_examples=1000)
@given(
    st.one_of(
        st.lists(PIECES, max_size=12).map(b"".join),
        st.lists(st.one_of(PIECES, st.binary(max_size=3)), max_size=12).map(b"".join),
    )
)
def test_the_quick_looks_hide_no_match(data):
    folded = data.translate(t.FOLD)
    tokens = any(pattern.search(data) for _, pattern in t.TOKENS)
    members = any(pattern.search(data) for pattern in t.MEMBERS)
    assigned = any(pattern.search(data) for pattern in ASSIGNMENTS)
    flagged = FLAG.search(data)

    assert not tokens or t.TOKEN_HINT.search(folded) or any(word in folded for word in t.TOKEN_WORDS)
    named = t.MEMBER_HINT.search(folded) and (
        t.MEMBER_NAMED.search(folded) or any(c in data for c in t.CAPITALS)
    )
    assert not members or named or t.ASSIGNED_HINT.search(folded)
    assert not any(pattern.search(data) for pattern in PAIRS) or (named and b"value" in folded)
    assert not assigned or t.ASSIGNED_HINT.search(folded)
    assert not flagged or (b"--" in data and any(word in folded for word in t.MEMBER_WORDS))
    assert all(hint.search(data.lower()) for hint, pattern in t.TOKENS if pattern.search(data))
