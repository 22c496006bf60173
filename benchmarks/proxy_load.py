"""One client of the proxy benchmark: keep-alive connections over TLS, a table of what it felt. Standard library only.

  python proxy_load.py '{"port": ..., "proxy": ..., "ca": ..., "kind": "json", "connections": 16, "each": 100}'

Every connection is opened and warmed; then it says `ready` and waits for a line, so that whoever
started it can read the CPU clocks of others at both ends of exactly what is measured.
"""

import asyncio
import itertools
import json
import ssl
import sys
import time

WARM = {"json": 20, "stream": 1}


class Line:
    """One connection to the model, through the proxy if there is one."""

    def __init__(self, ask):
        self.ask = ask
        self.head = b""

    async def open(self):
        context = ssl.create_default_context(cafile=self.ask["ca"])
        context.set_alpn_protocols(["http/1.1"])
        host = f"localhost:{self.ask['port']}".encode()
        if not self.ask["proxy"]:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.ask["port"], ssl=context, server_hostname="localhost")  # fmt: skip
            return
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.ask["proxy"])
        self.writer.write(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (host, host))
        answer = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in answer.partition(b"\r\n")[0], answer
        await self.writer.start_tls(context, server_hostname="localhost")

    def request(self):
        streamed = self.ask["kind"] == "stream"
        text = f"words: {self.ask['words']} ".ljust(2048 - 120, "x")
        body = json.dumps(
            {"model": "gpt-4o", "stream": streamed, "messages": [{"role": "user", "content": text}]}
        )
        pace = f"x-pace-ms: {self.ask['pace_ms']}\r\n" if streamed else ""
        return (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:{self.ask['port']}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer sk-benchmark-0000000000000000\r\nUser-Agent: benchmark\r\nAccept: */*\r\n{pace}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def json(self):
        """Seconds from the first byte written to the last byte read."""
        began = time.perf_counter()
        self.writer.write(self.request())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        await self.reader.readexactly(length)
        return {"whole": [time.perf_counter() - began]}

    async def stream(self):
        """Seconds to the first byte of the body, and between the events after it."""
        began = time.perf_counter()
        self.writer.write(self.request())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        times = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            piece = await self.reader.readexactly(size + 2)
            # Whoever keeps a body back sends all its events as one piece.
            times += [time.perf_counter()] * piece.count(b"data: ")
        await self.reader.readexactly(2)
        assert len(times) == self.ask["events"], len(times)
        return {
            "first": [times[0] - began],
            "whole": [time.perf_counter() - began],
            "gap": [b - a for a, b in itertools.pairwise(times)],
        }

    async def times(self, count):
        found = {}
        for _ in range(count):
            for key, values in (await getattr(self, self.ask["kind"])()).items():
                found.setdefault(key, []).extend(values)
        return found


def quantiles(values):
    values.sort()
    return {
        "p50": 1e3 * values[len(values) // 2],
        "p99": 1e3 * values[min(len(values) - 1, len(values) * 99 // 100)],
    }


async def main(ask):
    lines = [Line(ask) for _ in range(ask["connections"])]
    for line in lines:
        await line.open()
    await asyncio.gather(*(line.times(WARM[ask["kind"]]) for line in lines))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.perf_counter()
    each = await asyncio.gather(*(line.times(ask["each"]) for line in lines))
    took = time.perf_counter() - began
    found = {key: quantiles([v for one in each for v in one[key]]) for key in each[0]}
    print(json.dumps({**found, "a_second": ask["connections"] * ask["each"] / took}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
