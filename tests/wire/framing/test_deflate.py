import zlib

import pytest

from hexr_autoinst.wire.framing.deflate import Agreed, Inflate


@pytest.mark.parametrize(
    ("said", "agreed"),
    [
        ("", Agreed()),
        ("permessage-bzip2", Agreed()),
        ("permessage-deflate", Agreed(deflate=True)),
        ("x-webkit-deflate-frame, Permessage-Deflate;server_no_context_takeover", Agreed(deflate=True, fresh=("response",))),
        ("permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits=10", Agreed(deflate=True, fresh=("request", "response"))),
    ],
)  # fmt: skip
def test_what_was_agreed_on(said, agreed):
    assert Agreed.read(said) == agreed


def packed(data):
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (machine.compress(data) + machine.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")


def test_a_message_in_pieces_of_bounded_size():
    inflate = Inflate(1 << 26, fresh=True)
    inflate.begin()

    pieces = [*inflate.feed(packed(b"word " * 600_000)), *inflate.end()]

    assert b"".join(pieces) == b"word " * 600_000
    assert max(map(len, pieces)) == 1 << 20
    assert not inflate.lost


def test_what_cannot_be_decoded_loses_the_window_until_a_fresh_one():
    for fresh in (True, False):
        inflate = Inflate(1 << 20, fresh=fresh)
        assert list(inflate.feed(b"\xff\xff\xff")) == []
        assert inflate.lost
        inflate.begin()
        assert inflate.lost is not fresh


def test_a_bomb_ends_at_the_cap():
    inflate = Inflate(1 << 20, fresh=False)

    made = sum(map(len, inflate.feed(packed(b"\0" * 30_000_000))))

    assert inflate.lost
    assert made < 10 << 20


def test_a_block_that_says_it_is_the_last_is_survived():
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    inflate = Inflate(1 << 20, fresh=False)

    last = machine.compress(b"one") + machine.flush() + b"\0"  # RFC 7692 section 7.2.3.5
    assert b"".join([*inflate.feed(last), *inflate.end()]) == b"one"
    assert b"".join([*inflate.feed(packed(b"two")), *inflate.end()]) == b"two"
