import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.model.facts import Data, End, Head
from hexr_autoinst.wire.framing.websocket import pair
from hexr_autoinst.wire.limits import Limits
from tests.wire.stage import KEY, chunks, ended, play
from tests.wire.talkers.test_duplex import SWITCH, UPGRADE, said, ws

MASK = b"\x11\x00\xf0\x7f"
DEFLATE = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"


def both(extensions="", **limits):
    return pair(Limits(**limits), extensions)


def told(framing, data, step=0):
    step = step or len(data) or 1
    frames = [f for n in range(0, len(data), step) for f in framing.feed(data[n : n + step], 1)]
    return [(f.event, f.data or f.raw) for f in frames]


class Packer:
    """A sender's window."""

    def __init__(self, bits=-12):
        self.machine = zlib.compressobj(9, zlib.DEFLATED, bits)

    def __call__(self, data):
        made = self.machine.compress(data) + self.machine.flush(zlib.Z_SYNC_FLUSH)
        return made.removesuffix(b"\x00\x00\xff\xff")


@pytest.mark.parametrize("step", [0, 1, 3, 1000])
@pytest.mark.parametrize("mask", [b"", MASK])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_lengths_and_masks(size, mask, step):
    if step == 1 and size > 60_000:
        step = 777
    text = (b"abcdefg" * (size // 7 + 1))[:size]

    assert told(both()[0], ws(1, text, mask=mask) + ws(2, b"\xffbin", mask=mask), step) == [
        ("", text.decode() or b""),
        ("", b"\xffbin"),
    ]


@pytest.mark.parametrize("step", [0, 1, 5])
def test_fragments_with_a_ping_between_them(step):
    data = (
        ws(1, b"one ", final=False)
        + ws(9, b"ping")
        + ws(0, b"two ", final=False)
        + ws(10, b"")
        + ws(0, b"three")
        + ws(1, b"next")
    )

    assert told(both()[1], data, step) == [("", "one two three"), ("", "next")]


@pytest.mark.parametrize("step", [0, 1, 5])
@pytest.mark.parametrize("fresh", [True, False])
def test_compressed_messages(fresh, step):
    pack, data = Packer(), b""
    for n, text in enumerate(
        (b"the same words again " * 3, b"the same words again, again", b"", b"the same words again")
    ):
        if fresh:
            pack = Packer()
        packed = pack(text)
        data += (
            ws(1, packed[:5], rsv=0x40, final=False) + ws(9, b"x") + ws(0, packed[5:])
            if n != 3
            else ws(2, packed, rsv=0x40)
        )
    data += ws(1, b"not compressed")
    framing = both(DEFLATE + ("; server_no_context_takeover" if fresh else ""))[1]

    assert [d for _, d in told(framing, data, step)] == [
        "the same words again " * 3, "the same words again, again", b"", b"the same words again", "not compressed",
    ]  # fmt: skip
    assert not framing.broken


def test_each_side_has_a_window_of_its_own():
    client, server = both("permessage-deflate; client_no_context_takeover")
    mine, theirs = Packer(), Packer()
    for text in (b"repeat repeat repeat", b"repeat repeat"):
        assert told(client, ws(1, Packer()(text), rsv=0x40, mask=MASK)) == [("", text.decode())]
        assert told(server, ws(1, theirs(text), rsv=0x40)) == [("", text.decode())]
    assert mine is not theirs


def test_a_window_that_lost_bytes_is_not_guessed_at():
    pack = Packer()
    one, two = ws(1, pack(b"a first message"), rsv=0x40), ws(1, pack(b"a first message again"), rsv=0x40)
    framing = both(DEFLATE)[1]
    framing.feed(one[:6], 1)
    framing.hole(2)

    assert told(framing, one[8:] + two + ws(1, b"plain")) == [("", "plain")]
    assert framing.broken


def test_a_bomb_costs_a_bounded_time_and_what_follows_is_read():
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(b"\0" * 100_000_000) + bomb.flush(zlib.Z_SYNC_FLUSH)
    framing = both("permessage-deflate; server_no_context_takeover", frame=1000)[1]

    assert told(framing, ws(2, packed[:-4], rsv=0x40) + ws(1, Packer()(b"after"), rsv=0x40)) == [
        ("", "after")
    ]
    assert framing.broken
    assert framing.buffered == 0


def test_a_long_message_keeps_what_is_short_in_it():
    framing = both(frame=4096)[1]
    text = b'{"type":"response.done","audio":"' + b"QUJD" * 5000 + b'","usage":{"total_tokens":7}}'

    (frame,) = framing.feed(ws(1, text), 1)

    assert (frame.cut, framing.cut) == (True, True)
    assert '"total_tokens":7' in frame.data
    (frame,) = framing.feed(ws(2, b"\1" * 9000), 2)
    assert (len(frame.raw), frame.cut) == (4096, True)


@pytest.mark.parametrize(
    ("payload", "data"),
    [
        (b"", ""),
        (b"\x03", ""),
        (b"\x03\xe8", "1000"),
        (b"\x0f\xa1sk-planted-0123456789abcdef", "4001 [redacted]"),
        (b"\x03\xe8caf\xe9", "1000 caf\ufffd"),
    ],
)
def test_how_it_was_closed(payload, data):
    client, server = both()

    assert told(client, ws(8, payload, mask=MASK) + b"more") == [("close", data or b"")]
    assert client.over
    assert told(server, ws(8, payload)) == []  # the answer to it
    assert server.over


@pytest.mark.parametrize("head", [b"\x83\x00", b"\xa1\x00", b"\x89\x7e\x00\x7e", b"\x09\x00", b"\x8b\x00"])
def test_what_is_no_frame_ends_the_reading(head):
    framing = both()[1]

    assert told(framing, ws(1, b"ok") + head + ws(1, b"no")) == [("", "ok")]
    assert (framing.over, framing.broken) == (True, True)


def test_a_secret_in_a_message_is_gone():
    key = b"sk-planted-0123456789abcdefghij"
    framing = both()[0]

    frames = framing.feed(ws(1, b'{"k": "' + key + b'"}', mask=MASK) + ws(2, b"\x0a\x1f" + key, mask=MASK), 1)

    assert (frames[0].data, len(frames[1].raw)) == ('{"k": "[redacted]"}', 33)
    assert key not in frames[1].raw


# -- both doors --

TURNS = [
    ("out", 1, b'{"type": "session.update"}'),
    ("in", 1, b'{"type": "session.updated"}'),
    ("in", 2, b"\0audio" * 99),
    ("out", 8, b"\x0f\xa1enough"),
]


def by_bytes():
    data = [(d, ws(op, payload, mask=MASK if d == "out" else b"")) for d, op, payload in TURNS]
    return chunks(("out", UPGRADE), ("in", SWITCH), *data, ("in", ws(8, TURNS[-1][2])))


def by_messages():
    kinds, at = {1: "text", 2: "binary", 8: "close"}, 10
    yield Head(
        1,
        "proxy",
        "f",
        "request",
        KEY,
        "c",
        method="GET",
        scheme="https",
        authority="h",
        target="/realtime?model=m",
    )
    yield End(2, "proxy", "f", "request")
    yield Head(3, "proxy", "f", "response", KEY, "c", status=101, headers=(("Upgrade", "websocket"),))
    for direction, opcode, payload in TURNS:
        side = "request" if direction == "out" else "response"
        for n in range(0, len(payload), 200):
            at += 1
            yield Data(
                at,
                "proxy",
                "f",
                side,
                payload[n : n + 200],
                message=kinds[opcode],
                more=n + 200 < len(payload),
            )
    yield End(at + 1, "proxy", "f", "response")


def test_both_doors_tell_the_same_frames():
    heard, parsed = play(by_bytes()), play([*by_messages()])

    assert said(heard) == said(parsed)
    assert len(said(heard)) == 4
    for (e,) in (ended(heard), ended(parsed)):
        assert (e.missing, e.response.status, e.response.streamed, e.request.path) == (
            (),
            101,
            True,
            "/realtime",
        )


def test_a_message_that_lost_a_piece_on_its_way_from_the_proxy_is_no_frame():
    facts = [*by_messages()]
    facts[5:7] = [
        Data(99, "proxy", "f", "response", b"tail", 200, "binary"),
        Data(100, "proxy", "f", "response", b"next", 0, "text"),
    ]

    (e,) = ended(heard := play(facts))

    assert ("response", "", "next") in said(heard)
    assert "tail" not in repr(said(heard))
    assert "lost_events" in e.missing


def test_a_connection_cut_behind_the_proxy_says_by_whom():
    facts = [*by_messages()][:4]

    (e,) = ended(play([*facts, End(999, "proxy", "f", "response", "closed_by_server")]))

    assert e.missing == ("closed_by_server",)


PARTS = st.one_of(
    st.binary(max_size=30),
    st.builds(
        ws,
        st.sampled_from([0, 1, 2, 8, 9, 10]),
        st.binary(max_size=130),
        final=st.booleans(),
        mask=st.sampled_from([b"", MASK]),
        rsv=st.sampled_from([0, 0x40]),
    ),
    st.builds(lambda d: ws(1, Packer()(d), rsv=0x40), st.binary(max_size=40)),
)


@pytest.mark.parametrize("step", [1, 8])
def test_a_piece_that_does_not_unpack_breaks_its_message_however_it_is_cut(step):
    framing = both(DEFLATE)[1]

    assert told(framing, b"\x41\x06" + bytes(6), step) == []
    assert (framing.broken, framing.over) == (True, False)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=6), st.integers(1, 9), st.sampled_from(["", DEFLATE]))
