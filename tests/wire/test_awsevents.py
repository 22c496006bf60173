"""Messages are made here by the format's document: https://smithy.io/2.0/aws/amazon-eventstream.html."""

import base64
import json
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire.awsevents import AwsEvents, begins, strings

VALUES = {
    0: b"",
    1: b"",
    2: b"\x01",
    3: b"\x01\x02",
    4: b"\0\0\0\x07",
    5: b"\0" * 8,
    6: b"\0\x03abc",
    7: b"\0\x05hello",
    8: b"\0" * 8,
    9: b"\0" * 16,
}


def header(name, kind, value):
    return bytes((len(name),)) + name + bytes((kind,)) + value


def text(name, value):
    return header(name.encode(), 7, struct.pack(">H", len(value)) + value.encode())


def message(payload, event="chunk", kind="event", name=":event-type", more=b""):
    block = text(name, event) + text(":message-type", kind) + text(":content-type", "application/json") + more
    head = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    head += struct.pack(">I", zlib.crc32(head))
    body = head + block + payload
    return body + struct.pack(">I", zlib.crc32(body))


def play(data, step=0, limit=10_000):
    events = AwsEvents(limit)
    step = step or max(1, len(data))
    frames = [f for i in range(0, len(data), step) for f in events.feed(data[i : i + step], i)]
    return [(f.kind, f.event, f.data) for f in [*frames, *events.end(9)]], events


MESSAGES = [
    (message(b'{"role": "assistant"}', "messageStart"), ("aws", "messageStart", '{"role": "assistant"}')),
    (message(b"", "messageStop"), ("aws", "messageStop", "")),
    (message(b'{"message": "slow down"}', "throttlingException", "exception", ":exception-type"), ("aws", "exception:throttlingException", '{"message": "slow down"}')),
    (message(b"", "InternalError", "error", ":error-code", text(":error-message", "oh")), ("aws", "error:InternalError", "oh")),
    (message(b'{"api_key": "hunter2"}'), ("aws", "chunk", '{"api_key": "[redacted]"}')),
    (message(b"\xff"), ("aws", "chunk", "�")),
]  # fmt: skip


def test_messages_are_told_as_they_come_in_any_pieces():
    data = b"".join(m for m, _ in MESSAGES)
    for step in (0, 1, 3, 50):
        assert play(data, step)[0] == [told for _, told in MESSAGES]


def test_a_frame_has_the_time_of_its_last_byte():
    events = AwsEvents(100)
    one = message(b"{}")

    assert events.feed(one[:-1], 1) == []
    assert [f.at for f in events.feed(one[-1:] + one, 2)] == [2, 2]


def test_headers_of_all_types():
    block = b"".join(header(b"h%d" % kind, kind, value) for kind, value in VALUES.items())

    assert strings(block) == {"h7": "hello"}
    assert play(message(b"{}", more=block))[0] == [("aws", "chunk", "{}")]


@pytest.mark.parametrize(
    "block", [b"\x05ab", b"\x01a\x0a", b"\x01a\x07\0\x09abc", b"\x01a\x05\0\0", b"\x01a\x07\0"]
)
def test_what_is_no_headers(block):
    assert strings(block) is None


def test_a_message_whose_checksum_fails_is_no_frame_and_the_next_one_is():
    one = bytearray(message(b'{"a": 1}'))
    one[-6] ^= 1
    said, events = play(bytes(one) + message(b'{"b": 2}'), 7)

    assert said == [("aws", "chunk", '{"b": 2}')]
    assert (events.damaged, events.broken) == (1, True)


def test_where_the_lengths_cannot_be_trusted_nothing_follows():
    one = bytearray(message(b'{"a": 1}'))
    one[2] ^= 1
    said, events = play(message(b"{}") + bytes(one) + message(b"{}"), 7)

    assert said == [("aws", "chunk", "{}")]
    assert (events.damaged, events.broken, events.buffered) == (0, True, 0)
    assert not begins(bytes(one)[:12])
    assert not begins(b"\0\0")


def test_headers_that_are_none_damage_their_message_only():
    block = b"\x01a\x0a"
    head = struct.pack(">II", 16 + len(block), len(block))
    head += struct.pack(">I", zlib.crc32(head))
    bad = head + block
    bad += struct.pack(">I", zlib.crc32(bad))
    said, events = play(bad + message(b"{}"))

    assert said == [("aws", "chunk", "{}")]
    assert events.damaged == 1


def wrapped(inner, **more):
    return json.dumps({"bytes": base64.b64encode(inner).decode(), **more}).encode()


def test_json_in_base64_is_opened_so_that_its_secrets_go():
    inner = json.dumps({"type": "message_start", "api_key": "hunter2"}).encode()

    assert play(message(wrapped(inner, p="abcdef")))[0] == [
        ("aws", "chunk", '{"type": "message_start", "api_key": "[redacted]"}')
    ]


@pytest.mark.parametrize(
    "payload",
    [wrapped(b"\xff\xd8 no JSON"), wrapped(b"[1]"), wrapped(b"{}", n=1), b'{"bytes": "no base64!"}', b'["bytes"]', b'{"bytes": ""}', b'{"bytes"'],
)  # fmt: skip
def test_what_is_not_wrapped_json_stays_as_it_is(payload):
    assert play(message(payload))[0] == [("aws", "chunk", payload.decode())]


def test_a_payload_beyond_the_limit_is_shortened_and_its_checksum_still_holds():
    payload = json.dumps({"text": "word " * 5000, "usage": {"outputTokens": 7}}).encode()
    for step in (0, 100):
        said, events = play(message(payload) + message(b"{}"), step, limit=200)

        assert json.loads(said[0][2]) == {"text": "word " * 204, "usage": {"outputTokens": 7}}
        assert said[1][2] == "{}"
        assert (events.cut, events.broken) == (True, False)


def test_what_is_held_is_given_back():
    one = message(json.dumps({"text": "word " * 100}).encode())
    events = AwsEvents(10_000)
    events.feed(one[:300], 1)
    events.drop()
    events.drop()

    assert events.buffered == 0
    assert events.feed(one[300:], 2) == []
    assert [f.data for f in events.feed(message(b"{}"), 3)] == ["{}"]
    assert events.cut


def test_an_unfinished_message_is_no_frame():
    assert play(message(b"{}")[:-1])[0] == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([m for m, _ in MESSAGES]) | st.binary(max_size=20), max_size=5),
    st.integers(1, 40),
    st.integers(0, 400),
)
def test_any_bytes_mean_the_same_in_any_pieces(parts, step, flip):
    data = bytearray(b"".join(parts))
    if flip < len(data):
        data[flip] ^= 0x10
    one, many = play(bytes(data)), play(bytes(data), step)

    assert one[0] == many[0]
    assert (one[1].broken, one[1].damaged) == (many[1].broken, many[1].damaged)
