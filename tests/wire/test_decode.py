import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire.decode import Decoder

TEXT = b'{"hello": "' + b"world " * 500 + b'"}'


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:]),
    "GZIP ": gzip.compress(TEXT) + b"\0\0\0",
    "deflate": zlib.compress(TEXT),
    "deflate ": raw_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "zstd ": zstandard.compress(TEXT[:50]) + zstandard.compress(TEXT[50:]),
    "gzip, br": brotli.compress(gzip.compress(TEXT)),
}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("cut", [1, 7, 1 << 20])
def test_a_coding_comes_off_however_it_is_cut(name, cut):
    decoder = Decoder(name, 1 << 20)
    packed = PACKED[name]

    assert b"".join(decoder.feed(packed[i : i + cut]) for i in range(0, len(packed), cut)) == TEXT
    assert not decoder.broken
    assert not decoder.full


BOMB = 64 << 20


@pytest.mark.parametrize(
    ("name", "bomb"),
    [
        ("gzip", gzip.compress(bytes(BOMB))),
        ("br", brotli.compress(bytes(BOMB), quality=1)),
        ("zstd", zstandard.compress(bytes(BOMB))),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(BOMB)))),
    ],
)
def test_a_bomb_stops_at_the_cap(name, bomb):
    decoder = Decoder(name, 1 << 20)

    made = sum(len(decoder.feed(bomb[i : i + 16384])) for i in range(0, len(bomb), 16384))

    assert decoder.full
    assert made < 20 << 20  # one slice of zstd may overshoot


def test_a_stream_may_go_on_beyond_the_cap_but_a_bomb_in_it_may_not():
    words = b"".join(b"data: %d\n\n" % n for n in range(20_000))
    packed = gzip.compress(words)
    decoder = Decoder("gzip", 10_000)
    made = b""
    for i in range(0, len(packed), 100):
        made += decoder.feed(packed[i : i + 100])
        decoder.renew()
    assert made == words

    decoder, packed = Decoder("gzip", 10_000), gzip.compress(bytes(BOMB))
    made = 0
    for i in range(0, len(packed), 100):
        made += len(decoder.feed(packed[i : i + 100]))
        decoder.renew()
    assert decoder.full
    assert made < BOMB // 2


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "compress", "gzip,gzip,gzip,gzip,gzip"])
def test_what_cannot_be_decoded_is_broken_and_gives_nothing_more(name):
    decoder = Decoder(name, 1000)

    decoder.feed(b"this is no such thing at all, whatever it says")
    assert decoder.feed(b"nor is this") == b""
    assert decoder.broken


@given(st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.binary(max_size=60), st.integers(0, 40))
def test_any_bytes_after_a_good_beginning_are_survived(name, junk, cut):
    decoder = Decoder(name, 10_000)

    assert TEXT.startswith(decoder.feed(PACKED[name][:cut])) or decoder.broken
    decoder.feed(junk)
