"""What the room holds is counted, bounded and given back, whatever order a plane tells things in."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.model.facts import END_OF_TIME, Data, End, Head, Tick
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.body import Body
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.jsonlines import JsonLines
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.sse import EventStream
from tests.wire.stage import KEY, SALT, asked, ended, frames, play

EVENTS = (("content-type", "text/event-stream"),)


def head(side, headers=(), at=1):
    return Head(at, "proxy", "f", side, KEY, "c", method="POST", scheme="https", authority="h", target="/",
                status=200, headers=headers)  # fmt: skip


def data(side, said, at=2):
    return Data(at, "proxy", "f", side, said)


def end(side, at=3):
    return End(at, "proxy", "f", side)


STEPS = st.sampled_from(
    [
        head("request"),
        head("response"),
        head("response", EVENTS),
        data("request", b"question"),
        data("response", b"answer"),
        data("response", b"data: a\n\nda"),
        end("request"),
        end("response"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=14), st.sampled_from([16, 40, 1 << 20]))
def test_plain_facts_in_any_order_leave_nothing_held(steps, budget):
    play(steps, limits=Limits(budget=budget))  # play asserts the account and that nothing is held


@pytest.mark.parametrize(
    "steps",
    [
        [head("request"), end("request"), head("response"), data("response", b"hello"), head("response"), end("response")],
        [head("request"), end("request"), data("request", b"hello"), head("response"), end("response")],
    ],
    ids=["a second head of the answer", "a question that goes on after its end"],
)  # fmt: skip
def test_an_exchange_that_is_over_holds_nothing(steps):
    wire = Wire(SALT)

    (exchange,) = ended([h for step in steps for h in wire.feed(step)])

    assert exchange.response.status == 200
    assert wire.held == 0


def test_frames_that_outrun_their_question_are_held_by_the_budget():
    wire = Wire(SALT)
    play(
        [head("request"), head("response", EVENTS), data("response", b"data: " + b"x" * 500 + b"\n\n")],
        wire=wire,
        end=False,
    )

    assert wire.held == 500
    assert len(frames(wire.feed(end("request")))) == 1
    assert wire.held == 0


def test_large_frames_do_not_wait_until_they_are_many():
    wire = Wire(SALT, Limits(frame=10_000))
    heard = play([head("request"), head("response", EVENTS)], wire=wire, end=False)
    most = 0
    for n in range(100):
        heard += wire.feed(data("response", b"data: " + b"x" * 4000 + b"\n\n", n))
        most = max(most, wire.held)

    assert most <= 10_000
    assert len(asked(heard)) == 1
    assert len(frames(heard)) == 100


def test_frames_that_wait_are_given_up_for_the_budget_and_marked():
    wire = Wire(SALT, Limits(budget=5000))
    facts = [head("request"), head("response", EVENTS)]
    facts += [data("response", b"data: " + b"x" * 2000 + b"\n\n", n) for n in range(4)]
    facts += [end("request"), end("response")]

    heard = play(facts, wire=wire)

    assert len(frames(heard)) < 4
    assert [e.missing for e in ended(heard)] == [("truncated:response",)]


def body(kind="application/json"):
    return Body(Headers((("content-type", kind),)), Limits(), Budget(1 << 30), may_stream=True)


@pytest.mark.parametrize(
    ("padding", "streamed"), [(b" " * (64 << 10), True), (b"\n" * (64 << 10), True), (b" " * (65 << 10), False)]
)  # fmt: skip
def test_padding_before_the_first_word_is_passed_over_within_reason(padding, streamed):
    for step in (1 << 20, 1000):
        made = body()
        pieces = [padding[i : i + step] for i in range(0, len(padding), step)]
        said = [f.data for piece in [*pieces, b"data: a\n\n"] for f in made.feed(piece, 1)]

        assert said == (["a"] if streamed else [])


def test_padding_in_single_bytes_costs_no_more_than_its_length():
    made = body()
    begin = time.process_time()
    for _ in range(60_000):
        list(made.feed(b" ", 1))
    list(made.feed(b'{"id": 1}', 2))

    assert made.take() == b" " * 60_000 + b'{"id": 1}'
    assert time.process_time() - begin < 3  # joined anew for each byte it takes far longer


def test_the_end_of_time_takes_back_what_waits():
    wire = Wire(SALT)
    play(
        [head("request"), head("response", EVENTS), data("response", b"data: x\n\ndata: y")],
        wire=wire,
        end=False,
    )

    heard = wire.feed(Tick(END_OF_TIME))

    assert [d for _, _, d in frames(heard)] == ["x"]
    assert (wire.held, wire.open_facts) == (0, 0)


def events(pieces, limit=300):
    stream = EventStream(limit)
    said = [f for piece in pieces for f in stream.feed(piece, 1)]
    return [(f.event, f.data) for f in [*said, *stream.end(2)]], stream.cut


LINES = st.sampled_from(
    [b"data: " + b"a" * 150, b"data:" + b"b" * 400, b"data: c", b"", b"", b"event: e", b": " + b"d" * 700, b"event:" + b"f" * 400,
     b"error: g", b"error:" + b"h" * 400, b"\xef\xbb\xbfdata: i", b"data: " + b"j" * 280 + b"data: k"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(LINES, max_size=9),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
)
def test_events_beyond_the_limit_are_cut_alike_in_any_pieces(lines, newline, cuts):
    text = b"".join(line + newline for line in lines)
    pieces, pos = [], 0
    while pos < len(text):
        pieces.append(text[pos : pos + cuts[len(pieces) % len(cuts)]])
        pos += len(pieces[-1])

    assert events([text]) == events(pieces)


def test_a_line_of_a_full_event_that_ends_in_the_next_piece_is_no_blank_line():
    full = b"data: " + b"a" * 290 + b"\ndata: b " + b"b" * 100
    said, cut = events([full + b"\ndata: c", b"\ndata: d\n\ndata: next\n\n"])

    assert said == [("", "a" * 290 + "\nb "), ("", "next")]
    assert cut


def test_a_long_comment_cuts_nothing():
    assert events([b": " + b"x" * 500, b"x\ndata: a\n\n"]) == ([("", "a")], False)


def test_names_and_errors_of_any_length_are_bounded():
    said, _ = events([b"event: " + b"n" * 9000 + b"\ndata: a\n\nerror: " + b"e" * 9000 + b"\n\n"])

    assert [len(name) + len(data) <= 560 for name, data in said] == [True, True]


@pytest.mark.parametrize(
    ("framing", "before", "after"),
    [
        (EventStream, b'data: {"api_key": "', b'PLANTEDplanted"}\n\ndata: next\n\n'),
        (EventStream, b'data: {"api_key": "\n', b'data: PLANTEDplanted"}\n\ndata: next\n\n'),
        (JsonLines, b'{"api_key": "', b'PLANTEDplanted"}\nnext\n'),
    ],
)
@pytest.mark.parametrize("drops", [1, 2])
def test_of_a_dropped_beginning_a_secret_keeps_its_name_or_nothing_is_told(framing, before, after, drops):
    stream = framing(999)
    stream.feed(before, 1)
    for _ in range(drops):
        stream.drop()

    *said, last = (f.data for n in range(len(after)) for f in stream.feed(after[n : n + 1], 2))

    assert last == "next"
    assert said in ([['{"api_key":"[redacted]"}'], ["{}"]] if drops == 1 else [[]])
    assert stream.cut
