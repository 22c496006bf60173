import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire.redact_raw import raw

KEYS = [
    b"sk-planted-0123456789abcdefghij",
    b"AIzaSy-planted-0123456789-abcdefghijklm",
    b"ghp_planted0123456789abcdefghij",
    b"eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
    b"AKIAPLANTED012345678",
    b"Bearer planted0123456789",
]


def varint(n):
    out = b""
    while n > 0x7F:
        out += bytes((n & 0x7F | 0x80,))
        n >>= 7
    return out + bytes((n,))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def parsed(data):
    """(number, value) of every field: the walk that a dissector makes."""
    found, place = [], 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        tag = number()
        if tag & 7 == 2:
            size = number()
            assert place + size <= len(data)
            found.append((tag >> 3, data[place : place + size]))
            place += size
        else:
            found.append((tag >> 3, number()))
    return found


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("pad", range(0, 100, 7))
@pytest.mark.parametrize("number", [1, 2, 4, 6, 9, 12, 14, 15, 300])
def test_a_key_in_a_string_is_gone_and_every_length_holds(key, pad, number):
    """The length before the string and the tag behind it may be letters: neither hides it, neither is taken with it."""
    text = b"p" * pad + b" " + key if pad else key
    data = (
        field(1, b"task-0f8fad5b-d9cb-469f-a165-70867728950e")
        + field(number, text)
        + field(number, field(9, key) + field(3, 77))
        + field(10, b"after")
    )

    clean = raw(data)

    assert len(clean) == len(data)
    assert key.removeprefix(b"Bearer ") not in clean
    fields = parsed(clean)
    assert [n for n, _ in fields] == [1, number, number, 10]
    assert fields[0][1] == b"task-0f8fad5b-d9cb-469f-a165-70867728950e"
    assert fields[3][1] == b"after"
    inner = parsed(fields[2][1])
    assert (inner[0][0], len(inner[0][1]), inner[1]) == (9, len(key), (3, 77))


def test_a_map_whose_key_is_a_secrets_name_loses_its_value():
    """google.protobuf.Struct: fields = 1 {key = 1, value = 2 {string_value = 3}}."""

    def entry(name, value):
        return field(1, field(1, name) + field(2, field(3, value)))

    data = (
        entry(b"api_key", b"hunter2")
        + entry(b"session_id", b"kept")
        + entry(b"x-client-secret", b"pw pw pw pw pw")
    )
    clean = raw(data)

    assert b"hunter2" not in clean
    assert b"pw" not in clean
    assert b"kept" in clean
    assert [len(v) for _, v in parsed(clean)] == [len(v) for _, v in parsed(data)]
    assert raw(field(1, field(1, b"token_count") + field(2, 7))) == field(
        1, field(1, b"token_count") + field(2, 7)
    )


def test_json_in_a_string_stays_json_of_the_same_length():
    text = json.dumps({"password": "correct horse", "n": 1, "url": "https://me:pw123@h/"}).encode()

    clean = parsed(raw(field(7, text)))[0][1]

    assert len(clean) == len(text)
    told = json.loads(clean)
    assert (told["n"], told["password"][:10]) == (1, "[redacted]")
    assert "pw123" not in told["url"]


@pytest.mark.parametrize(
    "key",
    [
        b"\x30\x82\x04\xbe\x02\x01\x00\x30\x0d\x06\x09*\x86H\x86\xf7\r\x01\x01\x01\x05\x00" + b"K" * 1200,
        b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07*\x86H\xce=\x02\x01" + b"K" * 120,
        b"\x30\x77\x02\x01\x01\x04\x20" + b"K" * 112,
        b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00" + b"K" * 1180,
    ],
)
def test_a_private_key_is_blanked_and_a_certificate_is_not(key):
    certificate = b"\x30\x82\x01\x0a\x30\x81\xb0\xa0\x03\x02\x01\x02\x02\x01\x00" + b"C" * 250
    data = field(1, b"spiffe://example/a") + field(2, certificate) + field(3, key)

    clean = parsed(raw(data))

    assert clean[1][1] == certificate
    assert len(clean[2][1]) == len(key)
    assert clean[2][1].count(b"K") < 8


def test_of_a_cut_message_no_half_of_a_word_is_left():
    data = field(1, b"first words " + KEYS[0])

    for n in range(len(data)):
        assert b"sk-" not in raw(data[:n], cut=True)
    assert raw(data[:10], cut=True).startswith(b"\x0a")


def test_bytes_that_are_no_message_lose_what_looks_like_a_token():
    for data in (
        b"\xd9\x30" + KEYS[0] + b"\xc3",
        b'{"a": "' + KEYS[0] + b'"}',
        b"\xff\xff7" + KEYS[2],
        b"plain " + KEYS[3],
    ):
        assert len(raw(data)) == len(data)
        assert not any(k in raw(data) for k in KEYS)


@given(st.binary(max_size=200))
def test_any_bytes_keep_their_length(data):
    assert len(raw(data)) == len(data)


@given(
    st.recursive(
        st.binary(max_size=12) | st.sampled_from(KEYS),
        lambda x: st.lists(st.tuples(st.integers(1, 20), x), max_size=4),
        max_leaves=12,
    )
)
def test_no_key_in_any_message_is_left(tree):
    def made(node):
        return node if isinstance(node, bytes) else b"".join(field(n, made(one)) for n, one in node)

    data = made(tree if isinstance(tree, list) else [(1, tree)])
    clean = raw(data)

    assert len(clean) == len(data)
    assert not any(k.removeprefix(b"Bearer ") in clean for k in KEYS)
