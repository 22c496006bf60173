import pytest

from hexr_autoinst.wire.jsonlines import JsonLines


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']),
        (b'{"a":1}\r\n\r\n\n{"b":2}', ['{"a":1}', '{"b":2}']),
        (b'\x1e{"a":1}\n', ['{"a":1}']),
        (b"", []),
    ],
)
def test_json_lines(data, expected):
    for cut in (1, 3, 100):
        lines = JsonLines(1000)
        frames = [f for i in range(0, len(data), cut) for f in lines.feed(data[i : i + cut], 5)]
        assert [f.data for f in [*frames, *lines.end(6)]] == expected


def test_a_json_line_beyond_the_limit_is_cut():
    lines = JsonLines(10)

    assert [f.data for f in lines.feed(b"01234 6789abc\nx\n", 1)] == ["01234", "x"]
    assert lines.cut


def test_an_unfinished_json_line_of_a_cut_body_is_nothing():
    lines = JsonLines(100)
    lines.feed(b'{"a":', 1)

    assert lines.end(2, clean=False) == []


def test_of_a_json_line_beyond_the_limit_what_is_short_is_kept():
    lines = JsonLines(100)
    long = b'{"id": 1, "text": "' + b"word " * 1000 + b'", "usage": {"total": 7}}\n'

    for step in (7, 100_000):
        (frame,) = [f for i in range(0, len(long), step) for f in lines.feed(long[i : i + step], 1)]

        assert frame.cut
        assert frame.data == '{"id":1,"text":"' + "word " * 204 + '","usage":{"total":7}}'


def test_a_carriage_return_that_comes_alone_is_no_part_of_a_line():
    lines = JsonLines(100)

    assert [f.data for p in (b'{"a":1}', b"\r", b"\n", b"\r", b"\n") for f in lines.feed(p, 1)] == ['{"a":1}']
