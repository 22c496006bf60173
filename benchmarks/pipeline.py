"""What one fact costs in the teller: µs for each SSE event and each 2 KB exchange, beside json.loads of the same bytes.

.venv/bin/python benchmarks/pipeline.py [--profile [exchanges]]
"""

import cProfile
import json
import pstats
import sys
import time

from hexr_autoinst.config import Config, Session
from hexr_autoinst.demo import answers
from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Closed, Conn, Key, Process, Tick
from hexr_autoinst.pipeline import Pipeline, settings

KEY = Key(100, 1)
SESSION = Session(0, "00" * 16, "11" * 16, "bench")
AT = 1_800_000_000_000_000_000


def request(words, stream):
    body = json.dumps(
        {"model": "gpt-4o", "stream": stream, "messages": [{"role": "user", "content": f"words: {words}"}]}
    )
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\nUser-Agent: OpenAI/Python 3\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body.encode()


def streamed(words):
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    ask = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": f"words: {words}"}]}
    for _, data in answers.chat_stream(ask):
        raw = f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()
        yield b"%x\r\n%s\r\n" % (len(raw), raw)
    yield b"0\r\n\r\n"


def whole(words):
    body = json.dumps(
        answers.chat({"model": "gpt-4o", "messages": [{"role": "user", "content": f"words: {words}"}]})
    ).encode()
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    yield body


def facts(asked, parts, handle, at):
    conn = Conn(KEY, handle, 1)
    yield Chunk(at, "ebpf", conn, "out", 0, asked)
    for n, part in enumerate(parts):
        yield Chunk(at + 1000 * (n + 1), "ebpf", conn, "in", n, part)
    yield Closed(at + 10_000_000, "ebpf", conn, KEY)


def timed(rows):
    pipeline = Pipeline(settings(Config(), SESSION), strict=True)
    pipeline.feed(Process(AT, "ebpf", KEY, None, "/usr/bin/python3", ("python3", "a.py")))
    began = time.perf_counter()
    for fact in rows:
        pipeline.feed(fact)
    took = time.perf_counter() - began
    pipeline.feed(Tick(END_OF_TIME))
    if not pipeline.account.balanced:
        raise SystemExit(f"the account does not hold: {pipeline.account.as_dict()}")
    return took, pipeline.account


def parsed(rows):
    texts = [json.dumps(p.decode("latin-1")) for p in rows]
    began = time.perf_counter()
    for text in texts:
        json.loads(text)
    return time.perf_counter() - began


def main():
    streams = [
        f for n in range(10) for f in facts(request(2000, True), streamed(2000), n, AT + n * 20_000_000)
    ]
    exchanges = [
        f for n in range(1000) for f in facts(request(300, False), whole(300), 1000 + n, AT + n * 20_000_000)
    ]
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(timed, exchanges if "exchanges" in sys.argv else streams)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    for title, rows, n in (("an SSE event", streams, 10 * 2003), ("a 2 KB exchange", exchanges, 1000)):
        took = min(timed(rows)[0] for _ in range(3))
        base = min(parsed([f.data for f in rows if isinstance(f, Chunk)]) for _ in range(3))
        print(
            f"{title}: {1e6 * took / n:.1f} µs; json.loads of the same bytes {1e6 * base / n:.1f} µs; ratio {took / base:.1f}"
        )


if __name__ == "__main__":
    main()
