"""The two doors by which an exchange comes in: as the bytes that a TLS library saw, cut anywhere, or as messages that a plane has parsed."""

from dataclasses import replace

from hexr_autoinst.dissect.claim import choose, question
from hexr_autoinst.model.exchange import Asked, Ended, Said
from hexr_autoinst.model.facts import END_OF_TIME, Chunk, Conn, Data, End, Head, Key, Tick
from hexr_autoinst.wire.assembly import Wire
from tests.dissect.cases import facts_of

MS = 1_000_000
T0 = 1_767_225_600_000 * MS
CALLER = Key(7, 7)
CONN = Conn(CALLER, 1, 0)


def chunks(request, response, size):
    """Both messages whole, `size` bytes a read."""
    at = T0
    for direction, raw in (("out", request), ("in", response)):
        for seq, place in enumerate(range(0, len(raw), size)):
            at += MS
            yield Chunk(at, "ebpf", CONN, direction, seq, raw[place : place + size])
    yield Tick(END_OF_TIME)


def heads(asked, answered, at=T0):
    """(fact, body) of each side. A message is the words of its first line, its fields and its body."""
    for side, (words, kept, body) in (("request", asked), ("response", answered)):
        head = Head(at, "proxy", "f", side, CALLER, "c", headers=tuple(kept))
        if side == "request":
            host = next((v for n, v in kept if n.lower() == "host"), "")
            yield replace(head, method=words[0], scheme="https", authority=host, target=words[1]), body
        else:
            yield replace(head, status=int(words[1])), body


def messages(asked, answered, size):
    """Both messages, `size` bytes of a body a piece."""
    at = T0
    for head, body in heads(asked, answered):
        yield replace(head, at=at)
        for place in range(0, len(body), size):
            at += MS
            yield Data(at, "proxy", "f", head.side, body[place : place + size])
        yield End(at, "proxy", "f", head.side)
    yield Tick(END_OF_TIME)


def meaning(facts):
    """The exchange, its operation (None: it is understood and none), all that the wire has said."""
    wire, reading, said = Wire(b"salt"), None, []
    for fact in facts:
        for heard in wire.feed(fact):
            said.append(heard)
            match heard:
                case Asked(exchange=exchange):
                    about = question(exchange)
                    reading = choose(about).open(about, content=False)
                case Said(frame=frame):
                    reading.frame(frame)
                case Ended(exchange=exchange):
                    return exchange, facts_of(reading.close(exchange)), said
    raise AssertionError("the exchange never ended")
