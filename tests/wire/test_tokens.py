import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire import redact
from hexr_autoinst.wire import tokens as t
from hexr_autoinst.wire.looks import Looks
from tests.wire.test_redact import IDS, TOKENS

ALL = Looks((*t.TOKENS, *redact.NAMED))
LOOSE = Looks(t.LOOSE)


def patterns(looks):
    return [pattern for _, pattern in looks]


def test_every_pattern_has_an_example():
    examples = [*TOKENS, "Bearer abcdefghij", "-----BEGIN PRIVATE KEY-----x"]
    examples += [prefix + "A1b2" * (least // 4) for least, prefixes in t._PREFIXES for prefix in prefixes]

    assert [p.pattern for p in patterns(t.TOKENS) if not any(p.search(e.encode()) for e in examples)] == []


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_is_seen_by_the_look_of_its_pattern(token):
    found = [p for p in patterns(t.TOKENS) if p.search(token.encode())]

    assert found
    assert set(found) <= set(ALL.worth(token.encode()))


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
def test_the_looks_hide_no_match(data):
    found = {p for p in patterns((*t.TOKENS, *redact.NAMED)) if p.search(data)}

    assert found <= set(ALL.worth(data))
    assert {p for p in patterns(t.LOOSE) if p.search(data)} <= set(LOOSE.worth(data))


# Texts that each pattern matches, as the pattern itself spells them: its look must see each.
@pytest.mark.parametrize(
    "pattern", patterns((*t.TOKENS, *redact.NAMED)), ids=lambda p: p.pattern[:24].decode()
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_a_look_sees_whatever_its_pattern_matches(pattern, data):
    plain = re.sub(rb"(?<!\\)([+*}?])\+", rb"\1", pattern.pattern)  # possessive or not, the same letters
    text = data.draw(st.from_regex(re.compile(plain, pattern.flags)))
    assume(pattern.search(text))

    assert pattern in ALL.worth(text)
