"""A conversation of `talks` as facts for the whole pipeline: HTTP and gRPC as the proxy tells them, pipes as the bytes that the kernel saw."""

import json
import struct
from dataclasses import replace

from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Closed, Conn, Data, End, Head, Tick
from tests.dissect.doors import CALLER, MS, T0


class Played:
    """One run: where each connection is."""

    def __init__(self):
        self.at = T0
        self.asks = 0
        self.pipes = {}
        self.grpc = {}

    def facts(self, steps):
        for step in steps:
            self.at = T0 + step["at"] * MS if "at" in step else self.at + MS
            yield from self._step(step)
        yield Tick(self.at + 90_000 * MS)
        yield Tick(END_OF_TIME)

    def _step(self, step):
        if "open" in step:
            yield from self._ask(step)
        elif "part" in step:
            yield self._data("response", step["part"], body(step))
        elif "head" in step:
            yield self._head("response", step["head"], step)
        elif "answer" in step:
            yield self._head("response", step["answer"], step)
            yield self._data("response", step["answer"], body(step))
            yield End(self.at, "proxy", step["answer"], "response")
        elif "end" in step:
            yield End(self.at, "proxy", step["end"], "response", step.get("error", ""))
        elif "pipe" in step:
            self.pipes[step["pipe"]] = (Conn(CALLER, 1 + len(self.pipes), 0), {"out": 0, "in": 0})
        elif "line" in step:
            yield self._line(step)
        elif "grpc" in step:
            fields = {"content-type": "application/grpc", "te": "trailers", **step.get("headers", {})}
            yield self._head(
                "request",
                step["grpc"],
                {"url": f"POST http://agent.test:50051{step['path']}", "headers": fields},
            )
            self.grpc[step["grpc"]] = False
        elif "message" in step:
            yield from self._message(step)
        elif "close" in step:
            yield from self._close(step)

    def _ask(self, step):
        yield self._head("request", step["open"], step)
        if "body" in step or "text" in step:
            yield self._data("request", step["open"], body(step))
        yield End(self.at, "proxy", step["open"], "request")

    def _head(self, side, flow, step):
        pairs = tuple(step.get("headers", {}).items())
        head = Head(self.at, "proxy", flow, side, CALLER, "c", headers=pairs)
        if side == "response":
            return replace(head, status=step.get("status", 200))
        method, _, url = step["url"].partition(" ")
        scheme, _, rest = url.partition("://")
        authority, slash, target = rest.partition("/")
        self.asks += 1
        return replace(
            head, ordinal=self.asks, method=method, scheme=scheme, authority=authority, target=slash + target
        )

    def _data(self, side, flow, data):
        return Data(self.at, "proxy", flow, side, data)

    def _line(self, step):
        conn, seqs = self.pipes[step["line"]]
        direction = "out" if step["from"] == "client" else "in"
        seqs[direction] += 1
        return Chunk(self.at, "ebpf", conn, direction, seqs[direction] - 1, body(step) + b"\n", medium="pipe")

    def _message(self, step):
        flow, raw = step["message"], bytes.fromhex(step["hex"])
        if step["from"] == "server" and not self.grpc[flow]:
            self.grpc[flow] = True
            yield self._head("response", flow, {"headers": {"content-type": "application/grpc"}})
        side = "request" if step["from"] == "client" else "response"
        yield self._data(side, flow, struct.pack(">BI", 0, len(raw)) + raw)

    def _close(self, step):
        name = step["close"]
        if name in self.pipes:
            yield Closed(self.at, "ebpf", self.pipes[name][0], CALLER)
            return
        yield End(self.at, "proxy", name, "request")
        if not self.grpc[name]:
            yield self._head("response", name, {"headers": {"content-type": "application/grpc"}})
        yield End(self.at, "proxy", name, "response", trailers=tuple(step.get("trailers", {}).items()))


def body(step):
    """The bytes of a step."""
    if "text" in step:
        return step["text"].encode()
    if "sse" in step:
        return f"event: message\ndata: {json.dumps(step['sse'])}\n\n".encode()
    return json.dumps(step["body"]).encode() if "body" in step else b""
