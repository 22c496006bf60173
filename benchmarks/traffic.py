"""The traffic that the benchmarks feed: model calls in three dialects as facts of the kernel plane, and the JSON that is in them."""

import json
from dataclasses import dataclass

from hexr_autoinst.demo import answers
from hexr_autoinst.model.facts import Chunk, Closed, Conn, Key

KEY = Key(100, 1)
AT = 1_800_000_000_000_000_000
_PROSE = "Say in a sentence or two what the weather is like where the traveler is going, and what to wear. "
_CITY = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "The city's name, in English"}},
}
_TOOL = {
    "name": "get_weather",
    "description": "The weather of a city today, and how it will be for three days",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API: where it is, how a request with these words is asked, how it answers whole and streamed."""

    name: str
    host: str
    path: str
    ask: object
    whole: object
    stream: object


def _chat(said):
    tools = [{"type": "function", "function": {**_TOOL, "parameters": _CITY}}]
    messages = [{"role": "system", "content": _PROSE * 3}, {"role": "user", "content": said}]
    return {"model": "gpt-4o", "messages": messages, "tools": tools, "temperature": 0.2}


def _responses(said):
    tools = [{"type": "function", **_TOOL, "parameters": _CITY}]
    return {
        "model": "gpt-4o",
        "instructions": _PROSE * 3,
        "input": [{"role": "user", "content": said}],
        "tools": tools,
    }


def _messages(said):
    tools = [{**_TOOL, "input_schema": _CITY}]
    messages = [{"role": "user", "content": [{"type": "text", "text": said}]}]
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 1024,
        "system": _PROSE * 3,
        "messages": messages,
        "tools": tools,
    }


DIALECTS = (
    Dialect("OpenAI chat", "api.openai.com", "/v1/chat/completions", _chat, answers.chat, answers.chat_stream),
    Dialect("OpenAI Responses", "api.openai.com", "/v1/responses", _responses, answers.responses, answers.responses_stream),
    Dialect("Anthropic", "api.anthropic.com", "/v1/messages", _messages, answers.messages, answers.messages_stream),
)  # fmt: skip


def _request(dialect, body):
    head = (
        f"POST {dialect.path} HTTP/1.1\r\nHost: {dialect.host}\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nUser-Agent: OpenAI/Python 2.41.0\r\n"
        f"X-Stainless-Lang: python\r\nX-Stainless-Package-Version: 2.41.0\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n"
        f"X-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.11.2\r\nX-Stainless-Async: false\r\n"
        f"Authorization: Bearer sk-benchmark-0000000000000000\r\nx-stainless-retry-count: 0\r\nx-stainless-read-timeout: 600\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answer(more):
    return (
        b"HTTP/1.1 200 OK\r\nDate: Fri, 27 Nov 2026 03:00:00 GMT\r\n" + more + b"Connection: keep-alive\r\n"
        b"openai-processing-ms: 412\r\nopenai-version: 2020-10-01\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n"
        b"x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\nx-ratelimit-limit-tokens: 2000000\r\n"
        b"x-ratelimit-remaining-tokens: 1999000\r\nServer: cloudflare\r\nCF-RAY: 8a1b2c3d4e5f6a7b-OSL\r\n\r\n"
    )


def exchanges(dialect, count, per_connection=10):
    """(facts, bodies) of `count` whole exchanges of about 2 KB of JSON, ten on each connection."""
    # A question that the demo's model answers in words, not with its tool: it has that tool's result already.
    asked = dialect.ask(f"{_PROSE}words: 60")
    said = json.dumps(dialect.whole({**asked, "tools": []})).encode()
    asked = json.dumps(asked).encode()
    head = _answer(b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(said))
    facts = []
    for n in range(count):
        handle, ordinal = divmod(n, per_connection)
        conn, at = Conn(KEY, handle, 1), AT + n * 20_000_000
        facts.append(Chunk(at, "ebpf", conn, "out", ordinal, _request(dialect, asked)))
        facts.append(Chunk(at + 5_000_000, "ebpf", conn, "in", ordinal, head + said))
        if ordinal == per_connection - 1:
            facts.append(Closed(at + 10_000_000, "ebpf", conn, KEY))
    return facts, [asked, said] * count


def events(dialect, words):
    """The data of a stream's events, as JSON text: (event's name, data)."""
    asked = {**dialect.ask(f"words: {words}"), "tools": [], "stream": True}
    told = [
        (name, data if isinstance(data, str) else json.dumps(data)) for name, data in dialect.stream(asked)
    ]
    return json.dumps(asked).encode(), told


def stream(dialect, words, per_chunk=1, handle=0):
    """(facts, bodies) of one stream whose TLS records hold `per_chunk` events each, as HTTP chunks of one event."""
    asked, told = events(dialect, words)
    raw = [
        (f"event: {name}\n" if name else "").encode() + f"data: {data}\n\n".encode() for name, data in told
    ]
    raw = [b"%x\r\n%s\r\n" % (len(r), r) for r in raw]
    parts = [b"".join(raw[n : n + per_chunk]) for n in range(0, len(raw), per_chunk)]
    head = _answer(b"Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n")
    conn = Conn(KEY, handle, 1)
    facts = [Chunk(AT, "ebpf", conn, "out", 0, _request(dialect, asked))]
    facts += [
        Chunk(AT + 1_000_000 * (n + 1), "ebpf", conn, "in", n, part)
        for n, part in enumerate((head, *parts, b"0\r\n\r\n"))
    ]
    facts.append(Closed(facts[-1].at + 1, "ebpf", conn, KEY))
    return facts, [data.encode() for _, data in told if data.startswith("{")]
