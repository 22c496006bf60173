import base64
import json

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.capture.har import Entry, readable
from hexr_autoinst.capture.har_stream import is_stream, stream_facts
from hexr_autoinst.capture.replay import read, session
from hexr_autoinst.config import Config
from hexr_autoinst.model.facts import Address, Chunk, Closed, Opened
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings
from tests.dissect.cases import all_cases

MS = 1_000_000
BEGAN = 1_767_225_600_000 * MS


def chunk(ms, speaker, data):
    return {"t_ms": ms, "from": speaker, "data_b64": base64.b64encode(data).decode()}


def raw(*chunks, kind="stdio", url="stdio:server.py", request=None, response=None, **more):
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 50,
        "request": {"method": "STREAM", "url": url, "headers": [], **(request or {})},
        "response": {"status": 0, "headers": [], **(response or {})},
        "_stream": {"kind": kind, "chunks": list(chunks)},
        **more,
    }


def told(*args, **more):
    one = Entry(7, raw(*args, **more))
    assert (is_stream(one), readable(one)) == (True, "")
    return list(stream_facts(one))


def test_a_pipe_is_the_chunks_of_both_directions_with_their_times():
    found = told(chunk(1, "client", b"a"), chunk(3, "server", b"b"), chunk(2, "client", b"c"), _id="e7")

    assert [(f.direction, f.seq, f.data, (f.at - BEGAN) // MS) for f in found if isinstance(f, Chunk)] == [
        ("out", 0, b"a", 1),
        ("in", 0, b"b", 3),
        ("out", 1, b"c", 3),
    ]
    assert isinstance(found[-1], Closed)
    assert found[-1].at == BEGAN + 50 * MS
    assert {f.conn for f in found} == {found[0].conn}
    assert {(f.source, f.medium, f.entry) for f in found[:-1]} == {("har", "pipe", "e7")}
    assert not any(isinstance(f, Opened) for f in found)


@pytest.mark.parametrize(
    ("url", "peer", "medium"),
    [
        ("redis://127.0.0.1", Address("127.0.0.1", 6379), "socket"),
        ("rediss://cache:7000", Address("cache", 7000), "tls"),
        ("http://[::1]:50051/x", Address("::1", 50051), "socket"),
        ("https://h.example", Address("h.example", 443), "tls"),
    ],
)
def test_where_a_connection_leads_is_the_urls(url, peer, medium):
    first, second, _ = told(chunk(1, "client", b"a"), kind="redis", url=url)

    assert (first.peer, second.medium) == (peer, medium)


def test_the_heads_of_a_websocket_are_those_of_its_entry():
    fields = [{"name": "Upgrade", "value": "websocket"}, {"name": "Bad", "value": "one\r\ntwo"}]
    _, asked, answered, frame, _ = told(
        chunk(9, "client", b"\x81"),
        kind="websocket",
        url="ws://h.example/session/1?a=b",
        request={"headers": fields},
        response={"status": 101, "statusText": "Switching Protocols", "headers": fields},
    )

    head = b"Upgrade: websocket\r\nBad: one two\r\n\r\n"
    assert (asked.data, asked.direction) == (b"GET /session/1?a=b HTTP/1.1\r\n" + head, "out")
    assert (answered.data, answered.direction) == (b"HTTP/1.1 101 Switching Protocols\r\n" + head, "in")
    assert (answered.at, frame.data, frame.seq) == (BEGAN + 9 * MS, b"\x81", 1)


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        ("x", "`_stream.chunks` is missing"),
        ({}, "`_stream.chunks` is missing"),
        ({"chunks": ["x"]}, "neither the client's nor the server's"),
        ({"chunks": [chunk(1, "nobody", b"")]}, "neither the client's nor the server's"),
        ({"chunks": [{"from": "client", "data_b64": "?"}]}, "not base64"),
    ],
)
def test_what_is_wrong_with_a_stream_is_said(stream, reason):
    with pytest.raises(ValueError, match=reason):
        list(stream_facts(Entry(0, raw(_stream=stream))))


@pytest.mark.parametrize("size", [11, 1 << 14])
def test_an_exchange_within_a_raw_connection_is_told_under_its_entrys_id(tmp_path, size):
    case = next(c for c in all_cases() if c.parent.name == "openai")
    chunks = []
    for speaker, name in (("client", "request.http"), ("server", "response.http")):
        said = (case / name).read_bytes()
        chunks += [chunk(len(chunks), speaker, said[n : n + size]) for n in range(0, len(said), size)]
    one = raw(*chunks, kind="tcp", url="https://api.openai.com", time=1e5, _id="a:b/c")
    path = tmp_path / "x.har"
    path.write_text(json.dumps({"log": {"entries": [one]}}))

    pipeline, spans = Pipeline(settings(Config(), session(path)), strict=True), []
    for fact in read(path):
        spans += [s for s in pipeline.feed(fact) if isinstance(s, ReadableSpan)]
        assert pipeline.account.balanced
    (call,) = (s for s in spans if s.name.startswith("hexr.llm."))
    assert call.attributes["hexr.exchange.id"] == "a:b/c"
    assert call.attributes["hexr.capture.source"] == "har"
    assert call.resource.attributes["service.name"] == "har"
    assert "process.pid" not in call.resource.attributes
    assert pipeline.account.open == 0
