"""Runs of HTTP and WebSocket through both doors, cut anywhere, and from a veiled recording: one telling of them all."""

import json
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst.config import Config, Session
from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Closed, Conn, Data, End, Head, Key, Process, Tick
from hexr_autoinst.pipeline import Pipeline
from hexr_autoinst.settings import settings

MS = 1_000_000
T0 = 1_767_225_600_000 * MS
KEY = Key(7, 7)
SECRET = "sk-planted-0123456789abcdefghij"
SESSION = Session(5, "aa", "bb", "host")
SIZES = (5, 1 << 16)


@dataclass
class Talk:
    """One exchange. `said`: after an upgrade, (side, text or bytes) each. `answer` None: none ever comes."""

    method: str
    url: str
    body: object = None
    answer: object = None
    status: int = 200
    headers: tuple = ()
    answer_headers: tuple = ()
    said: tuple = ()
    closes: bool = True
    key: Key = KEY


def post(url, body=None, answer=None, **more):
    return Talk("POST", url, body, answer, **more)


def socket(url, *said, **more):
    """A WebSocket, its messages as (side, value)."""
    return Talk("GET", url, None, b"", 101, said=said, **more)


def raw(value):
    if isinstance(value, bytes):
        return value
    return b"" if value is None else json.dumps(value).encode()


def _text(value):
    return value if isinstance(value, bytes) else value if isinstance(value, str) else json.dumps(value)


def _frame(side, value, opcode=None):
    text = _text(value)
    data = text.encode() if isinstance(text, str) else text
    opcode = opcode or (1 if isinstance(text, str) else 2)
    masked, mask = side == "request", b"\x11\x22\x33\x44"
    size = len(data)
    if size > 65535:
        length = bytes([0x80 * masked + 127]) + struct.pack(">Q", size)
    elif size > 125:
        length = bytes([0x80 * masked + 126]) + struct.pack(">H", size)
    else:
        length = bytes([0x80 * masked + size])
    if masked:
        data = mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))
    return bytes([0x80 | opcode]) + length + data


def _fields(talk):
    host = urlsplit(talk.url).netloc
    upgrade = (("Upgrade", "websocket"), ("Connection", "Upgrade")) if talk.status == 101 else ()
    typed = (("Content-Type", "application/json"),) if talk.body is not None else ()
    given = {n.lower() for n, _ in talk.headers}
    typed = tuple((n, v) for n, v in typed if n.lower() not in given)
    return (("Host", host), ("Authorization", f"Bearer {SECRET}"), *upgrade, *typed, *talk.headers), upgrade


def by_bytes(talks, size):
    at = T0
    for number, talk in enumerate(talks):
        conn, seq = Conn(talk.key, number, 0), {"out": 0, "in": 0}
        url = urlsplit(talk.url)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        medium = "tls" if url.scheme in ("https", "wss") else "socket"
        fields, upgrade = _fields(talk)
        body, answer = raw(talk.body), raw(talk.answer)
        head = f"{talk.method} {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in fields)
        pieces = [("out", head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)]
        if talk.answer is not None:
            head = f"HTTP/1.1 {talk.status} X\r\n" + "".join(
                f"{n}: {v}\r\n" for n, v in (*upgrade, *talk.answer_headers)
            )
            sized = b"" if upgrade else b"Content-Length: %d\r\n" % len(answer)
            if ("Transfer-Encoding", "chunked") in talk.answer_headers:
                sized, answer = b"", b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer), answer)
            pieces.append(("in", head.encode() + sized + b"\r\n" + answer))
        pieces += [("out" if side == "request" else "in", _frame(side, value)) for side, value in talk.said]
        if talk.said and talk.closes:
            pieces += [
                ("out", _frame("request", struct.pack(">H", 1000), 8)),
                ("in", _frame("response", struct.pack(">H", 1000), 8)),
            ]
        for direction, data in pieces:
            for place in range(0, len(data), size):
                at += MS // 100
                yield Chunk(
                    at, "ebpf", conn, direction, seq[direction], data[place : place + size], medium=medium
                )
                seq[direction] += 1
        at += 10 * MS
        if talk.closes:
            yield Closed(at, "ebpf", conn, talk.key)
    yield Tick(at + 1)
    yield Tick(END_OF_TIME)


