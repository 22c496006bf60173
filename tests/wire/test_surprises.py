"""What real servers do, by both doors and in small pieces: each case as their documents or their traffic have it."""

import base64
import json

import pytest

from hexr_autoinst.model.facts import Data, End, Head
from hexr_autoinst.wire.limits import Limits
from tests.wire.stage import CONN, POST, chunks, closed, ended, frames, play
from tests.wire.test_awsevents import message


def by_bytes(kind, said, *, cut=11, length=False, last=True):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n" % kind.encode() if kind else b"HTTP/1.1 200 OK\r\n"
    if length:
        answer = head + b"Content-Length: %d\r\n\r\n" % len(said) + said
    else:
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n"
        for start in range(0, len(said), 100):
            answer += b"%x\r\n%s\r\n" % (len(said[start : start + 100]), said[start : start + 100])
        answer += b"0\r\n\r\n" if last else b""
    return play([*chunks(("out", POST), ("in", answer), cut=cut), closed()])


def by_messages(kind, said, *, cut=11, length=False, last=True):
    fields = (("content-type", kind),) if kind else ()
    fields += (("content-length", str(len(said))),) if length else ()
    facts = [
        Head(
            1,
            "proxy",
            "f",
            "request",
            CONN.key,
            "c",
            method="POST",
            scheme="https",
            authority="h",
            target="/",
        ),
        Data(2, "proxy", "f", "request", b"{}"),
        End(3, "proxy", "f", "request"),
        Head(4, "proxy", "f", "response", status=200, headers=fields),
        *(Data(5 + n, "proxy", "f", "response", said[n : n + cut]) for n in range(0, len(said), cut)),
    ]
    return play([*facts, End(10**6, "proxy", "f", "response", error="" if last else "truncated")])


DOORS = pytest.mark.parametrize("door", [by_bytes, by_messages])
DATA = [("sse", "", '{"a": 1}'), ("sse", "", "[DONE]")]

STREAMS = {
    "CRLF": ("text/event-stream", b'data: {"a": 1}\r\n\r\ndata: [DONE]\r\n\r\n', DATA),
    "comments to keep alive": ("text/event-stream", b': OPENROUTER PROCESSING\n\n: ping - 2025-01-01\r\n\r\ndata: {"a": 1}\n\ndata: [DONE]\n\n', DATA),
    "comments under another type": ("application/json", b': OPENROUTER PROCESSING\n\ndata: {"a": 1}\n\ndata: [DONE]\n\n', DATA),
    "a ping with data": ("text/event-stream", b'event: ping\ndata: {"type": "ping"}\n\n', [("sse", "ping", '{"type": "ping"}')]),
    "an event without data": ("text/event-stream", b'event: done\n\nevent: x\ndata: {"a": 1}\n\n', [("sse", "x", '{"a": 1}')]),
    "an unknown field": ("text/event-stream", b'id: 1\nretry: 3000\nfoo: bar\ndata: {"a": 1}\n\n', DATA[:1]),
    "a field of errors": ("text/event-stream", b'data: {"a": 1}\n\nerror: {"code": 500}\n\n', [*DATA[:1], ("sse", "error", '{"code": 500}')]),
    "no content type": ("", b'data: {"a": 1}\n\ndata: [DONE]\n\n', DATA),
    "another content type": ("application/json", b'data: {"a": 1}\n\ndata: [DONE]\n\n', DATA),
    "plain text": ("text/plain; charset=utf-8", b'event: x\ndata: {"a": 1}\n\n', [("sse", "x", '{"a": 1}')]),
    "padding": ("application/json", b"         \n" * 800 + b'data: {"a": 1}\n\n', DATA[:1]),
    "padding under its type": ("text/event-stream", b"\n" * 8000 + b'data: {"a": 1}\n\n', DATA[:1]),
    "a BOM": ("text/event-stream", b'\xef\xbb\xbfdata: {"a": 1}\n\n', DATA[:1]),
    "several data lines": ("text/event-stream", b'data: {"a":\ndata:  1}\n\n', [("sse", "", '{"a":\n 1}')]),
    "no space": ("text/event-stream", b'data:{"a": 1}\n\ndata:[DONE]\n\n', DATA),
    "no blank line at the end": ("text/event-stream", b'data: {"a": 1}\n\ndata: [DONE]', DATA),
    "NDJSON": ("application/x-ndjson", b'{"a": 1}\n{"done": true}\n', [("json", "", '{"a": 1}'), ("json", "", '{"done": true}')]),
    "NDJSON as JSON": ("application/json", b'{"a": 1}\n{"done": true}\n', [("json", "", '{"a": 1}'), ("json", "", '{"done": true}')]),
    "JSON stream": ("application/stream+json", b'{"is_finished":false}\n{"is_finished":true}\n', [("json", "", '{"is_finished":false}'), ("json", "", '{"is_finished":true}')]),
    "an array": ("application/json; charset=UTF-8", b'[{\n  "candidates": []\n}\n,\r\n{\n  "usage": 1\n}\n]\n', [("json", "", '{\n  "candidates": []\n}'), ("json", "", '{\n  "usage": 1\n}')]),
    "Amazon": ("application/vnd.amazon.eventstream", message(b'{"role":"assistant"}', "messageStart") + message(b'{"message":"x"}', "modelStreamErrorException", "exception", ":exception-type"), [("aws", "messageStart", '{"role":"assistant"}'), ("aws", "exception:modelStreamErrorException", '{"message":"x"}')]),
}  # fmt: skip


