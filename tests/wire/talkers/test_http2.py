import struct
import time

import hpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Ended, Said
from hexr_autoinst.wire.framing.http2 import PREFACE
from hexr_autoinst.wire.limits import Limits
from tests.wire.recorded import HOWS, PLANTED, cuts, facts, load
from tests.wire.stage import chunks, ended, frames, play, skipped

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
SSE = ("content-type", "text/event-stream")


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + payload


class Peer:
    """One end that sends: its own encoder."""

    def __init__(self):
        self.encoder = hpack.Encoder()

    def head(self, stream, fields, *, end=False, flags=4):
        return frame(HEADERS, flags | end, stream, self.encoder.encode(fields))

    def ask(self, stream, path="/p", body=b"ask", *more):
        fields = [(":method", "POST"), (":scheme", "https"), (":authority", "h:1"), (":path", path), *more]
        return self.head(stream, fields) + frame(DATA, 1, stream, body)

    def answer(self, stream, body=b"{}", *more, status="200"):
        return self.head(stream, [(":status", status), ("content-type", "application/json"), *more]) + frame(
            DATA, 1, stream, body
        )


START = PREFACE + frame(SETTINGS)


def told(exchange):
    return {
        "method": exchange.request.method, "path": exchange.request.path, "status": exchange.response.status,
        "request": exchange.request.body.decode(),
    }  # fmt: skip


# -- what real peers have said --


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("name", ["h2_many", "h2_node", "h2c_upgrade"])
def test_what_real_peers_have_said(name, how):
    connections, want = load(name)
    heard = play([f for n, c in enumerate(connections) for f in facts(cuts(c, how), handle=n)])
    exchanges = ended(heard)

    assert PLANTED not in repr(heard)
    assert [e.missing for e in exchanges] == [()] * len(want)
    said = {e.request.path: told(e) | {"response": response(heard, e)} for e in exchanges}
    assert said == {w["path"]: {k: v for k, v in w.items() if k != "trailers"} for w in want}
    assert {e.request.version for e in exchanges} <= {"HTTP/2", "HTTP/1.1"}
    per = {}
    for e in exchanges:
        per.setdefault(e.conn, []).append(e.ordinal)
    assert all(sorted(n) == list(range(len(n))) for n in per.values())
    for w in want:
        if "trailers" in w:
            (e,) = [e for e in exchanges if e.request.path == w["path"]]
            assert dict(e.response.trailers.fields) == w["trailers"]


def response(heard, exchange):
    said = [h.frame for h in heard if isinstance(h, Said) and h.id == exchange.id]
    return "".join(f"data: {f.data}\n\n" for f in said) if said else exchange.response.body.decode()


def test_a_hundred_streams_on_ten_connections_at_once():
    """The reads of ten connections interleaved, as the kernel's ring has them."""
    connections, want = load("h2_many")
    streams = [list(facts(c, handle=n)) for n, c in enumerate(connections)]
    longest = max(map(len, streams))
    mixed = [s[n] for n in range(longest) for s in streams if n < len(s)]

    exchanges = ended(play(mixed))

    assert len(exchanges) == 100 == len({e.id for e in exchanges})
    assert sorted(e.request.path for e in exchanges) == sorted(w["path"] for w in want)
    assert {e.missing for e in exchanges} == {()}


# -- one by one --


def one(*turns, limits=None, joined=False):
    return play(chunks(*turns, joined=joined), limits=limits)


def test_padding_priority_and_continuation_are_undone():
    client, server = Peer(), Peer()
    block = client.encoder.encode(
        [(":method", "POST"), (":scheme", "https"), (":authority", "h"), (":path", "/p?a=1")]
    )
    asked = frame(HEADERS, 0x28, 1, b"\x03" + b"\x80\0\0\x05\x10" + block[:4] + b"\0\0\0")
    asked += frame(CONTINUATION, 0, 1, block[4:7]) + frame(CONTINUATION, 4, 1, block[7:])
    asked += frame(DATA, 8, 1, b"\x05" + b"as" + b"\0" * 5) + frame(DATA, 9, 1, b"\x01k\0")
    answered = server.answer(1)

    for cut in (0, 1, 3):
        (e,) = ended(play(chunks(("out", START + asked), ("in", frame(SETTINGS) + answered), cut=cut)))

        assert (e.request.path, e.request.query, e.request.body, e.response.body) == (
            "/p",
            "a=1",
            b"ask",
            b"{}",
        )
        assert e.missing == ()


