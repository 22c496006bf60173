from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.protocols import protobuf


def varint(n):
    out = b""
    while True:
        low, n = n & 0x7F, n >> 7
        out += bytes([low | (0x80 if n else 0)])
        if not n:
            return out


def field(number, value):
    """One field as a writer would put it."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


numbers = st.integers(1, (1 << 29) - 1)


@given(st.lists(st.tuples(numbers, st.integers(0, (1 << 64) - 1) | st.binary(max_size=300)), max_size=12))
def test_what_was_written_is_read(written):
    assert list(protobuf.fields(b"".join(field(n, v) for n, v in written))) == written


@given(st.binary(max_size=400))
def test_any_bytes_read_as_something(data):
    found = list(protobuf.fields(data))

    assert sum(len(v) for _, v in found if isinstance(v, bytes)) <= len(data)
    assert protobuf.string(data, 1) is None or protobuf.message(data, 1)
    assert protobuf.number(data, 3, 1) is None or protobuf.message(data, 3) is not None


def test_a_path_leads_through_messages_and_the_last_counts():
    data = field(3, field(1, 2)) + field(1, "a") + field(1, "b") + field(2, b"\xff")

    assert protobuf.number(data, 3, 1) == 2
    assert protobuf.string(data, 1) == "b"
    assert protobuf.string(data, 2) is None
    assert protobuf.string(data, 3, 9) is None
    assert protobuf.messages(data, 1) == [b"a", b"b"]


def test_fixed_numbers_are_passed_over():
    data = varint(1 << 3 | 1) + bytes(8) + varint(2 << 3 | 5) + bytes(4) + field(3, "x")

    assert protobuf.string(data, 3) == "x"
