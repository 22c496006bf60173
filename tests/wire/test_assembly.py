import gzip
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Asked, Ended, Exchange, Request, Response
from hexr_autoinst.model.facts import (
    END_OF_TIME,
    Address,
    Chunk,
    Conn,
    Data,
    End,
    Exchanged,
    Exited,
    Head,
    Key,
    Lost,
    Opened,
    Tick,
)
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.limits import Limits
from tests.wire.stage import (
    CONN,
    JSON,
    KEY,
    POST,
    SALT,
    SSE_HEAD,
    asked,
    chunked,
    chunks,
    closed,
    ended,
    frames,
    play,
    skipped,
    timeless,
)

EVENTS = b': hi\n\ndata: {"n":1}\n\nevent: end\ndata: [DONE]\n\n'


def answer(status, headers, body):
    return b"HTTP/1.1 %d X\r\n%s\r\n%s" % (status, b"".join(h + b"\r\n" for h in headers), body)


# name, turns, whether the connection is closed at the end
CASES = {
    "one exchange": ([("out", POST), ("in", JSON)], False),
    "keep-alive": ([("out", POST), ("in", JSON), ("out", POST), ("in", JSON)], False),
    "pipelined": ([("out", POST + POST), ("in", JSON + JSON)], False),
    "served": ([("in", POST), ("out", JSON)], False),
    "chunks with extensions and trailers": (
        [
            ("out", POST),
            ("in", answer(200, [b"Transfer-Encoding: chunked"], b"5;x=y\r\nhello\r\n6 \r\n world\r\n0\r\nA: b\r\n\r\n")),
        ],
        False,
    ),
    "until close": ([("out", POST), ("in", answer(200, [], b"all of it"))], True),
    "head": ([("out", b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"), ("in", answer(200, [b"Content-Length: 99"], b""))], False),
    "no content": ([("out", POST), ("in", answer(204, [b"Content-Length: 9"], b"")), ("out", POST), ("in", JSON)], False),
    "continue": ([("out", POST[:-14]), ("in", b"HTTP/1.1 100 Continue\r\n\r\n"), ("out", POST[-14:]), ("in", JSON)], False),
    "early hints": ([("out", POST), ("in", answer(103, [b"Link: </x>"], b"") + JSON)], False),
    "bare LF": ([("out", POST.replace(b"\r\n", b"\n")), ("in", JSON.replace(b"\r\n", b"\n"))], False),
    "obs-fold": ([("out", POST.replace(b"Host", b"X-A: one\r\n\t two\r\nHost")), ("in", JSON)], False),
    "absolute form": ([("out", POST.replace(b" /v1", b" http://other:8080/v1")), ("in", JSON)], False),
    "events": ([("out", POST), ("in", SSE_HEAD + chunked(*(EVENTS[i : i + 7] for i in range(0, len(EVENTS), 7))))], False),
    "events with CRLF": ([("out", POST), ("in", SSE_HEAD + chunked(EVENTS.replace(b"\n", b"\r\n")))], False),
    "gzip events": (
        [("out", POST), ("in", SSE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + chunked(gzip.compress(EVENTS)))],
        False,
    ),
    "refused expectation": (
        [("out", POST[:-14].replace(b"Host", b"Expect: 100-continue\r\nHost")), ("in", answer(417, [b"Content-Length: 0"], b"")), ("out", POST), ("in", JSON)],
        False,
    ),
    "connect": ([("out", b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"), ("in", answer(200, [], b"")), ("out", b"\x16\x03\x01")], False),
    "upgrade": ([("out", b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n"), ("in", answer(101, [], b"\x81\x05hello"))], False),
    "garbage": ([("out", b"SSH-2.0-x\r\n"), ("in", b"SSH-2.0-y\r\n")], False),
    "preface": ([("out", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04"), ("in", b"\x00\x00\x00\x04")], False),
    "cut": ([("out", POST), ("in", JSON[:-3])], True),
    "unanswered": ([("out", POST)], True),
    "half a request": ([("out", POST[:-3])], True),
}  # fmt: skip


def told(turns, close, cut=0):
    heard = play([*chunks(*turns, cut=cut), *([closed()] if close else [])])
    return [timeless(e) for e in ended(heard)], frames(heard)


@pytest.mark.parametrize("name", CASES)
def test_bytes_tell_the_same_however_they_are_cut(name):
    turns, close = CASES[name]
    whole = told(turns, close)

    for cut in (1, 2, 3, 7, 64):
        assert whole == told(turns, close, cut)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one exchange", [("POST", 200, b'{"id": "r"}', ())]),
        ("keep-alive", [("POST", 200, b'{"id": "r"}', ())] * 2),
        ("pipelined", [("POST", 200, b'{"id": "r"}', ())] * 2),
        ("served", [("POST", 200, b'{"id": "r"}', ())]),
        ("chunks with extensions and trailers", [("POST", 200, b"hello world", ())]),
        ("until close", [("POST", 200, b"all of it", ())]),
        ("head", [("HEAD", 200, b"", ())]),
        ("no content", [("POST", 204, b"", ()), ("POST", 200, b'{"id": "r"}', ())]),
        ("continue", [("POST", 200, b'{"id": "r"}', ())]),
        ("early hints", [("POST", 200, b'{"id": "r"}', ())]),
        ("bare LF", [("POST", 200, b'{"id": "r"}', ())]),
        ("events", [("POST", 200, b"", ())]),
        ("refused expectation", [("POST", 417, b"", ()), ("POST", 200, b'{"id": "r"}', ())]),
        ("connect", [("CONNECT", 200, b"", ())]),
        ("upgrade", [("GET", 101, b"", ())]),
        ("garbage", []),
        ("preface", []),
        ("cut", [("POST", 200, b'{"id": ', ("truncated:response",))]),
        ("unanswered", [("POST", 0, b"", ("truncated:response",))]),
        ("half a request", [("POST", 0, b"", ("truncated:request", "truncated:response"))]),
    ],
)
def test_what_is_told(name, expected):
    exchanges, _ = told(*CASES[name])

    got = [
        (
            e.request.method,
            e.response.status if e.response else 0,
            e.response.body if e.response else b"",
            e.missing,
        )
        for e in exchanges
    ]
    assert expected == [
        (m, s, b[: len(x[2])] if x[3] else b, g) for (m, s, b, g), x in zip(got, expected, strict=True)
    ]


@pytest.mark.parametrize("name", ["events", "events with CRLF", "gzip events"])
def test_frames_of_a_stream(name):
    exchanges, said = told(*CASES[name])

    assert said == [("sse", "", '{"n":1}'), ("sse", "end", "[DONE]")]
    assert exchanges[0].response.streamed


@pytest.mark.parametrize(
    ("name", "reason"),
    [("garbage", "not_http"), ("upgrade", "upgraded"), ("connect", "upgraded")],
)
def test_what_is_no_exchange_is_skipped_by_its_reason(name, reason):
    turns, _ = CASES[name]

    heard = play([*chunks(*turns), *chunks(("out", b"more"), first=5)])

    assert {reason} == {r for r, _ in skipped(heard)}


def test_the_observed_process_is_client_where_it_asks_and_server_where_it_answers():
    assert [e.role for e in ended(play(chunks(*CASES["one exchange"][0])))] == ["client"]
    assert [e.role for e in ended(play(chunks(*CASES["served"][0])))] == ["server"]


def test_the_request_as_the_exchange_keeps_it():
    (e,) = ended(play(chunks(*CASES["absolute form"][0])))

    r = e.request
    assert (
        r.scheme,
        r.host,
        r.port,
        r.path,
        r.query,
    ) == ("http", "other", 8080, "/v1/chat/completions", "beta=1")
    assert r.body == b'{"model": "m"}'


def test_times_are_those_of_the_bytes():
    facts = chunks(("out", POST), ("in", JSON), cut=20)
    (e,) = ended(play(facts))

    out = [f.at for f in facts if f.direction == "out"]
    back = [f.at for f in facts if f.direction == "in"]
    assert (out[0], out[-1]) == (e.request.at, e.request.ended)
    assert (back[0], back[-1]) == (e.response.at, e.response.ended)
    assert back[len(JSON[:-11]) // 20] == e.response.body_at


def test_an_exchange_that_is_cut_ended_with_its_last_byte_not_when_that_was_noticed():
    facts = chunks(("out", POST), ("in", JSON[:-3]))

    assert facts[-1].at == ended(play([*facts, closed(at=99_000_000)]))[0].ended


def test_a_frame_carries_the_time_of_its_last_byte():
    facts = chunks(("out", POST), ("in", SSE_HEAD + chunked(b"data: a\n\n", b"data: b\n\n")), cut=1)
    heard = play(facts)

    stamps = [h.frame.at for h in heard if hasattr(h, "frame")]
    body = SSE_HEAD + chunked(b"data: a\n\n", b"data: b\n\n")
    base = facts[len(POST)].at
    assert [
        base + 10 * (body.index(b"data: a\n\n") + 8),
        base + 10 * (body.index(b"data: b\n\n") + 8),
    ] == stamps


def flow(head, body, response, parts, *, source="proxy", **more):
    """The same messages as a plane that parses tells them."""
    facts = [
        Head(1, source, "f", "request", key=KEY, conn="c", method="POST", scheme="https", authority="api.example.com",
             target="/v1/chat/completions?beta=1", headers=head, **more),
        Data(2, source, "f", "request", body),
        End(3, source, "f", "request"),
        Head(4, source, "f", "response", status=200, headers=response),
    ]  # fmt: skip
    facts += [Data(5 + i, source, "f", "response", p) for i, p in enumerate(parts)]
    return [*facts, End(99, source, "f", "response")]


@pytest.mark.parametrize(
    ("kind", "coding", "parts"),
    [
        (b"application/json", b"", [b'{"id": ', b'"r"}']),
        (b"text/event-stream", b"", [EVENTS[:9], EVENTS[9:]]),
        (b"text/event-stream", b"gzip", [gzip.compress(EVENTS)]),
        (b"application/json", b"gzip", [gzip.compress(b'{"key": "sk-ant-REDACTME0123456789"}')]),
        (b"text/event-stream", b"", [b'{"error": ', b'"no"}']),
        (b"application/x-ndjson", b"", [b'{"a":1}\n{"b', b'":2}']),
        (b"", b"", [b"data: x\n\n"]),
    ],
)
def test_both_doors_tell_one_story(kind, coding, parts):
    fields = ((b"Content-Type", kind),) + (((b"Content-Encoding", coding),) if coding else ())
    asked_with = (("Host", "api.example.com"), ("Authorization", "Bearer abc"), ("Content-Length", "14"))
    answered_with = (*((k.decode(), v.decode()) for k, v in fields), ("Transfer-Encoding", "chunked"))
    head = b"POST /v1/chat/completions?beta=1 HTTP/1.1\r\n" + b"".join(
        f"{k}: {v}\r\n".encode() for k, v in asked_with
    )
    back = b"HTTP/1.1 200 OK\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in answered_with)
    first = play(chunks(("out", head + b'\r\n{"model": "m"}'), ("in", back + b"\r\n" + chunked(*parts))))
    second = play(flow(asked_with, b'{"model": "m"}', answered_with, parts))

    def bare(heard):
        return [replace(timeless(e), id="", conn="", source="har", local=None, peer=None) for e in heard]

    assert bare(ended(first)) == bare(ended(second))
    assert bare(asked(first)) == bare(asked(second))
    assert frames(first) == frames(second)
    assert len(ended(first)) == 1


def test_a_stream_is_told_as_it_arrives():
    wire = Wire(SALT)
    *before, last = chunks(("out", POST), ("in", SSE_HEAD), ("in", b"9\r\ndata: a\n\n\r\n"))
    play(before, wire=wire, end=False)

    assert frames(wire.feed(last)) == [("sse", "", "a")]


def test_ids_are_stable_and_distinct():
    turns = CASES["keep-alive"][0]
    one, two = ended(play(chunks(*turns)))
    again, _ = ended(play(chunks(*turns)))
    (late,) = ended(play(chunks(*turns[:2], first=40)))

    assert one.id == again.id
    assert len({one.id, two.id, late.id}) == 3
    assert (one.ordinal, two.ordinal) == (0, 1)
    assert [
        e.id
        for e in ended(play([replace(f, flow="entry 7") for f in flow((), b"", (), [b"x"], source="har")]))
    ] == ["entry 7"]


def test_an_exchange_has_the_addresses_of_its_connection_also_when_they_come_late():
    opened = Opened(1015, "ebpf", CONN, KEY, Address("10.0.0.1", 5), Address("10.0.0.2", 443), "client")
    facts = chunks(("out", POST), ("in", JSON))

    (e,) = ended(play([facts[0], opened, facts[1]]))

    assert (e.local, e.peer) == (("10.0.0.1", 5), ("10.0.0.2", 443))


def test_a_process_that_dies_closed_what_it_had_open():
    gone = Exited(9000, "ebpf", KEY, 1, None, 0)

    assert [e.missing for e in ended(play([*chunks(("out", POST)), gone]))] == [("closed_by_client",)]
    assert [e.missing for e in ended(play([*chunks(("in", POST)), gone]))] == [("closed_by_server",)]


def test_a_connection_joined_in_the_middle_is_read_from_its_next_message():
    tail = [("in", b'...of an older answer"}'), ("out", POST), ("in", JSON)]

    heard = play(chunks(*tail, joined=True))

    assert [
        (e.response.status, tuple(m for m in e.missing if m != "joined_mid_connection")) for e in ended(heard)
    ] == [(200, ())]
    assert skipped(heard) == [("joined_mid_connection", 1)]


def test_a_teller_that_restarts_reads_on_without_being_told_that_it_joined():
    heard = play(chunks(("in", b"tail"), ("out", POST), ("in", JSON), first=17))

    assert [e.response.status for e in ended(heard)] == [200]


def test_a_request_found_in_the_middle_of_a_chunk_is_marked():
    heard = play(chunks(("out", b'rest"}' + POST), ("in", JSON), joined=True))

    assert [e.missing for e in ended(heard)] == [("joined_mid_connection",)]


def test_a_joined_stream_of_something_else_is_muted_after_some_turns():
    turns = [(d, b"\x17\x00binary\n") for _ in range(8) for d in ("out", "in")]

    assert "not_http" in {r for r, _ in skipped(play(chunks(*turns, joined=True)))}


def gap(facts, index, n):
    """Without fact `index`; the next of its direction says that `n` bytes are gone."""
    gone = facts[index]
    rest = facts[:index] + facts[index + 1 :]
    at = next(i for i, f in enumerate(rest) if f.direction == gone.direction and f.seq > gone.seq)
    rest[at] = replace(rest[at], lost_before=n)
    return rest


def test_a_gap_of_known_length_inside_a_body_is_skipped_exactly():
    facts = chunks(("out", POST), ("in", JSON), ("out", POST), ("in", JSON), cut=len(JSON) - 5)
    lost = next(i for i, f in enumerate(facts) if f.direction == "in" and f.seq == 0)
    facts = chunks(
        ("out", POST), ("in", JSON[:-9]), ("in", JSON[-9:-4]), ("in", JSON[-4:]), ("out", POST), ("in", JSON)
    )

    exchanges = ended(play(gap(facts, 2, 5)))

    assert lost
    assert [e.missing for e in exchanges] == [("lost_events",), ()]
    assert [JSON[-11:-9] + JSON[-4:], b'{"id": "r"}'] == [e.response.body for e in exchanges]


@pytest.mark.parametrize("known", [True, False])
def test_a_stream_goes_on_after_lost_chunks(known):
    pieces = [b"%x\r\n%s\r\n" % (len(p), p) for p in (b"data: %d\n\n" % i for i in range(6))]
    facts = chunks(
        ("out", POST),
        ("in", SSE_HEAD),
        *(("in", p) for p in pieces),
        ("in", b"0\r\n\r\n"),
        ("out", POST),
        ("in", JSON),
    )

    heard = play(gap(facts, 4, len(pieces[2]) if known else 0))

    assert [d for _, _, d in frames(heard)] == ["0", "1", "3", "4", "5"]
    assert [e.missing for e in ended(heard)] == [("lost_events",), ()]


def test_an_answer_whose_head_is_lost_does_not_become_the_next_ones():
    facts = chunks(("out", POST), ("in", JSON[:20]), ("in", JSON[20:]), ("out", POST), ("in", JSON))

    exchanges = ended(play(gap(facts, 1, -1)))

    assert [e.response and e.response.status for e in exchanges] == [None, 200]
    assert "lost_events" in exchanges[0].missing


def test_bytes_after_a_whole_body_that_are_no_message_mute_the_connection():
    heard = play(chunks(("out", POST), ("in", JSON + b"\x00\x01junk"), ("in", b"more")))

    assert [e.response.status for e in ended(heard)] == [200]
    assert ("not_http", 1) in skipped(heard)


def test_a_quiet_exchange_is_ended_and_marked():
    wire = Wire(SALT, Limits(idle=1000, sweep=1))
    play(chunks(("out", POST)), wire=wire, end=False)

    heard = wire.feed(Tick(1_000_000))

    assert [e.missing for e in ended(heard)] == [("idle",)]
    assert wire.open_facts == 0


def test_the_oldest_connection_gives_way_to_the_newest():
    conns = [Conn(KEY, n, 0) for n in range(5)]
    facts = [f for c in conns for f in chunks(("out", POST), conn=c)]

    heard = play(facts, limits=Limits(connections=2))

    assert [m for e in ended(heard) for m in e.missing if m.startswith("too")] == ["too_many_connections"] * 3


def test_flows_without_a_head_and_after_their_end_are_skipped():
    facts = flow((), b"x", (), [b"y"])

    heard = play(
        [Data(1, "proxy", "who", "response", b"x"), *facts, Data(100, "proxy", "f", "response", b"late")]
    )

    assert len(ended(heard)) == 1
    assert sum(n for _, n in skipped(heard)) == 2


@pytest.mark.parametrize("error", ["closed_by_client", "closed_by_server"])
def test_a_flow_that_is_cut_says_by_whom(error):
    facts = flow((), b"x", (("content-type", "text/event-stream"),), [b"data: a\n\ndata: b"])
    facts[-1] = replace(facts[-1], error=error)

    heard = play(facts)

    assert [(error,)] == [e.missing for e in ended(heard)]
    assert frames(heard) == [("sse", "", "a")]


def test_a_request_cut_by_its_client_still_has_its_answers_end():
    facts = [
        *flow((), b"x", (), [b"y"])[:2],
        End(3, "proxy", "f", "request", "closed_by_client"),
        End(3, "proxy", "f", "response", "closed_by_client"),
    ]

    assert [e.missing for e in ended(play(facts))] == [("closed_by_client",)]


def test_an_answer_that_outruns_its_request_waits_for_it():
    a, b, c, d, e, f = flow((), b"x", (("content-type", "text/event-stream"),), [b"data: a\n\n"])

    heard = play([a, d, e, b, c, f])

    assert [type(h).__name__ for h in heard] == ["Asked", "Said", "Ended"]
    assert ended(heard)[0].request.body == b"x"


def test_another_camera_ends_the_streams_of_the_one_before_and_no_flow():
    question, answer = chunks(("out", POST), ("in", JSON[:40]))
    wire = Wire(SALT)
    play([question, answer, *flow((), b"x", (), [b"y"])[:1]], wire=wire, end=False)

    heard = wire.feed(Lost(9000, "ebpf", "camera", 1))

    assert [("lost_events",)] == [e.missing for e in ended(heard)]
    assert [] == wire.feed(Lost(9000, "ebpf", "ring", 1))
    assert wire.open_facts == 1


def test_a_veiled_exchange_is_heard_as_it_was_and_costs_its_facts():
    exchange = Exchange("id", "ebpf", KEY, CONN, 0, "client", Request(1, "GET", "https", "h", 0, "/", ended=2),
                        Response(3, 200), facts=12)  # fmt: skip
    wire = Wire(SALT)

    heard = [
        h for one in (Asked(2, exchange), Ended(9, exchange)) for h in wire.feed(Exchanged(9, "har", one))
    ]

    assert [Asked, Ended] == [type(h) for h in heard]
    assert [e.facts for e in ended(heard)] == [2]
    assert wire.open_facts == 0


def test_bodies_beyond_the_budget_are_cut_oldest_first():
    big = b"x" * 600
    head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n"
    facts = [f for n in range(4) for f in chunks(("out", head + big), conn=Conn(KEY, n, 0))]
    wire = Wire(SALT, Limits(budget=1500))
    play(facts, wire=wire, end=False)

    assert wire.held <= 1500 + 600
    heard = wire.feed(Tick(END_OF_TIME))
    assert [len(e.request.body) for e in ended(heard)] == [0, 0, 600, 600]


def test_memory_of_an_endless_stream_stays_bounded():
    wire = Wire(SALT)
    event = b"data: " + b"x" * 500 + b"\n\n"
    turns = [
        ("out", POST),
        ("in", SSE_HEAD),
        *(("in", b"%x\r\n%s\r\n" % (len(event), event)) for _ in range(2000)),
    ]
    seen = []
    for fact in chunks(*turns):
        wire.feed(fact)
        seen.append(wire.held)

    assert max(seen) < 2000


def test_of_a_body_of_fifty_megabytes_what_is_short_is_kept_and_all_is_measured():
    first, last = b'{"id": "r", "data": ["', b'"], "usage": {"total_tokens": 7}}'
    pieces = [first, *[b"y" * (1 << 20)] * 50, last]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % sum(
        map(len, pieces)
    )

    (e,) = ended(play(chunks(("out", POST), ("in", head), *(("in", piece) for piece in pieces))))

    assert e.response.body == b'{"id":"r","data":[""],"usage":{"total_tokens":7}}'
    assert e.response.size == sum(map(len, pieces))
    assert e.missing == ("truncated:response",)


def test_ten_thousand_fields_are_kept_and_more_are_marked():
    head = b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10_001)) + b"\r\n"

    (e,) = ended(play(chunks(("out", head), ("in", JSON))))

    assert len(e.request.headers.fields) == 10_000
    assert e.missing == ("truncated:request",)


def test_a_head_without_end_is_bounded_and_marked():
    limits = Limits(head=1000)
    head = b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: " + b"y" * 5000 + b"\r\n\r\n"

    heard = play(chunks(("out", head), ("in", JSON), cut=100), limits=limits)

    assert [e.missing for e in ended(heard)] == [("truncated:request",)]


PLANTED = "sk-ant-api03-PLANTEDplantedPLANTED0123"


@pytest.mark.parametrize(
    "turns",
    [
        [("out", POST.replace(b"Host", f"X-Whatever: a {PLANTED} b\r\nHost".encode())), ("in", JSON)],
        [("out", POST.replace(b"Host", f"Authorization: Bearer {PLANTED}\r\nHost".encode())), ("in", JSON)],
        [("out", POST.replace(b"beta=1", f"q={PLANTED}&key={PLANTED}".encode())), ("in", JSON)],
        [("out", POST.replace(b"/v1/", f"/v1/{PLANTED}/".encode())), ("in", JSON)],
        [("out", POST.replace(b" /v1", f" https://me:{PLANTED}@h/v1".encode())), ("in", JSON)],
        [
            ("out", POST),
            ("in", SSE_HEAD + chunked(f'event: {PLANTED}\ndata: {{"a":"{PLANTED}"}}\n\n'.encode())),
        ],
        [("out", POST), ("in", answer(500, [f"Set-Cookie: s={PLANTED}".encode()], PLANTED.encode()))],
        [("out", f"GET /{PLANTED}".encode())],
        [("out", PLANTED.encode())],
    ],
)
def test_a_planted_key_is_in_nothing_heard(turns):
    heard = play([*chunks(*turns), closed()])

    assert PLANTED not in repr(heard)
    assert "PLANTED" not in repr(heard)


HOSTILE = st.lists(
    st.tuples(
        st.sampled_from(["out", "in"]),
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from([
                POST, JSON, SSE_HEAD, b"0\r\n\r\n", b"9\r\ndata: a\n\n\r\n", b"\r\n", b"data: x\n\n", POST[:30], JSON[:40],
                b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 100 C\r\n\r\n", b"HTTP/1.1 101 S\r\n\r\n", b"ffffffff\r\n",
                b"Transfer-Encoding: gzip, chunked\r\nContent-Encoding: br, zstd\r\n\r\n", b"HTTP/1.1 204 N\r\n",
            ]),
        ),
        st.sampled_from([0, 0, 0, 0, -1, 3, 5000]),
        st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, st.booleans())
def test_any_bytes_are_heard_or_skipped_and_never_raise(turns, joined):
    seq = {"out": 0, "in": 0}
    facts = []
    for n, (direction, data, lost, jump) in enumerate(turns):
        seq[direction] += 1 + jump
        facts.append(Chunk(n, "ebpf", CONN, direction, seq[direction] - 1, data, lost, joined))

    play([*facts, closed()])
    play(facts)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(CASES)), st.lists(st.integers(1, 50), min_size=1, max_size=30))
def test_any_split_tells_the_same(name, cuts):
    turns, close = CASES[name]
    split = []
    for direction, data in turns:
        pos = n = 0
        while pos < len(data):
            step = cuts[n % len(cuts)]
            split.append((direction, data[pos : pos + step]))
            pos, n = pos + step, n + 1

    assert told(turns, close) == told(split, close)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["request", "response"]), st.integers(0, 3), st.binary(max_size=40)),
        max_size=15,
    )
)
def test_any_order_of_a_flows_facts_is_survived(steps):
    facts = []
    for n, (side, kind, data) in enumerate(steps):
        if kind == 0:
            facts.append(Head(n, "proxy", "f", side, method="POST", status=200, target=data.decode("latin-1"),
                              headers=(("content-encoding", "gzip"),)))  # fmt: skip
        elif kind == 1:
            facts.append(Data(n, "proxy", "f", side, data, lost_before=len(data) % 2))
        else:
            facts.append(End(n, "proxy", "f", side, "truncated" if kind == 3 else ""))

    play(facts)


def test_another_process_with_the_same_pointer_is_another_connection():
    other = Conn(Key(4712, 1), CONN.handle, 0)

    heard = play(
        [*chunks(("out", POST)), *chunks(("out", POST), conn=other), *chunks(("in", JSON), conn=other)]
    )

    assert [e.response and e.response.status for e in ended(heard)] == [200, None]


def test_a_stream_whose_framing_did_not_end_may_be_whole_all_the_same():
    stream = SSE_HEAD + chunked(b"data: [DONE]\n\n")[:-5]
    gone = Exited(9000, "ebpf", KEY, 0, None, 0)

    for end, by in ((closed(), ()), (gone, ("closed_by_client",))):
        (e,) = ended(play([*chunks(("out", POST), ("in", stream)), end]))
        assert e.missing == ("unterminated:response", *by)
