"""A conversation over several exchanges, as a script: what is posted, fetched, said on pipes, in order, and the calls it must be told as.

HTTP goes through the wire room, so that framing and redaction are the real ones. Lines of pipes and messages of gRPC are given to
the listener as the frames that they are. Every step has `at` (ms) or follows the last by one millisecond.
"""

import json
from dataclasses import replace
from pathlib import Path

from hexr_autoinst.dissect.claim import Begun, listens, question
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Frame, Headers, Request, Response, Said
from hexr_autoinst.model.facts import END_OF_TIME, Data, End, Head, Key, Tick
from hexr_autoinst.wire.assembly import Wire
from tests.dissect.asked import chosen
from tests.dissect.protocols.played import body

MS = 1_000_000
T0 = 1_767_225_600_000 * MS
FOLDER = Path(__file__).parent / "talks"
TALKS = sorted(FOLDER.glob("*.json"))
CALLER = Key(7, 7)


class Conversation:
    """One run of the dissectors: what has begun and what is done."""

    def __init__(self, *, content=False):
        self.wire = Wire(b"salt")
        self.memory = Memory()
        self.content = content
        self.readers = {}
        self.open = {}
        self.begun = []
        self.done = []
        self.unclaimed = []
        self.at = T0
        self.asks = 0

    def run(self, steps):
        for step in steps:
            self.at = T0 + step["at"] * MS if "at" in step else self.at + MS
            self._step(step)
        self._feed(Tick(END_OF_TIME))
        return self

    def _step(self, step):
        if "open" in step:
            self._ask(step)
        elif "part" in step:
            self._feed(self._data("response", step["part"], body(step)))
        elif "head" in step:
            self._feed(self._head("response", step["head"], step))
        elif "answer" in step:
            self._feed(self._head("response", step["answer"], step))
            self._feed(self._data("response", step["answer"], body(step)))
            self._feed(End(self.at, "proxy", step["answer"], "response"))
        elif "end" in step:
            self._feed(End(self.at, "proxy", step["end"], "response", step.get("error", "")))
        elif "pipe" in step:
            request = Request(self.at, "STREAM", "stdio", "", 0, "server.py", ended=self.at)
            self._asked(Exchange(step["pipe"], "ebpf", CALLER, "pipe", 0, "client", request))
        elif "line" in step:
            side = "request" if step["from"] == "client" else "response"
            self._said(step["line"], Frame(self.at, "line", "", body(step).decode(), side=side))
        elif "grpc" in step:
            headers = Headers((("content-type", "application/grpc"), *_pairs(step)))
            request = Request(
                self.at,
                "POST",
                "http",
                "agent.test",
                50051,
                step["path"],
                "",
                "HTTP/2",
                headers,
                ended=self.at,
            )
            self._asked(Exchange(step["grpc"], "ebpf", CALLER, "h2", 0, "client", request))
        elif "message" in step:
            side = "request" if step["from"] == "client" else "response"
            frame = Frame(self.at, "grpc", "", "", side=side, raw=bytes.fromhex(step["hex"]))
            self._said(step["message"], frame)
        elif "close" in step:
            self._close(step)

    def _ask(self, step):
        self._feed(self._head("request", step["open"], step))
        if "body" in step or "text" in step:
            self._feed(self._data("request", step["open"], body(step)))
        self._feed(End(self.at, "proxy", step["open"], "request"))

    def _head(self, side, flow, step):
        head = Head(self.at, "proxy", flow, side, CALLER, "c", headers=_pairs(step))
        if side == "response":
            return replace(head, status=step.get("status", 200))
        method, _, url = step["url"].partition(" ")
        scheme, _, rest = url.partition("://")
        authority, slash, target = rest.partition("/")
        self.asks += 1
        head = replace(head, ordinal=self.asks)
        return replace(head, method=method, scheme=scheme, authority=authority, target=slash + target)

    def _data(self, side, flow, body):
        return Data(self.at, "proxy", flow, side, body)

    def _feed(self, fact):
        for heard in self.wire.feed(fact):
            match heard:
                case Asked(exchange=exchange):
                    self._asked(exchange)
                case Said(id=id_, frame=frame):
                    self._said(id_, frame)
                case Ended(exchange=exchange):
                    self._ended(exchange)

    def _asked(self, exchange):
        about = question(exchange, self.memory)
        dissector = chosen(about)
        if dissector is None:
            self.unclaimed.append(exchange)
            return
        reader = dissector.open(about, content=self.content)
        self.readers[exchange.id] = reader
        self.open[exchange.id] = exchange
        self._heard(reader.begin() if listens(reader) else ())

    def _said(self, id_, frame):
        reader = self.readers.get(id_)
        if reader is not None:
            heard = reader.frame(frame)
            self._heard(heard if listens(reader) else ())

    def _ended(self, exchange):
        reader = self.readers.pop(exchange.id, None)
        if reader is None:
            return
        found = reader.close(exchange)
        if listens(reader):
            self._heard(found)
        elif found is not None:
            self.done.append((exchange, found))

    def _close(self, step):
        exchange = self.open[step["close"]]
        trailers = Headers(tuple(step.get("trailers", {}).items()))
        response = Response(self.at, step.get("status", 200), ended=self.at, trailers=trailers)
        ended = replace(exchange, missing=tuple(step.get("missing", ())))
        self._ended(ended if step.get("unanswered") else replace(ended, response=response))

    def _heard(self, heard):
        for one in heard or ():
            if isinstance(one, Begun):
                self.begun.append(one.exchange)
            else:
                self.done.append((one.exchange, one.operation))


def _pairs(step):
    return tuple(step.get("headers", {}).items())


def told(exchange, call):
    """A call as a script expects it."""
    return {
        "of": exchange.request.path if exchange.request.method != "STREAM" else "pipe",
        "part": exchange.part,
        "began": (exchange.began - T0) // MS,
        "ended": (exchange.ended - T0) // MS,
        "protocol": call.protocol,
        "method": call.method,
        "operation": call.operation,
        "backwards": call.backwards,
        "target": call.target,
        "conversation": call.conversation,
        "failure": call.failure.type if call.failure else None,
        "missing": [*call.missing],
        "join": [*call.join],
        "parent": call.parent,
        "client": call.client_hint,
        "facts": {k: [*v] if isinstance(v, tuple) else v for k, v in call.facts},
        "moments": [[(m.at - T0) // MS, m.name, dict(m.facts)] for m in call.moments],
    }


def script(path):
    return json.loads(path.read_text(encoding="utf-8"))
