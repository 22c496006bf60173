"""What tests of the wire room play: connections as chunks, messages as heads, data and ends."""

from dataclasses import replace

from hexr_autoinst.model.exchange import Asked, Ended, Said, Skipped
from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Closed, Conn, Data, End, Head, Key, Tick
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.limits import Limits

KEY = Key(4711, 99)
CONN = Conn(KEY, 0x7F00, 0)
SALT = b"salt of the host"


def chunks(*turns, conn=CONN, cut=0, at=1000, joined=False, first=0):
    """Chunks of (direction, bytes) turns; `cut` > 0 splits each turn into pieces of so many bytes."""
    seq = {"out": first, "in": first}
    facts = []
    for direction, data in turns:
        step = cut or max(1, len(data))
        for start in range(0, len(data), step):
            at += 10
            facts.append(
                Chunk(at, "ebpf", conn, direction, seq[direction], data[start : start + step], joined=joined)
            )
            seq[direction] += 1
    return facts


def play(facts, *, limits=None, wire=None, end=True):
    """Everything heard of these facts; the account of facts is checked on the way."""
    wire = wire or Wire(SALT, limits or Limits())
    heard = [h for fact in facts for h in wire.feed(fact)]
    if end:
        heard += wire.feed(Tick(END_OF_TIME))
        fed = sum(isinstance(f, Chunk | Head | Data | End) for f in facts)
        assert wire.open_facts == 0
        assert fed == sum(spent(h) for h in heard)
        assert not wire.held
    return heard


def spent(heard):
    return heard.exchange.facts if isinstance(heard, Ended) else heard.n if isinstance(heard, Skipped) else 0


def ended(heard):
    return [h.exchange for h in heard if isinstance(h, Ended)]


def asked(heard):
    return [h.exchange for h in heard if isinstance(h, Asked)]


def frames(heard):
    return [(h.frame.kind, h.frame.event, h.frame.data) for h in heard if isinstance(h, Said)]


def skipped(heard):
    return [(h.reason, h.n) for h in heard if isinstance(h, Skipped)]


def timeless(exchange):
    """An exchange without what depends on how its bytes were cut: times and facts."""
    request = replace(exchange.request, at=0, ended=0)
    response = exchange.response and replace(exchange.response, at=0, ended=0, body_at=0)
    return replace(exchange, request=request, response=response, facts=0)


def closed(at=10_000_000, conn=CONN):
    return Closed(at, "ebpf", conn, conn.key)


POST = (
    b"POST /v1/chat/completions?beta=1 HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: application/json\r\n"
    b'Content-Length: 14\r\n\r\n{"model": "m"}'
)
JSON = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id": "r"}'


def chunked(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


SSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
