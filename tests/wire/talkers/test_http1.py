import pytest

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Ended, Skipped
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.identity import Carrier
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.talk import Talk
from hexr_autoinst.wire.talker import Line
from hexr_autoinst.wire.talkers.http1 import Http1
from tests.wire.stage import CONN, JSON, KEY, POST, chunks


def talker(scheme="http"):
    def opener(conn, first, ordinal, role):
        return Talk(Carrier(f"x{ordinal}", "ebpf", KEY, conn, ordinal, role), Limits(), Budget(1 << 30))

    return Http1(Line(CONN, Limits(), opener, 0, scheme), "out")


def fed(made, *turns):
    heard = []
    for fact in chunks(*turns):
        made.feed(fact, 0, heard)
    return heard


def test_exchanges_in_order_with_the_connections_scheme():
    made = talker()
    assert not made.settled

    heard = fed(made, ("out", POST + POST), ("in", JSON + JSON))

    exchanges = [h.exchange for h in heard if isinstance(h, Ended)]
    assert [(e.ordinal, e.request.scheme, e.facts) for e in exchanges] == [(0, "http", 2), (1, "http", 0)]
    assert (made.settled, made.role, made.talks, made.buffered) == (True, "client", (), 0)


def test_trailers_of_a_chunked_answer_are_kept():
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"

    (e,) = [h.exchange for h in fed(talker(), ("out", POST), ("in", answer)) if isinstance(h, Ended)]

    assert (e.response.body, e.response.trailers.fields) == (b"ok", (("X-Sum", "7"),))


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
def test_an_upgrade_hands_over_the_exchange_and_the_bytes_that_have_come(protocol):
    made = talker()
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\n\r\nrest" % protocol.title().encode()

    heard = fed(
        made, ("out", b"GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n"), ("out", b"PR"), ("in", switch)
    )

    over = made.handover
    assert (over.protocol, over.rest, over.talk.facts) == (protocol, {"in": b"rest", "out": b"PR"}, 3)
    assert not [h for h in heard if isinstance(h, Ended | Skipped)]
    assert made.talks == ()


def test_an_upgrade_to_something_else_ends_the_exchange_and_the_reading():
    made = talker()
    fed(made, ("out", b"GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n"))

    with pytest.raises(WireError, match="another protocol"):
        fed(made, ("in", b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\nrest"))
    assert made.handover is None


def test_whoever_quits_leaves_no_fact_behind():
    made = talker()
    fed(made, ("out", POST), ("in", JSON[:9]))

    heard = made.quit(99, "why")

    assert [(type(h), getattr(h, "n", None)) for h in heard] == [(Ended, None), (Skipped, 1)]
    assert made.buffered == 0