@DOORS
@pytest.mark.parametrize("case", STREAMS)
def test_a_stream(door, case):
    kind, said, expected = STREAMS[case]

    for cut in (11, 1 << 20):
        heard = door(kind, said, cut=cut)
        (exchange,) = ended(heard)
        assert frames(heard) == expected
        assert exchange.missing == ()
        assert exchange.response.streamed == (case != "an array")


WHOLE = {
    "an error under a stream's type": ("text/event-stream", b'{"error": {"message": "no"}}'),
    "an array of errors": ("application/json", b"[[0.25, 1], [2, 3]]"),
    "padding": ("application/json", b"\n         \n" * 500 + b'{"id": "gen-1"}'),
    "pretty": ("application/json", b'{\n  "a": 1,\n  "b": [\n    {\n    }\n  ]\n}\n'),
    "one line": ("application/json", b'{"a": 1}\n'),
    "a BOM": ("application/json", b'\xef\xbb\xbf{"a": 1}'),
}


@DOORS
@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("case", WHOLE)
def test_no_stream(door, case, length):
    kind, said = WHOLE[case]
    for cut in (11, 1 << 20):
        heard = door(kind, said, cut=cut, length=length)
        (exchange,) = ended(heard)

        assert frames(heard) == []
        assert (exchange.response.body, exchange.response.streamed) == (said, False)


@DOORS
def test_a_small_array_can_be_read_either_way(door):
    said = b'[{"generated_text": "x"}]'
    for length in (True, False):
        heard = door("application/json", said, length=length)
        (exchange,) = ended(heard)

        assert (exchange.response.body, exchange.response.streamed) == (said, False)
        assert len(frames(heard)) == (0 if length else 1)


@DOORS
def test_a_stream_without_its_last_chunk_is_told_and_marked(door):
    heard = door("text/event-stream", b'data: {"a": 1}\n\ndata: [DONE]\n\n', last=False)
    (exchange,) = ended(heard)

    assert frames(heard) == DATA
    assert exchange.missing == ("unterminated:response",)


@DOORS
def test_a_damaged_message_is_marked(door):
    bad = bytearray(message(b'{"a":1}'))
    bad[-1] ^= 1
    heard = door("application/vnd.amazon.eventstream", bytes(bad) + message(b'{"b":2}'))

    assert [d for *_, d in frames(heard)] == ['{"b":2}']
    assert ended(heard)[0].missing == ("undecodable:response",)


@DOORS
def test_no_planted_key_comes_out_of_any_framing(door):
    planted = b'{"api_key": "PLANTEDhunter2", "text": "sk-ant-PLANTED0123456789"}'
    wrapped = json.dumps({"bytes": base64.b64encode(planted).decode(), "p": "abc"}).encode()
    for kind, said in (
        ("application/json", b"[" + planted + b",\n" + planted + b"]"),
        ("application/json", planted + b"\n" + planted),
        ("application/vnd.amazon.eventstream", message(planted) + message(wrapped)),
        ("text/event-stream", b"data: " + planted + b"\n\nerror: " + planted + b"\n\n"),
    ):
        heard = door(kind, said)

        assert [json.loads(d) for *_, d in frames(heard)] == [
            {"api_key": "[redacted]", "text": "[redacted]"}
        ] * 2
        assert "PLANTED" not in repr(heard)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("text/event-stream", b"data: ", b"\n\n"),
        ("application/x-ndjson", b"", b"\n"),
        ("application/json", b"[", b"]"),
    ],
)
def test_a_long_last_event_still_tells_its_usage(kind, before, after):
    event = json.dumps(
        {"type": "response.completed", "text": "word " * 400_000, "usage": {"total_tokens": 7}}
    ).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n" % kind.encode()
    facts = [
        *chunks(("out", POST), ("in", head)),
        *chunks(("in", before + event + after), cut=16_384, first=1),
    ]

    heard = play([*facts, closed()], limits=Limits(frame=1 << 20, body=1 << 20))

    (frame,) = [json.loads(d) for *_, d in frames(heard)]
    assert frame == {"type": "response.completed", "text": "word " * 204, "usage": {"total_tokens": 7}}
    assert ended(heard)[0].missing == ("truncated:response",)
