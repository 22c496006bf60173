"""What each protocol of a connection costs the wire room, an exchange or a message; beside it `json.loads` of the same bytes.

Run it as `python -m benchmarks.protocols`.
"""

import json
import struct
import zlib

import hpack

from benchmarks.wire import CONN, EVENTS, EXCHANGES, best, chunks, play
from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Tick
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.framing.http2 import PREFACE

ASKED = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "word " * 100}]}).encode()
SAID = json.dumps(
    {
        "id": "chatcmpl-AbCdEf0123456789",
        "choices": [{"message": {"role": "assistant", "content": "word " * 100}}],
    }
).encode()
EVENT = json.dumps(
    {
        "type": "response.output_text.delta",
        "item_id": "msg_0123456789abcdef",
        "output_index": 0,
        "delta": " word",
    }
).encode()
HEADS = [
    (":method", "POST"), (":scheme", "https"), (":authority", "api.openai.com"), (":path", "/v1/chat/completions"),
    ("accept", "application/json"), ("authorization", "Bearer sk-0123456789abcdef0123456789"), ("user-agent", "OpenAI/Python 1.0"),
    ("x-stainless-lang", "python"), ("content-type", "application/json"),
]  # fmt: skip


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def message(data: bytes) -> bytes:
    return struct.pack(">BI", 0, len(data)) + data


def http2(exchanges: int, kind: str, asked: bytes, said: list[bytes]):
    """Turns of one connection, an exchange after the other; each piece of an answer is a read."""
    client, server = hpack.Encoder(), hpack.Encoder()
    yield "out", PREFACE + frame(4, 0, 0, b"")
    yield "in", frame(4, 0, 0, b"")
    for n in range(exchanges):
        stream = 2 * n + 1
        fields = [*HEADS[:-1], ("content-type", kind), ("x-request-id", f"req_{n:024}")]
        yield "out", frame(1, 4, stream, client.encode(fields)) + frame(0, 1, stream, asked)
        answer = [(":status", "200"), ("content-type", kind), ("x-request-id", f"req_{n:024}")]
        yield "in", frame(1, 4, stream, server.encode(answer))
        for piece in said:
            yield "in", frame(0, 0, stream, piece)
        yield "in", frame(0, 1, stream, b"")


def report(name: str, cost: float, unit: bytes) -> None:
    base = best(lambda: [json.loads(unit) for _ in range(EVENTS)]) / EVENTS
    print(f"{name:36} {cost * 1e6:7.1f} µs   {cost / base:5.1f} x json.loads")


def over_http2() -> None:
    facts = list(chunks(http2(EXCHANGES, "application/json", ASKED, [SAID])))
    report(f"HTTP/2 exchange ({len(ASKED + SAID)} B of JSON)", best(lambda: play(facts)) / EXCHANGES, ASKED)
    data = b"data: " + EVENT + b"\n\n"
    facts = list(chunks(http2(1, "text/event-stream", ASKED, [data] * EVENTS)))
    report(f"HTTP/2 stream event ({len(data)} B)", best(lambda: play(facts)) / EVENTS, EVENT)
    facts = list(chunks(http2(1, "application/grpc", message(EVENT), [message(EVENT)] * EVENTS)))
    report(f"gRPC message ({len(EVENT)} B)", best(lambda: play(facts)) / EVENTS, EVENT)


def websocket(data: bytes, mask: bytes, rsv: int = 0) -> bytes:
    head = bytes((0x81 | rsv, (0x80 if mask else 0) | (min(126, len(data)))))
    head += struct.pack(">H", len(data)) if len(data) > 125 else b""
    return head + mask + bytes(b ^ mask[n % 4] if mask else b for n, b in enumerate(data))


def over_websocket() -> None:
    up = b"GET /realtime HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    switch = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    window = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = [(window.compress(EVENT) + window.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(EVENTS)]
    for name, direction, told in (
        ("from the client", "out", [websocket(EVENT, b"\1\2\3\4")] * EVENTS),
        ("from the server", "in", [websocket(EVENT, b"")] * EVENTS),
        ("compressed", "in", [websocket(data, b"", 0x40) for data in packed]),
    ):
        facts = list(chunks([("out", up), ("in", switch), *((direction, one) for one in told)]))
        cost = best(lambda facts=facts: play(facts)) / EVENTS
        report(f"WebSocket message {name} ({len(EVENT)} B)", cost, EVENT)


def over_the_rest() -> None:
    asked = b"*3\r\n$6\r\nGETDEL\r\n$20\r\nagent:0123456789abcd\r\n$2\r\nEX\r\n"
    facts = list(chunks([("out", asked), ("in", b"$200\r\n" + b"v" * 200 + b"\r\n")] * EVENTS))
    report("RESP command with its answer", best(lambda: play(facts)) / EVENTS, EVENT)
    call = (
        b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":2}}}\n'
    )
    facts = [Chunk(n, "ebpf", CONN, "out", n, call, medium="pipe") for n in range(EVENTS)]

    def lines() -> None:
        wire = Wire(b"salt")
        for fact in facts:
            wire.feed(fact)
        wire.feed(Tick(END_OF_TIME))

    report(f"line of JSON on a pipe ({len(call)} B)", best(lines) / EVENTS, call)


if __name__ == "__main__":
    over_http2()
    over_websocket()
    over_the_rest()