def test_any_bytes_in_any_pieces(parts, step, extensions):
    data = b"".join(parts)
    whole, cut = both(extensions, frame=50)[1], both(extensions, frame=50)[1]

    assert told(whole, data) == told(cut, data, step)
    assert (whole.broken, whole.over) == (cut.broken, cut.over)
    assert cut.buffered <= 100


def test_a_hole_of_unknown_size_is_left_at_the_next_read_that_begins_a_message():
    framing = both()[1]
    framing.feed(ws(1, b"x" * 100)[:50], 1)
    framing.hole(-1)

    assert told(framing, b"in the middle of something") == []
    assert told(framing, ws(1, b"back")) == [("", "back")]


@pytest.mark.parametrize("step", [0, 1, 7])
def test_a_binary_message_that_is_json_is_text(step):
    secret = b'{"api_key": "sk-planted-0123456789abcdefghij", "a": "' + "é".encode() + b'"}'
    frames = told(both()[1], ws(2, secret) + ws(2, b'{"a": ') + ws(2, b"[1]") + ws(2, b"{\xff}"), step)

    assert frames[0][1].startswith("{")
    assert "planted" not in frames[0][1]
    assert "é" in frames[0][1]
    assert [f for _, f in frames[1:]] == [b'{"a": ', b"[1]", b"{\xff}"]
