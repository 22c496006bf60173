"""What the wire room costs: one event of a stream, one small JSON exchange, a megabyte of redaction, a long body skimmed.

Each figure stands beside a baseline of the same run, `json.loads` of the same bytes, since machines differ.
Run it as `python -m benchmarks.wire`.
"""

import base64
import json
import struct
import time
import zlib

from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Conn, Key, Tick
from hexr_autoinst.wire import redact
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.awsevents import AwsEvents
from hexr_autoinst.wire.skim import Skim

ROUNDS = 7
EVENTS = 2000
EXCHANGES = 300
CONN = Conn(Key(1, 1), 1, 0)
PROSE = "The quick brown fox jumps over the lazy dog; then it asks whether a task-based scheme is a risk. "


def best(work) -> float:
    """Seconds of the fastest of some rounds: noise only ever adds."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def chunks(turns):
    seq = {"out": 0, "in": 0}
    for at, (direction, data) in enumerate(turns):
        yield Chunk(at, "ebpf", CONN, direction, seq[direction], data)
        seq[direction] += 1


def play(facts) -> int:
    wire = Wire(b"salt")
    heard = sum(len(wire.feed(fact)) for fact in facts)
    return heard + len(wire.feed(Tick(END_OF_TIME)))


def request(body: bytes) -> bytes:
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nAccept: application/json\r\n"
        b"Authorization: Bearer sk-0123456789abcdef0123456789\r\nUser-Agent: OpenAI/Python 1.0\r\n"
        b"X-Stainless-Lang: python\r\nX-Stainless-Runtime: CPython\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )


def stream() -> None:
    event = json.dumps({
        "id": "chatcmpl-AbCdEf0123456789", "object": "chat.completion.chunk", "created": 1700000000, "model": "gpt-4o",
        "choices": [{"index": 0, "delta": {"content": " word"}, "logprobs": None, "finish_reason": None}],
    }).encode()  # fmt: skip
    data = b"data: " + event + b"\n\n"
    piece = b"%x\r\n%s\r\n" % (len(data), data)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    turns = [("out", request(b"{}")), ("in", head), *[("in", piece)] * EVENTS, ("in", b"0\r\n\r\n")]
    facts = list(chunks(turns))
    cost = best(lambda: play(facts)) / EVENTS
    base = best(lambda: [json.loads(event) for _ in range(EVENTS)]) / EVENTS
    print(f"stream event ({len(data)} B)      {cost * 1e6:7.1f} µs   {cost / base:5.1f} x json.loads")


def exchange() -> None:
    asked = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": PROSE * 9}]}).encode()
    said = json.dumps({
        "id": "chatcmpl-AbCdEf0123456789", "choices": [{"message": {"role": "assistant", "content": PROSE * 9}}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46},
    }).encode()  # fmt: skip
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(said)
    facts = list(chunks([("out", request(asked)), ("in", head + said)] * EXCHANGES))
    cost = best(lambda: play(facts)) / EXCHANGES
    base = best(lambda: [(json.loads(asked), json.loads(said)) for _ in range(EXCHANGES)]) / EXCHANGES
    print(
        f"exchange ({len(asked) + len(said)} B of JSON) {cost * 1e6:7.1f} µs   {cost / base:5.1f} x json.loads"
    )


def redaction() -> None:
    messages = [{"role": "user", "content": PROSE * 10, "id": f"msg_{n}"} for n in range(1000)]
    text = json.dumps({"messages": messages}).encode()
    cost = best(lambda: redact.text(text))
    base = best(lambda: json.loads(text))
    print(f"redaction             {len(text) / cost / 1e6:7.1f} MB/s {cost / base:5.1f} x json.loads")


def aws() -> None:
    inner = json.dumps(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " word"}}
    ).encode()
    payload = json.dumps({"bytes": base64.b64encode(inner).decode(), "p": "abcdefghijklmn"}).encode()
    block = b"".join(
        bytes((len(name),)) + name + b"\7" + struct.pack(">H", len(value)) + value
        for name, value in ((b":event-type", b"chunk"), (b":content-type", b"application/json"), (b":message-type", b"event"))
    )  # fmt: skip
    data = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    data += struct.pack(">I", zlib.crc32(data)) + block + payload
    data += struct.pack(">I", zlib.crc32(data))
    framing = AwsEvents(1 << 20)
    cost = best(lambda: [framing.feed(data, 1) for _ in range(EVENTS)]) / EVENTS
    base = best(lambda: [json.loads(inner) for _ in range(EVENTS)]) / EVENTS
    print(f"Amazon message ({len(data)} B)    {cost * 1e6:7.1f} µs   {cost / base:5.1f} x json.loads")


def skimming() -> None:
    number = [n / 7 for n in range(1536)]
    message = {"role": "user", "content": PROSE * 20}
    bodies = {
        "a long string": {"data": "QUJD" * 5_000_000, "usage": {"total_tokens": 7}},
        "strings with escapes": {"text": (PROSE + '\n"') * 100_000, "usage": {"total_tokens": 7}},
        "vectors": {"data": [{"index": n, "embedding": number} for n in range(400)], "usage": {"total_tokens": 7}},
        "messages": {"messages": [message] * 5000, "stream": True},
        "small members": {"a": {str(n): n for n in range(400_000)}, "usage": {"total_tokens": 7}},
    }  # fmt: skip
    for name, body in bodies.items():
        text = json.dumps(body).encode()
        pieces = [text[n : n + 16_384] for n in range(0, len(text), 16_384)]
        cost, base = best(lambda pieces=pieces: skim(pieces)), best(lambda text=text: json.loads(text))
        print(f"skim {name:21} {len(text) / cost / 1e6:7.0f} MB/s {cost / base:5.2f} x json.loads")


def skim(pieces) -> bytes:
    made = Skim()
    for piece in pieces:
        made.feed(piece)
    return made.end()


if __name__ == "__main__":
    stream()
    exchange()
    redaction()
    aws()
    skimming()
