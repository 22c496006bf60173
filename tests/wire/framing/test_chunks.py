import pytest

from hexr_autoinst.wire.framing.chunks import whole_chunks


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"2\r\nab\r\n3\r\ncde\r\n", (15, [b"ab", b"cde"])),
        (b"2\r\nab\r\n0\r\n\r\n", (7, [b"ab"])),
        (b"2\r\nab\r\n3\r\ncd", (7, [b"ab"])),
        (b"2;x=y\r\nab\r\n", (0, [])),
        (b"2\r\nabc\r\n", (0, [])),
        (b"fffffff\r\nab", (0, [])),
        (b"", (0, [])),
        (b"nonsense", (0, [])),
    ],
)
def test_whole_chunks_are_taken_and_the_rest_is_left(data, expected):
    assert expected == whole_chunks(data, 0)
