import pytest

from hexr_autoinst.wire import tokens as t
from tests.wire.test_redact import IDS, TOKENS


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_is_seen_by_the_quick_look_and_by_the_look_of_its_pattern(token):
    text = b"      " + token.encode().lower()
    patterns = [(hint, pattern) for hint, pattern in t.TOKENS if pattern.search(token.encode())]

    assert patterns
    assert t.TOKEN_HINT.search(text) or any(word in text for word in t.TOKEN_WORDS)
    assert all(hint.search(text) for hint, _ in patterns)


def test_every_pattern_has_an_example():
    examples = [*TOKENS, "Bearer abcdefghij", "-----BEGIN PRIVATE KEY-----x"]

    assert [p.pattern for _, p in t.TOKENS if not any(p.search(e.encode()) for e in examples)] == []


@pytest.mark.parametrize("name", ["api_key", "passwd", "password", "passphrase", "secret", "id_token", "authorization", "credential",
                                  "credentials", "client_assertion", "set-cookie", "cookie", "private_key"])  # fmt: skip
def test_every_member_name_is_seen_by_the_quick_look(name):
    for text in (f'      {{"{name}": "', f'      {{\\"{name}\\": \\"', f"      ?{name}=x"):
        assert any(word in text.encode() for word in t.MEMBER_WORDS)
        assert t.MEMBER_HINT.search(text.encode())


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
    text = f"      /p?{name}=x".encode()

    assert any(word in text for word in t.MEMBER_WORDS)
    assert t.MEMBER_HINT.search(text)


@pytest.mark.parametrize("id_", IDS)
def test_no_pattern_knows_an_id(id_):
    assert [p for _, p in t.TOKENS if p.search(id_.encode())] == []