def by_messages(talks, size):
    at = T0
    for number, talk in enumerate(talks):
        flow, url = f"f{number}", urlsplit(talk.url)
        fields, upgrade = _fields(talk)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        at += 10 * MS
        said = {
            "method": talk.method,
            "scheme": {"ws": "http", "wss": "https"}.get(url.scheme, url.scheme),
            "authority": url.netloc,
            "target": target,
        }
        yield Head(at, "proxy", flow, "request", talk.key, f"c{number}", headers=fields, **said)
        for data in _cut(raw(talk.body), size):
            yield Data(at := at + MS // 100, "proxy", flow, "request", data)
        if not upgrade:
            yield End(at, "proxy", flow, "request")
        if talk.answer is None:
            continue
        headers = tuple(h for h in talk.answer_headers if h[0] != "Transfer-Encoding")
        if ("Transfer-Encoding", "chunked") not in talk.answer_headers and not upgrade:
            headers = (*headers, ("Content-Length", str(len(raw(talk.answer)))))
        yield Head(at := at + MS, "proxy", flow, "response", status=talk.status, headers=(*upgrade, *headers))
        for data in _cut(raw(talk.answer), size):
            yield Data(at := at + MS // 100, "proxy", flow, "response", data)
        for side, value in talk.said:
            text = _text(value)
            kind = "text" if isinstance(text, str) else "binary"
            pieces = _cut(text.encode() if isinstance(text, str) else text, size) or [b""]
            for place, data in enumerate(pieces, 1):
                yield Data(
                    at := at + MS // 100, "proxy", flow, side, data, message=kind, more=place < len(pieces)
                )
        if talk.closes:
            if upgrade:
                yield Data(at := at + MS, "proxy", flow, "request", struct.pack(">H", 1000), message="close")
                yield End(at, "proxy", flow, "request")
            yield End(at, "proxy", flow, "response")
    yield Tick(at + 1)
    yield Tick(END_OF_TIME)


def _cut(data, size):
    return [data[place : place + size] for place in range(0, len(data), size)]


AGENT = Process(
    T0, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "agent.py"), {"HEXR_AGENT_NAME": "a"}, started=T0
)


def play(facts, *, hand=None, **config):
    """The spans of operations that these facts tell."""
    pipeline = Pipeline(settings(Config(**config), SESSION), strict=True)
    if hand is not None:
        pipeline.veil(hand, b"seal")
    told = [one for fact in facts for one in pipeline.feed(fact) if isinstance(one, ReadableSpan)]
    assert pipeline.account.open == 0
    assert pipeline.account.balanced
    assert SECRET not in "".join(one.to_json() for one in told)
    return [one for one in told if one.name != "hexr.agent.invoke"]


_HOW = ("hexr.capture.source", "hexr.capture.seen_by", "hexr.exchange.id")


def _plain(span):
    said = {k: v for k, v in span.attributes.items() if k not in _HOW and not k.startswith("hexr.llm.phase")}
    return span.name, span.status.status_code.name == "ERROR", said


def tell(*talks, sizes=SIZES, doors=(by_bytes, by_messages), veil=True, **config):
    """What is told of these exchanges: (name, failed, attributes) each, the same by every door.

    A call that nobody knows is a call of anybody's API, which has tests of its own: it is left out.
    """
    tellings = {}
    for door in doors:
        for size in sizes:
            handed = []
            live = play([AGENT, *door(talks, size)], hand=handed.append, **config)
            tellings[door.__name__, size] = [_plain(s) for s in live if s.name != "hexr.tool.invoke"]
            if veil and not config:
                again = play(handed)
                assert [s.to_json() for s in live] == [s.to_json() for s in again]
    first = next(iter(tellings.values()))
    for which, found in tellings.items():
        assert first == found, which
    return first


def only(*talks, **more):
    """The attributes of the one span that is told, and whether it failed."""
    ((name, failed, said),) = tell(*talks, **more)
    return name, failed, said


def facts(said, *keys):
    return {key: said[key] for key in keys if key in said}
