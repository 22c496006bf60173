"""Cases of connections that carry many model calls: `dialogue.json` in the folders of tests/exchanges, as facts of either plane.

`request`: the lines of the head that asks for the connection. `said`: [side, message], an object of JSON or a close's [code, reason].
`binary`: the server sends its JSON in binary messages. `cut`: who hangs up without a close. Message n is said at T0 + n seconds, the first
of them being number 1, and `expect` tells of each call when it began, had its first output and ended, and what it was.
"""

import json
from dataclasses import replace

from hexr_autoinst.dissect.claim import Begun, choose, question
from hexr_autoinst.model.exchange import Asked, Ended, Said
from hexr_autoinst.model.facts import END_OF_TIME, Address, Chunk, Closed, Data, End, Exited, Opened, Tick
from hexr_autoinst.wire.assembly import Wire
from tests.dissect.cases import CASES, facts_of
from tests.dissect.doors import CALLER, CONN, T0, heads
from tests.wire.talkers.test_duplex import ws

SECOND = 1_000_000_000
DIALOGUES = sorted(p.parent for p in CASES.glob("*/*/dialogue.json"))
IDS = [f"{c.parent.name}/{c.name}" for c in DIALOGUES]
MASK = b"\x11\x00\xf0\x7f"
SWITCH = (("Upgrade", "websocket"), ("Connection", "Upgrade"))


def load(case):
    return json.loads((case / "dialogue.json").read_text(encoding="utf-8"))


def _fields(talk):
    return [tuple(line.split(": ", 1)) for line in talk["request"][1:]]


def _payloads(talk):
    """(from the client, opcode, bytes) of each message."""
    for side, said in talk["said"]:
        if isinstance(said, list):
            yield side == "client", 8, said[0].to_bytes(2, "big") + said[1].encode()
        else:
            opcode = 2 if talk.get("binary") and side == "server" else 1
            yield side == "client", opcode, json.dumps(said, ensure_ascii=False).encode()


def turns(talk):
    """(direction, bytes, when) of the connection."""
    yield "out", "\r\n".join([*talk["request"], "", ""]).encode(), T0
    answer = ["HTTP/1.1 101 Switching Protocols", *(f"{n}: {v}" for n, v in SWITCH), "", ""]
    yield "in", "\r\n".join(answer).encode(), T0
    at = T0
    for client, opcode, data in _payloads(talk):
        at += SECOND
        yield ("out" if client else "in"), ws(opcode, data, mask=MASK if client else b""), at
        if opcode == 8:
            yield ("in" if client else "out"), ws(8, data[:2], mask=b"" if client else MASK), at


def by_bytes(talk, size, *, merged=False):
    """`merged`: what one side says in a row is read at once."""
    seqs = {"out": 0, "in": 0}
    found = list(turns(talk))
    if merged:
        rows = []
        for direction, data, at in found:
            if rows and rows[-1][0] == direction:
                rows[-1] = (direction, rows[-1][1] + data, at)
            else:
                rows.append((direction, data, at))
        found = rows
    for direction, data, when in found:
        for n, place in enumerate(range(0, len(data), size)):
            yield Chunk(when + n, "ebpf", CONN, direction, seqs[direction], data[place : place + size])
            seqs[direction] += 1
    last = found[-1][2] + SECOND
    yield Opened(last, "ebpf", CONN, CALLER, Address("127.0.0.1", 5), Address("10.0.0.1", 443), "client")
    yield (
        Exited(last, "ebpf", CALLER, 0, None, 5)
        if talk.get("cut") == "client"
        else Closed(last, "ebpf", CONN, CALLER)
    )
    yield Tick(END_OF_TIME)


def by_messages(talk, size):
    asked = talk["request"][0].split(), _fields(talk), b""
    (request, _), (response, _) = heads(asked, (["HTTP/1.1", "101"], SWITCH, b""))
    yield request
    yield End(T0, "proxy", "f", "request")
    yield response
    at = T0
    for client, opcode, data in _payloads(talk):
        at += SECOND
        side, kind = ("request" if client else "response"), {1: "text", 2: "binary", 8: "close"}[opcode]
        pieces = range(0, len(data), size)
        for n, place in enumerate(pieces):
            more = n + 1 < len(pieces)
            yield Data(at + n, "proxy", "f", side, data[place : place + size], 0, kind, more)
    yield End(at + SECOND, "proxy", "f", "response", f"closed_by_{talk['cut']}" if "cut" in talk else "")
    yield Tick(END_OF_TIME)


def asked(talk):
    """The exchange at its head."""
    facts = by_messages(talk, 1000)
    wire = Wire(b"salt")
    return next(h.exchange for f in facts for h in wire.feed(f) if isinstance(h, Asked))


def meaning(facts, *, content=False):
    """(exchanges that have begun, (exchange, operation) of the calls that are over, the listener, the exchange itself)."""
    wire, listener, begun, done = Wire(b"salt"), None, [], []
    for fact in facts:
        for heard in wire.feed(fact):
            match heard:
                case Asked(exchange=exchange):
                    about = question(exchange)
                    listener = choose(about).open(about, content=content)
                    said = listener.begin()
                case Said(frame=frame):
                    said = listener.frame(frame)
                case Ended(exchange=whole):
                    said = listener.close(whole) or ()
                case _:
                    said = ()
            for one in said:
                if isinstance(one, Begun):
                    begun.append(one.exchange)
                else:
                    done.append((one.exchange, one.operation))
    return begun, done, listener, replace(whole, facts=0)


def second(at):
    return None if at is None else (at - T0) // SECOND


def told(exchange, call):
    """A call as a case expects it."""
    facts = facts_of(call)
    first, _ = facts.pop("first_output_at", None), facts.pop("last_output_at", None)
    return {
        "began": second(exchange.began),
        "ended": second(exchange.ended),
        "first_output": second(first),
        "operation": facts,
    }


def differs(want, found):
    """What of an expected call is not so. Of an operation that is cut, neither why nor what is missing is said alike by both planes."""
    wrong = [
        (k, want[k], found[k])
        for k in ("began", "ended", "first_output")
        if k in want and want[k] != found[k]
    ]
    operation = dict(found["operation"])
    if want.get("cut"):
        operation.pop("failure", None), operation.pop("missing", None)
    return wrong + [
        (k, want["operation"].get(k), operation.get(k))
        for k in {**want["operation"], **operation}
        if want["operation"].get(k) != operation.get(k)
    ]
