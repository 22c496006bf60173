import pytest

from hexr_autoinst.wire.jsonreader import END, Reader


def read(data, how, *pieces, over=False):
    """What a reading gives, and what is left of the bytes, when these pieces come one after the other."""
    reader = Reader(data, over=over)
    reading = how(reader)
    for piece in (*pieces, None):
        try:
            next(reading)
        except StopIteration as stop:
            return stop.value, reader.data[reader.at :]
        if piece is not None:
            reader.data, reader.at = reader.data[reader.at :] + piece, 0
    return "waits", reader.data[reader.at :]


def test_a_number_waits_for_its_end():
    def number(reader):
        return reader.scalar(99)

    assert read(b"12", number) == ("waits", b"12")
    assert read(b"12", number, b"3,") == (b"123", b",")
    assert read(b"12", number, over=True) == (None, b"")
    assert read(b"12]", lambda r: r.scalar(1)) == (None, b"]")


@pytest.mark.parametrize("pieces", [(b'"a\\', b'"b"', b","), (b'"', b'a\\"b"', b","), (b'"a\\"b",',)])
def test_a_string_ends_at_its_own_quote(pieces):
    assert read(pieces[0], lambda r: r.string(99, cut=True), *pieces[1:])[0] == b'a\\"b'


def test_a_string_is_cut_or_left_out():
    assert read(b'"one two three"', lambda r: r.string(9, cut=True)) == (b"one two ", b"")
    assert read(b'"one two three"', lambda r: r.string(9, cut=False)) == (None, b"")
    assert read(b'"one two', lambda r: r.string(99, cut=True), over=True)[0] is None


def test_numbers_and_containers_are_passed_over():
    assert read(b"1, 2.5e-3,", lambda r: r.pass_numbers(), b" 4]x") == (None, b"]x")
    assert read(b'[{"a": "]"', lambda r: r.pass_container(), b', "b": [', b"]}]x") == (None, b"x")


def test_after_a_syntax_error_nothing_follows():
    reader = Reader(b" nope, 1")

    with pytest.raises(StopIteration):
        next(reader.scalar(99))
    with pytest.raises(StopIteration) as stop:
        next(reader.next())
    assert stop.value.value == END
