"""What it costs to say who did it and under what: one span in each setting, and the memory of ten thousand open operations.

Run it as `python -m benchmarks.correlate`; `--write` puts its table into docs/performance.md. Times are processor time of the room alone: every
`asked`, `ended` and tick of a setting, over the spans that come of it.
"""

import argparse
import gc
import json
import statistics
import time
import tracemalloc
from dataclasses import replace

from benchmarks import page
from hexr_autoinst.correlate import Correlate, Rules
from hexr_autoinst.model.exchange import Exchange, Request, Response
from hexr_autoinst.model.facts import END_OF_TIME, Conn, Key, Process, Tick
from hexr_autoinst.model.operation import AgentCall, ModelCall, Thread, ToolCall, ToolResult, Usage
from hexr_autoinst.model.story import CodeRun, Invocation, Placed, ToolRun

ROUNDS = 3
SPANS = 2000
OPEN = 10_000
S, MS = 1_000_000_000, 1_000_000
T0 = 1_700_000_000 * S
RULES = Rules(host="box", salt=b"salt", key=b"key")
TOLD = (Placed, Invocation, ToolRun, CodeRun)


class Play:
    """A room, the time, and how many spans it has told."""

    def __init__(self, agents=1):
        self.room, self.now, self.count, self.spans = Correlate(RULES), T0, 0, 0
        self.spent = 0
        self.keys = [Key(100 + n, 1) for n in range(agents)]
        for key in self.keys:
            self.room.world(
                Process(
                    self.now, "ebpf", key, None, "/usr/bin/python3", ("python3", f"/srv/agent{key.pid}.py")
                )
            )

    def exchange(self, key, took=MS):
        self.count += 1
        self.now += took
        request = Request(
            self.now,
            "POST",
            "https",
            "api.openai.com",
            443,
            "/v1/chat/completions",
            body=b"{}",
            ended=self.now,
        )
        return Exchange(
            f"x{self.count}", "ebpf", key, Conn(key, 1, 1), self.count, "client", request, facts=3
        )

    def asked(self, exchange, operation=None):
        begin = time.process_time_ns()
        self.room.asked(exchange, "", operation)
        self.spent += time.process_time_ns() - begin

    def ended(self, exchange, operation):
        self.now += MS
        exchange = replace(exchange, response=Response(self.now, 200, ended=self.now))
        begin = time.process_time_ns()
        told = self.room.ended(exchange, operation)
        self.spent += time.process_time_ns() - begin
        self.spans += sum(isinstance(t, TOLD) for t in told)

    def done(self):
        self.spans += sum(isinstance(t, TOLD) for t in self.room.world(Tick(END_OF_TIME)))


def call(*tools, **more):
    return ModelCall(
        "chat", "chat", "openai", usage=Usage(1000, 50), finish_reasons=("stop",),
        tool_calls=tuple(ToolCall(t, i, digest=i.encode()) for t, i in tools), **more,
    )  # fmt: skip


def thread(name, length, results=()):
    history = tuple(f"{name}/{n}".encode() for n in range(max(0, length - 128), length))
    return Thread(
        history=history, tools=True, fresh=not results, results=tuple(ToolResult(r) for r in results)
    )


def plain(play, spans):
    """Calls of one script, one after the other."""
    for _ in range(spans):
        one = play.exchange(play.keys[0])
        play.asked(one)
        play.ended(one, call())


def looping(play, spans, name="a", length=1):
    """A conversation that asks for two tools in each answer, with an MCP call for one: four spans a step."""
    results, key = (), play.keys[0]
    for step in range(spans // 4):
        one = play.exchange(key)
        play.asked(one, thread(name, length, results))
        results = (f"r{step}", f"s{step}")
        play.ended(one, call(("read", results[0]), ("write", results[1])))
        tool = AgentCall("mcp", "tools/call", "call", target="read", digest=results[0].encode())
        two = play.exchange(key)
        play.asked(two, tool)
        play.ended(two, tool)
        length += 3


def many(play, spans):
    """A hundred conversations of one process at one time, each goes on in turn."""
    said, results = [1] * 100, [()] * 100
    for step in range(spans // 2 // 100):
        open_ = []
        for n in range(100):
            one = play.exchange(play.keys[0], 1000)
            play.asked(one, thread(f"c{n}", said[n], results[n]))
            open_.append(one)
            said[n] += 2
        for n, one in enumerate(open_):
            results[n] = (f"{n}-{step}",)
            play.ended(one, call(("look", results[n][0])))


def agents(play, spans):
    """A thousand agents, one call each at a time."""
    for n in range(spans):
        one = play.exchange(play.keys[n % len(play.keys)], 1000)
        play.asked(one, thread(f"a{n % len(play.keys)}", n // len(play.keys) * 2 + 1))
        play.ended(one, call())


SETTINGS = {
    "calls of one script": (plain, 1),
    "a conversation with tools, its history 3000 messages long": (looping, 1),
    "100 conversations of one process at one time": (many, 1),
    "1000 agents": (agents, 1000),
}


def cost(work, how_many):
    """Microseconds a span: the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        play = Play(how_many)
        gc.collect()
        work(play, SPANS)
        play.done()
        times.append(play.spent / play.spans / 1000)
    return statistics.median(times)


def yardstick():
    """Microseconds of reading a small JSON text, for comparison: machines differ, and are busy."""
    text = json.dumps({"messages": [{"role": "user", "content": "word " * 10}] * 4})
    begin = time.process_time()
    for _ in range(20_000):
        json.loads(text)
    return (time.process_time() - begin) / 20_000 * 1e6


def memory():
    """What ten thousand open operations hold, each a request of 2 kB and a history of 100 messages; and what is left of them."""
    play, body = Play(100), b"x" * 2000
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    open_ = []
    for n in range(OPEN):
        one = play.exchange(play.keys[n % 100], 1000)
        one = replace(one, request=replace(one.request, body=bytes(body)))
        play.asked(one, thread(f"t{n}", 100))
        open_.append(one)
    held = (tracemalloc.get_traced_memory()[0] - before) / OPEN
    begin = time.process_time()
    while open_:
        play.ended(open_.pop(), call(("look", f"id{len(open_)}")))
    took = (time.process_time() - begin) / OPEN
    play.done()
    gc.collect()
    left = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return held, took * 1e6, left


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    args = parser.parse_args()
    lines = ["| setting | a span | in times of `json.loads` of 300 bytes |", "|---|---|---|"]
    for name, (work, how_many) in SETTINGS.items():
        base, spent = yardstick(), cost(work, how_many)
        lines.append(f"| {name} | {spent:.0f} µs | {spent / base:.0f} |")
    held, took, left = memory()
    lines += [
        "",
        f"{OPEN:,} operations open at one time, each with a request of 2 kB and a history of 100 messages: {held / 1024:.1f} KiB each,",
        f"{took:.0f} µs to end one under tracemalloc; {left / 1024 / 1024:.1f} MiB stay for conversations that may go on.",
    ]
    text = "\n".join(lines)
    print(text)
    if args.write:
        page.write("correlate", text)


if __name__ == "__main__":
    main()
