import base64
import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.exchange import Headers, Said
from hexr_autoinst.model.facts import Data, End, Head
from hexr_autoinst.wire.framing.grpc import Grpc
from tests.wire.recorded import HOWS, PLANTED, cuts, facts, load
from tests.wire.stage import KEY, asked, ended, play


def message(data, flag=0):
    return bytes((flag,)) + len(data).to_bytes(4, "big") + data


def grpc(kind="application/grpc", encoding="", limit=1000, side="response"):
    return Grpc(Headers((("content-type", kind), ("grpc-encoding", encoding))), side, limit)


def raws(framing, data, step=0):
    step = step or len(data) or 1
    return [f.raw for n in range(0, len(data), step) for f in framing.feed(data[n : n + step], 1)]


# -- by both doors --


@pytest.mark.parametrize("how", HOWS)
def test_calls_of_real_peers(how):
    connections, want = load("grpc_calls")

    heard = play([f for n, c in enumerate(connections) for f in facts(cuts(c, how), handle=n)])

    assert PLANTED not in repr(heard)
    exchanges = sorted(ended(heard), key=lambda e: (e.conn.handle, e.ordinal))
    assert [w["path"] for w in want] == [e.request.path for e in exchanges]
    for w, e in zip(want, exchanges, strict=True):
        said = [h.frame for h in heard if isinstance(h, Said) and h.id == e.id]
        assert [f.raw.hex() for f in said if f.side == "request"] == w["sent"]
        assert [f.raw.hex() for f in said if f.side == "response"] == w["got"]
        assert {f.kind for f in said} == {"grpc"}
        trailers = dict(e.response.trailers.fields)
        assert {k: trailers[k] for k in w["trailers"]} == w["trailers"]
        assert (e.missing, e.request.body, e.response.body, e.response.status) == ((), b"", b"", 200)
    assert [h.exchange.request.ended for h in heard if type(h).__name__ == "Asked"] == [0] * len(want)


def proxied(*pieces, encoding="gzip"):
    kind = (("content-type", "application/grpc"), ("grpc-encoding", encoding))
    yield Head(
        1,
        "proxy",
        "f",
        "request",
        KEY,
        "c",
        method="POST",
        scheme="https",
        authority="h",
        target="/s.S/M",
        version="HTTP/2.0",
        headers=kind,
    )
    for side, data in pieces:
        if side == "response":
            yield Head(2, "proxy", "f", "response", KEY, "c", status=200, version="HTTP/2.0", headers=kind)
        for n in range(0, len(data), 7):
            yield Data(3 + n, "proxy", "f", side, data[n : n + 7])
        yield End(
            900,
            "proxy",
            "f",
            side,
            "",
            (("grpc-status", "0"), ("grpc-message", "")) if side == "response" else (),
        )


def test_a_plane_that_parses_gives_the_same_frames_and_trailers():
    asked_, said = b"\x0a\x03ask", b"\x0a\x05words" * 20
    heard = play(
        [*proxied(("request", message(asked_)), ("response", message(gzip.compress(said), 1) + message(b"")))]
    )

    (e,) = ended(heard)
    assert [(h.frame.side, h.frame.raw) for h in heard if isinstance(h, Said)] == [
        ("request", asked_),
        ("response", said),
        ("response", b""),
    ]
    assert (dict(e.response.trailers.fields)["grpc-status"], e.request.version, e.missing) == (
        "0",
        "HTTP/2",
        (),
    )
    assert [x.request.ended for x in asked(heard)] == [0]


def test_an_answer_that_is_only_trailers_has_them_for_trailers():
    kind = ("content-type", "application/grpc")
    heads = [Head(1, "har", "f", "request", method="POST", scheme="https", authority="h", target="/s.S/M", headers=(kind,)),
             Data(2, "har", "f", "request", message(b"x")), End(3, "har", "f", "request"),
             Head(4, "har", "f", "response", status=200, headers=(kind, ("grpc-status", "12"))), End(5, "har", "f", "response")]  # fmt: skip

    (e,) = ended(play(heads))

    assert e.response.trailers.get("grpc-status") == "12"


