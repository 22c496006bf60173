import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire.framing.resp import Resp


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def told(side, data, step=0):
    framing = Resp(side)
    step = step or len(data) or 1
    frames = [f for n in range(0, len(data), step) for f in framing.feed(data[n : n + step], 1)]
    return [json.loads(f.data) if f.data else f.event for f in frames], framing, frames


@pytest.mark.parametrize("step", [0, 1, 7])
def test_commands_in_a_pipeline_and_inline(step):
    data = (
        command(b"GET", b"k:1")
        + command(b"set", b"k:2", b"V" * 3000, b"px", b"500", b"NX")
        + b"PING\r\n"
        + command(b"MGET", b"a", b"b")
    )

    found, framing, frames = told("request", data, step)

    assert found == [
        ["GET", "k:1"],
        ["SET", "k:2", {"bytes": 3000}, "PX", 500, "NX"],
        ["PING"],
        ["MGET", "a", "b"],
    ]
    assert {(f.kind, f.side, f.event, f.cut) for f in frames} == {("resp", "request", "", False)}
    assert framing.buffered == 0


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"+OK\r\n", {"status": "OK"}),
        (b"+Background saving started, VALUE\r\n", {"bytes": 32}),
        (b"-WRONGTYPE Operation against VALUE\r\n", {"error": "WRONGTYPE"}),
        (b"-oops VALUE\r\n", {"error": "ERR"}),
        (b"!21\r\nSYNTAX invalid VALUE!\r\n", {"error": "SYNTAX"}),
        (b":-12\r\n", -12),
        (b"$5\r\nVALUE\r\n", {"bytes": 5}),
        (b"$0\r\n\r\n", {"bytes": 0}),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"_\r\n", None),
        (b"#t\r\n", True),
        (b"#f\r\n", False),
        (b",3.14\r\n", {"bytes": 4}),
        (b"(34928903284092384\r\n", {"bytes": 17}),
        (b"=9\r\ntxt:VALUE\r\n", {"bytes": 9}),
        (b"*0\r\n", []),
        (b"*3\r\n$5\r\nVALUE\r\n$-1\r\n*1\r\n:7\r\n", [{"bytes": 5}, None, [7]]),
        (b"~2\r\n+a\r\n:1\r\n", [{"bytes": 1}, 1]),
        (
            b"%2\r\n$13\r\ntotal_results\r\n:3\r\n$5\r\nVALUE\r\n+x\r\n",
            {"map": [["total_results", 3], [{"bytes": 5}, {"bytes": 1}]]},
        ),
        (b"|1\r\n+ttl\r\n:3600\r\n$5\r\nVALUE\r\n", {"bytes": 5}),
    ],
)
def test_answers_are_told_by_their_kind(data, expected, step):
    found, framing, frames = told("response", data + b":1\r\n", step)

    assert found == [expected, 1]
    assert "VALUE" not in repr(frames)
    assert not framing.broken


def test_a_push_is_no_answer():
    _, _, frames = told("response", b">3\r\n+message\r\n$2\r\nch\r\n$5\r\nVALUE\r\n:1\r\n")

    assert [(f.event, f.data) for f in frames] == [
        ("push", '[{"bytes":7},{"bytes":2},{"bytes":5}]'),
        ("", "1"),
    ]


def test_a_value_of_any_length_is_never_held():
    framing, most = Resp("response"), 0
    framing.feed(b"$50000000\r\n", 1)
    for _ in range(5000):
        framing.feed(b"V" * 10_000, 1)
        most = max(most, framing.buffered)

    (frame,) = framing.feed(b"\r\n", 2)
    assert (frame.data, most) == ('{"bytes":50000000}', 0)


def test_an_answer_of_many_is_cut_and_says_so():
    found, framing, frames = told("response", b"*1000\r\n" + b":1\r\n" * 1000 + b":2\r\n")

    assert (len(found[0]), frames[0].cut, found[1], frames[1].cut, framing.cut) == (256, True, 2, False, True)


def test_what_is_no_resp_is_lost_until_a_read_begins_anew():
    framing = Resp("request")
    assert [f.event for f in framing.feed(command(b"GET", b"k") + b"\x00\x01 what\r\n", 1)] == ["", "lost"]
    assert framing.feed(b"still nothing", 2) == []
    assert [f.data for f in framing.feed(command(b"GET", b"k2"), 3)] == ['["GET","k2"]']
    assert framing.broken


def test_a_hole_within_a_value_costs_nothing_and_elsewhere_says_that_something_is_lost():
    framing = Resp("response")
    framing.feed(b"$100\r\nVVVV", 1)
    framing.hole(50)
    assert [f.data for f in framing.feed(b"V" * 46 + b"\r\n", 2)] == ['{"bytes":100}']

    framing.feed(b"*2\r\n:1", 3)
    framing.hole(-1)
    assert [(f.event, f.data) for f in framing.feed(b"+OK\r\n", 4)] == [("lost", ""), ("", '{"status":"OK"}')]


def test_depth_and_lines_are_bounded():
    assert told("response", b"*1\r\n" * 50)[0] == ["lost"]
    assert told("response", b"+" + b"x" * 200_000)[0] == ["lost"]


ANY = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b"*2\r\n", b"$3\r\nabc\r\n", b"$-1\r\n", b"+OK\r\n", b":1\r\n", b"%1\r\n", b">1\r\n", b"_\r\n", b"|1\r\n", b"#t\r\n", b"PING a\r\n", b"\r\n"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(ANY, max_size=15), st.integers(1, 9), st.sampled_from(["request", "response"]))
def test_any_bytes_in_any_pieces(parts, step, side):
    data = b"".join(parts)

    def until_lost(found):
        return found[: found.index("lost")] if "lost" in found else found

    assert until_lost(told(side, data)[0]) == until_lost(told(side, data, step)[0])