def test_streams_interleave_and_each_is_an_exchange():
    client, server = Peer(), Peer()
    a, b = client.ask(1, "/a"), client.ask(3, "/b")
    one_head, two_head = (server.head(n, [(":status", "200"), SSE]) for n in (1, 3))
    back = one_head + two_head
    for n in range(3):
        back += frame(DATA, 0, 1, b"data: a%d\n\n" % n) + frame(DATA, 0, 3, b"data: b%d\n\n" % n)
    back += frame(DATA, 1, 3) + frame(DATA, 1, 1)

    heard = one(("out", START + a + b), ("in", back))

    assert [(e.request.path, e.ordinal) for e in ended(heard)] == [("/b", 1), ("/a", 0)]
    assert [d for _, _, d in frames(heard)] == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_an_informational_answer_is_no_answer_and_trailers_are():
    client, server = Peer(), Peer()
    back = server.head(1, [(":status", "103"), ("link", "x")])
    back += server.head(1, [(":status", "200")]) + frame(DATA, 0, 1, b"ok")
    back += server.head(1, [("x-sum", "7"), ("set-cookie", "a=b")], end=True)

    (e,) = ended(one(("out", START + client.ask(1)), ("in", back)))

    assert (e.response.status, e.response.body) == (200, b"ok")
    assert e.response.trailers.fields == (("x-sum", "7"), ("set-cookie", "[redacted]"))


@pytest.mark.parametrize(
    ("who", "code", "missing"),
    [
        ("out", 8, ("closed_by_client",)),
        ("in", 8, ("closed_by_server",)),
        ("in", 7, ("reset:refused_stream", "closed_by_server")),
        ("in", 11, ("reset:enhance_your_calm", "closed_by_server")),
        ("in", 999, ("reset:0x3e7", "closed_by_server")),
    ],
)
def test_who_resets_a_stream(who, code, missing):
    heard = one(("out", START + Peer().ask(1)), (who, frame(RST, 0, 1, struct.pack(">I", code))), ("in", b""))

    assert [e.missing for e in ended(heard)] == [missing]


def test_a_reset_after_the_whole_answer_only_spares_the_rest_of_the_question():
    client, server = Peer(), Peer()
    asked = client.ask(1)[: -len(frame(DATA, 1, 1, b"ask"))] + frame(DATA, 0, 1, b"as")

    (e,) = ended(one(("out", START + asked), ("in", server.answer(1) + frame(RST, 0, 1, b"\0\0\0\0"))))

    assert (e.response.body, e.missing) == (b"{}", ("truncated:request",))


def test_what_a_goaway_leaves_out_was_closed_by_the_server():
    client, server = Peer(), Peer()
    back = frame(GOAWAY, 0, 0, struct.pack(">II", 1, 0)) + server.answer(1)

    heard = one(("out", START + client.ask(1) + client.ask(3)), ("in", back))

    assert [(e.ordinal, e.missing) for e in ended(heard)] == [(1, ("closed_by_server",)), (0, ())]


def test_a_promise_keeps_the_table_in_step_and_is_no_exchange():
    client, server = Peer(), Peer()
    promised = server.encoder.encode([(":method", "GET"), (":path", "/style.css"), ("x-own", "added")])
    back = (
        frame(PUSH, 4, 1, struct.pack(">I", 2) + promised)
        + server.answer(2)
        + server.answer(1, b"{}", ("x-own", "added"))
    )

    (e,) = ended(one(("out", START + client.ask(1)), ("in", back)))

    assert (e.request.path, e.response.headers.get("x-own"), e.missing) == ("/p", "added", ())


def test_a_websocket_over_http2():
    client, server = Peer(), Peer()
    asked = client.head(
        1,
        [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "https"),
            (":path", "/chat"),
            (":authority", "h"),
        ],
    )
    hello = b"\x81\x85" + b"\0\0\0\0" + b"hello"

    heard = one(
        ("out", START + asked), ("in", server.head(1, [(":status", "200")])), ("out", frame(DATA, 0, 1, hello)),
        ("in", frame(DATA, 0, 1, b"\x81\x02hi\x88\x02\x03\xe8")), ("out", frame(DATA, 1, 1, b"\x88\x82\0\0\0\0\x03\xe8")),
    )  # fmt: skip

    assert [(k, e, d) for k, e, d in frames(heard)] == [
        ("ws", "", "hello"),
        ("ws", "", "hi"),
        ("ws", "close", "1000"),
    ]
    assert [(e.request.method, e.request.path, e.missing) for e in ended(heard)] == [("CONNECT", "/chat", ())]