def test_an_answer_that_is_no_grpc_is_read_as_what_it_is():
    kind = ("content-type", "application/grpc")
    heads = [Head(1, "proxy", "f", "request", method="POST", scheme="https", authority="h", target="/s.S/M", headers=(kind,)),
             End(3, "proxy", "f", "request"), Head(4, "proxy", "f", "response", status=503, headers=(("content-type", "text/plain"),)),
             Data(5, "proxy", "f", "response", b"upstream is away"), End(6, "proxy", "f", "response")]  # fmt: skip

    (e,) = ended(play(heads))

    assert (e.response.body, e.missing) == (b"upstream is away", ())


# -- the framing --


@pytest.mark.parametrize("step", [0, 1, 3])
@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("identity", lambda data: data),
        ("", lambda data: data),
    ],
)
def test_messages_are_decompressed(encoding, packed, step):
    data = message(packed(b"one" * 30), 1) + message(b"plain") + message(packed(b""), 1)

    assert raws(grpc(encoding=encoding), data, step) == [b"one" * 30, b"plain", b""]


def test_a_compression_that_is_not_known_leaves_nothing_and_is_said():
    framing = grpc(encoding="snappy")

    (frame,) = framing.feed(message(b"....", 1), 1)

    assert (frame.raw, frame.cut, framing.broken) == (b"", True, True)


@pytest.mark.parametrize("flag", [0, 1])
def test_an_oversized_message_is_cut_at_a_word_and_the_next_is_whole(flag):
    long = (b"word " * 600) if not flag else gzip.compress(bytes(range(33, 100)) * 99 + b"\0" * 9000)
    framing = grpc(encoding="gzip", limit=1000)

    first, second = framing.feed(message(long, flag) + message(b"next"), 1)

    assert first.cut
    assert len(first.raw) <= 1000
    assert (second.raw, second.cut) == (b"next", False)
    assert framing.cut
    assert framing.buffered == 0


def test_a_bomb_costs_the_limit():
    (frame,) = grpc(encoding="gzip", limit=10_000).feed(message(gzip.compress(b"\0" * 50_000_000), 1), 1)

    assert (len(frame.raw), frame.cut) == (10_000, True)


def test_a_message_without_a_beginning_ends_the_reading():
    framing = grpc()

    assert raws(framing, message(b"ok") + b"HTTP/1.1 500 what") == [b"ok"]
    assert (framing.broken, framing.feed(message(b"more"), 2), framing.buffered) == (True, [], 0)


def test_a_hole_within_a_message_costs_that_message():
    framing = grpc()
    data = message(b"abcdefgh")

    assert framing.feed(data[:7], 1) == []
    framing.hole(3)
    assert [f.raw for f in framing.feed(data[10:] + message(b"next"), 2)] == [b"next"]
    framing.hole(-1)
    assert framing.feed(message(b"lost"), 3) == []


def test_memory_that_is_given_back_leaves_a_frame_without_bytes():
    framing = grpc()
    framing.feed(message(b"x" * 900)[:500], 1)
    assert framing.buffered > 400
    framing.drop()
    assert framing.buffered < 10

    (frame,) = framing.feed(message(b"x" * 900)[500:], 2)
    assert (frame.raw, frame.cut) == (b"", True)


@pytest.mark.parametrize("step", [0, 1, 2, 5])
def test_grpc_web_has_its_trailers_in_its_body_and_may_be_text(step):
    first, last = message(b"one"), message(b"grpc-status: 5\r\nGrpc-Message: no\r\n", 0x80)
    for kind, data in (
        ("application/grpc-web+proto", first + last),
        (
            "application/grpc-web-text",
            base64.b64encode(first) + base64.b64encode(last),
        ),  # padding in the middle
    ):
        framing = grpc(kind)
        assert raws(framing, data, step) == [b"one"]
        assert framing.trailers == (("grpc-status", "5"), ("Grpc-Message", "no"))
        assert not framing.broken


def test_text_that_is_no_base64_is_said():
    framing = grpc("application/grpc-web-text")

    assert raws(framing, b"=A=A" * 9) == []
    assert framing.broken


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), st.builds(message, st.binary(max_size=30), st.sampled_from([0, 1, 2, 128]))), max_size=8),
       st.integers(1, 9), st.sampled_from(["application/grpc", "application/grpc-web", "application/grpc-web-text"]))  # fmt: skip
def test_any_bytes_in_any_pieces(parts, step, kind):
    data = b"".join(parts)
    whole, cut = grpc(kind, "gzip", 20), grpc(kind, "gzip", 20)

    assert raws(whole, data) == raws(cut, data, step)
    assert whole.broken == cut.broken
    assert cut.buffered <= 25
