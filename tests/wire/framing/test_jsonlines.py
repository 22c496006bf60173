import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire.framing.jsonlines import Lines, is_line


def told(data, step=0, joined=False, limit=1000):
    framing = Lines("request", limit, joined=joined)
    step = step or len(data) or 1
    frames = [f for n in range(0, len(data), step) for f in framing.feed(data[n : n + step], 1)]
    return [f.data for f in [*frames, *framing.end(2)]], framing.noise


@pytest.mark.parametrize("step", [0, 1, 4])
def test_lines_end_with_lf_crlf_or_nul(step):
    assert told(b'{"a":1}\n\n[{"b":2}]\r\n  {"c":3} \0{"d":4}', step) == (
        ['{"a":1}', '[{"b":2}]', '{"c":3}', '{"d":4}'],
        0,
    )


@pytest.mark.parametrize("step", [0, 1, 4])
def test_what_is_no_json_is_counted(step):
    assert told(
        b'\xef\xbb\xbf{"a":1}\nDEBUG: {x}\n{not json}\n[2024-01-01] up\n42\n"text"\n{"b":NaN}\n', step
    ) == (['{"a":1}', '{"b":NaN}'], 5)


def test_a_hole_costs_the_line_it_is_in():
    framing = Lines("response", 1000, joined=False)
    framing.feed(b'{"a":', 1)
    framing.hole(3)

    assert [f.data for f in framing.feed(b'"x"}\n{"b":2}\n', 2)] == ['{"b":2}']
    assert (framing.noise, framing.buffered) == (0, 0)


@pytest.mark.parametrize(
    ("first", "expected"),
    [(b'est":1}\n{"a":1}\n', ['{"a":1}']), (b'{"z":0}\n{"a":1}\n', ['{"z":0}', '{"a":1}'])],
)
def test_what_was_joined_begins_with_a_line(first, expected):
    assert told(first, joined=True) == (expected, 0)


def test_memory_is_bounded_and_given_back():
    framing = Lines("request", 1000, joined=False)
    for _ in range(200):
        framing.feed(b"not json and never ends ", 1)
    assert framing.buffered <= 1000
    framing.drop()
    framing.drop()
    assert framing.buffered == 0
    assert framing.feed(b'\n{"a":1}\n', 2)[0].data == '{"a":1}'


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"{}", True), (b"[]", True), (b"{", False), (b"[1", False), (b"1", False), (b'{"\\ud800":1}', True)],
)
def test_a_line(said, expected):
    assert is_line(said) is expected


LINE = st.sampled_from([b'{"a":1}', b"\n", b"\r\n", b"\0", b"noise", b"{bad}", b" ", b"[1]"])


@given(st.lists(LINE | st.binary(max_size=9), max_size=12), st.integers(1, 7), st.booleans())
def test_any_bytes_in_any_pieces(parts, step, joined):
    data = b"".join(parts)

    assert told(data, joined=joined) == told(data, step, joined=joined)