def test_a_server_that_speaks_first_is_known_by_its_settings():
    client, server = Peer(), Peer()

    (e,) = ended(
        one(
            ("in", frame(SETTINGS, 0, 0, b"\0\3\0\0\0\x64")),
            ("out", START + client.ask(1)),
            ("in", server.answer(1)),
        )
    )

    assert (e.role, e.response.status) == ("client", 200)


def test_a_served_connection_has_the_servers_role():
    client, server = Peer(), Peer()

    assert [e.role for e in ended(one(("in", START + client.ask(1)), ("out", server.answer(1))))] == [
        "server"
    ]


# -- out of step --


def test_joined_in_the_middle_what_is_known_is_told_and_what_is_not_is_absent():
    client, server = Peer(), Peer()
    client.ask(1, "/before", b"", ("x-tenant", "blue"))  # said before we listened
    server.answer(1, b"", ("x-own", "long ago"))
    asked = client.ask(3, "/now", b"ask", ("x-tenant", "blue"), ("x-new", "seen"))
    again = client.ask(5, "/now", b"ask", ("x-new", "seen"))

    heard = one(
        ("in", frame(DATA, 1, 1, b"the end of an older answer")),
        ("out", asked), ("in", server.answer(3, b"{}", ("x-own", "long ago"))), ("out", again), ("in", server.answer(5)), joined=True,
    )  # fmt: skip

    first, second = ended(heard)
    assert (first.request.path, first.request.host, first.missing) == ("/now", "", ("hpack_desync",))
    assert dict(first.request.headers.fields) == {"x-new": "seen"}
    assert dict(second.request.headers.fields) == {"x-new": "seen"}  # by the table that is known since
    assert (
        first.response.headers.fields == (("content-type", "application/json"),)
        or "x-own" not in first.response.headers
    )
    assert ("joined_mid_connection", 1) in skipped(heard)


def test_data_of_streams_whose_head_was_not_seen_is_not_made_up():
    client, server = Peer(), Peer()
    heard = one(
        ("in", frame(DATA, 0, 7, b"data: x\n\n") + frame(DATA, 1, 7, b"data: y\n\n")), ("out", frame(DATA, 1, 9, b"z")),
        ("out", client.ask(11)), ("in", server.answer(11)), joined=True,
    )  # fmt: skip

    assert [e.request.path for e in ended(heard)] == ["/p"]
    assert frames(heard) == []
    assert sum(n for reason, n in skipped(heard) if reason == "joined_mid_connection") == 2


def lossy(turns, index, known=True):
    facts_ = chunks(*turns)
    gone = facts_.pop(index)
    after = next(n for n, f in enumerate(facts_) if f.direction == gone.direction and f.seq > gone.seq)
    from dataclasses import replace

    facts_[after] = replace(facts_[after], lost_before=len(gone.data) if known else -1)
    return facts_


@pytest.mark.parametrize("known", [True, False])
def test_a_lost_chunk_in_the_middle(known):
    client, server = Peer(), Peer()
    pieces = [frame(DATA, 0, 1, b"data: %d\n\n" % n) for n in range(6)]
    turns = [
        ("out", START + client.ask(1)), ("in", frame(SETTINGS) + server.head(1, [(":status", "200"), SSE])), *(("in", p) for p in pieces),
        ("in", frame(DATA, 1, 1)), ("out", client.ask(3)), ("in", server.answer(3)),
    ]  # fmt: skip

    heard = play(lossy(turns, 4, known))

    assert [d for _, _, d in frames(heard)] == ["0", "1", "3", "4", "5"]
    first, second = ended(heard)
    assert first.missing == ("lost_events",)
    assert second.response.status in (200, 0)
    assert set(second.missing) <= {"hpack_desync"}


def test_a_gap_within_data_is_skipped_exactly_and_costs_no_table():
    client, server = Peer(), Peer()
    back = (
        frame(SETTINGS)
        + server.head(1, [(":status", "200"), ("x-a", "b")])
        + frame(DATA, 1, 1, b"0123456789")
    )
    turns = [
        ("out", START + client.ask(1)), ("in", back[:-7]), ("in", back[-7:-3]), ("in", back[-3:]), ("out", client.ask(3)),
        ("in", server.answer(3, b"{}", ("x-a", "b"))),
    ]  # fmt: skip

    first, second = ended(play(lossy(turns, 2)))

    assert (first.response.body, first.missing) == (b"012789", ("lost_events",))
    assert (second.response.headers.get("x-a"), second.missing) == ("b", ())


