import hpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire.framing.blocks import Block, Blocks

FIELDS = [(":method", "GET"), ("x-tenant", "blue"), ("x-more", "m" * 40)]


def test_blocks_refer_to_earlier_ones():
    encoder, blocks = hpack.Encoder(), Blocks(10_000, joined=False)

    for _ in range(3):
        assert blocks.read(encoder.encode(FIELDS)) == Block(tuple(FIELDS))


def test_what_was_said_before_is_unknown_and_what_is_said_since_is_right():
    encoder = hpack.Encoder()
    encoder.encode(FIELDS)
    blocks = Blocks(10_000, joined=True)

    assert blocks.read(encoder.encode([*FIELDS, ("x-new", "n")])) == Block(
        ((":method", "GET"), ("x-new", "n")), known=False
    )
    assert blocks.read(encoder.encode([(":method", "GET"), ("x-new", "n")])) == Block(
        ((":method", "GET"), ("x-new", "n"))
    )
    assert blocks.read(encoder.encode([("x-tenant", "red")])).known is False  # its name is an old one
    assert blocks.read(encoder.encode([("x-tenant", "red")])) == Block((), known=False)


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["a", "bb", "ccc"]), st.text("xyz", max_size=60)),
            min_size=1,
            max_size=6,
        ),
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_nothing_that_is_told_was_not_said(lists, joined_at):
    """Wherever one joins, and whatever has been evicted: each field that is told stands in the list, in order."""
    encoder = hpack.Encoder()
    encoder.header_table_size = 200
    blocks = Blocks(10_000, joined=joined_at > 0)
    for n, fields in enumerate(lists):
        block = encoder.encode(fields)
        if n < joined_at:
            continue
        found = blocks.read(block)
        rest = iter(fields)
        assert all(any(one == said for said in rest) for one in found.fields)
        assert not found.known or list(found.fields) == fields


def test_a_lost_block_is_forgotten_with_the_table():
    encoder, blocks = hpack.Encoder(), Blocks(10_000, joined=False)
    blocks.read(encoder.encode(FIELDS))
    encoder.encode([("x-lost", "l")])
    blocks.forget()

    assert blocks.read(encoder.encode([("x-lost", "l"), ("x-tenant", "blue")])) == Block((), known=False)


def test_a_larger_table_is_followed_within_reason():
    encoder, blocks = hpack.Encoder(), Blocks(1 << 20, joined=False)
    encoder.header_table_size = 64 << 10
    many = [(f"x-{n}", "v" * 100) for n in range(300)]

    assert blocks.read(encoder.encode(many)).known
    assert blocks.read(encoder.encode(many)) == Block(tuple(many))
    encoder.header_table_size = 1 << 20
    assert blocks.read(encoder.encode(many)) == Block((), known=False)


@pytest.mark.parametrize(
    "block",
    [
        b"\xff\xff\xff\xff\xff\xff\xff",
        b"\x40\x85",
        b"\xc0",
        b"\x80",
        b"\x3f\xe1\xff\xff\xff\x0f",
        b"\x00\x81\xff\x00",
    ],
)
def test_what_is_no_block_has_no_field(block):
    blocks = Blocks(1000, joined=False)

    assert blocks.read(block) == Block((), known=False)
    assert blocks.read(b"\x82") == Block(((":method", "GET"),))


def test_a_list_beyond_the_limit_is_not_told():
    encoder = hpack.Encoder()
    big = encoder.encode([("x-big", "v" * 4000)])

    assert Blocks(50_000, joined=False).read(big + b"\xbe" * 16_000) == Block((), known=False)


def test_bytes_that_are_no_utf8_are_kept():
    block = hpack.Encoder().encode(
        [(b"grpc-status-details-bin", b"\xff\x00\x01"), (b"x", "é".encode())], huffman=False
    )

    assert Blocks(1000, joined=False).read(block).fields == (
        ("grpc-status-details-bin", "\xff\x00\x01"),
        ("x", "é"),
    )


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes(block, joined):
    blocks = Blocks(500, joined=joined)

    assert isinstance(blocks.read(block), Block)
    assert isinstance(blocks.read(block), Block)