def test_a_gap_that_takes_the_end_of_a_stream_with_it_still_ends_it():
    client, server = Peer(), Peer()
    back = frame(SETTINGS) + server.head(1, [(":status", "200")]) + frame(DATA, 1, 1, b"0123456789")
    turns = [
        ("out", START + client.ask(1)),
        ("in", back[:-4]),
        ("in", back[-4:]),
        ("in", frame(PING, 0, 0, b"12345678")),
    ]

    (e,) = ended(play(lossy(turns, 2), end=False))

    assert (e.response.body, e.missing) == (b"012345", ("lost_events",))


# -- hostile --


def measured(facts_, limits=None):
    begin = time.process_time()
    heard = play(facts_, limits=limits)
    return heard, time.process_time() - begin


def test_a_flood_of_continuations_is_bounded_and_the_rest_goes_on():
    client, server = Peer(), Peer()
    block = client.encoder.encode(
        [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "h")]
    )
    flood = (
        frame(HEADERS, 0, 1, block)
        + frame(CONTINUATION, 0, 1, b"\x00" * 60) * 2000
        + frame(CONTINUATION, 4, 1)
    )
    facts_ = chunks(("out", START + flood), ("out", client.ask(3)), ("in", server.answer(3)), cut=5000)

    heard, seconds = measured(facts_, Limits(head=4096))

    assert [(e.ordinal, e.response.status) for e in ended(heard)] == [(0, 200)]
    assert [e.missing for e in ended(heard)] == [("hpack_desync",)] or ended(heard)[0].missing == ()
    assert seconds < 3


def test_a_bomb_of_header_fields_is_bounded():
    client, server = Peer(), Peer()
    big = client.encoder.encode([("x-big", "v" * 4000)])
    bomb = frame(HEADERS, 5, 1, big + b"\xbe" * 16000)
    heard, seconds = measured(
        chunks(("out", START + bomb), ("out", client.ask(3)), ("in", server.answer(3)), cut=4000),
        Limits(head=65536),
    )

    assert [e.response.status for e in ended(heard)] == [200]
    assert "hpack_desync" in {r for r, _ in skipped(heard)}
    assert seconds < 3


def test_rapid_resets_are_counted_one_by_one():
    client = Peer()
    turns = [("out", START)] + [
        ("out", client.ask(2 * n + 1) + frame(RST, 0, 2 * n + 1, b"\0\0\0\x08")) for n in range(2000)
    ]

    heard, seconds = measured(chunks(*turns, ("in", frame(SETTINGS))))

    assert len(ended(heard)) == 2000
    assert {e.missing for e in ended(heard)} == {("closed_by_client",)}
    assert seconds < 10


def test_streams_beyond_the_limit_push_out_the_oldest():
    client = Peer()
    heard = one(
        ("out", START + b"".join(client.ask(2 * n + 1) for n in range(50))), limits=Limits(streams=10)
    )

    missing = [e.missing[0] for e in ended(heard)]
    assert missing.count("too_many_exchanges") == 40
    assert len(missing) == 50


def test_garbage_after_the_preface_mutes_and_ends_what_is_open():
    heard = one(("out", START + Peer().ask(1)), ("in", frame(PING, 0, 0, b"short")), ("in", b"more"))

    assert [e.missing for e in ended(heard)] == [("truncated:response",)]
    assert ("http2_broken", 1) in skipped(heard)


SOME = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            frame,
            st.integers(0, 11),
            st.integers(0, 255),
            st.sampled_from([0, 1, 2, 3, 5]),
            st.binary(max_size=30),
        ),
        st.sampled_from(
            [Peer().ask(1), Peer().answer(1), Peer().ask(3), Peer().head(1, [("grpc-status", "0")], end=True)]
        ),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(SOME, SOME, st.booleans(), st.sampled_from([0, 1, 7]))
def test_any_bytes_are_survived_and_counted(out, back, joined, cut):
    turns = [("out", (b"" if joined else START) + b"".join(out)), ("in", frame(SETTINGS) + b"".join(back))]
    play(
        chunks(*turns, cut=cut, joined=joined), limits=Limits(head=200)
    )  # play asserts the account, and that nothing is held


@settings(max_examples=150, deadline=None)
@given(SOME, SOME, st.integers(1, 50))
def test_the_pieces_do_not_matter(out, back, cut):
    turns = [("out", START + b"".join(out)), ("in", frame(SETTINGS) + b"".join(back))]

    assert meaning(play(chunks(*turns))) == meaning(play(chunks(*turns, cut=cut)))


def meaning(heard):
    return [
        (h.exchange.request.path, h.exchange.request.body, h.exchange.response and h.exchange.response.body, h.exchange.missing)
        for h in heard if isinstance(h, Ended)
    ]  # fmt: skip
