import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.form import body, count, decimal, fields, is_form

TYPE = 'multipart/form-data; boundary="B"'


def part(head, value):
    return b"--B\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + value + b"\r\n"


def test_fields_are_read_and_files_are_not():
    body = (
        part(b'name="model"', b"whisper-1")
        + part(b'name="file"; filename="a.wav"\r\nContent-Type: audio/wav', b"\x00RIFF--X" * 9)
        + part(b'name="timestamp_granularities[]"', b"word")
        + part(b'name="timestamp_granularities[]"', b"segment")
        + b"--B--\r\n"
    )

    assert {"model": "whisper-1", "timestamp_granularities": ["word", "segment"]} == fields(TYPE, body)


def test_a_form_that_was_cut_tells_its_beginning():
    assert {"model": "m", "x": "ha"} == fields(
        TYPE, part(b'name="model"', b"m") + part(b'name="x"', b"ha")[:-2]
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(TYPE, True), ("Multipart/Form-Data; boundary=x", True), ("application/json", False)],
)
def test_a_form_is_known_by_its_type(kind, expected):
    assert expected is is_form(kind)


def test_without_a_boundary_there_are_no_fields():
    assert fields("multipart/form-data", b"--B") is None


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(body):
    assert isinstance(fields(TYPE, body), dict)
    assert isinstance(fields(TYPE, part(b'name="' + body, body)), dict)


@pytest.mark.parametrize(
    ("said", "whole", "broken"),
    [
        ("3", 3, 3.0),
        (3, 3, 3.0),
        ("0.5", None, 0.5),
        ("-1", None, -1.0),
        ("x", None, None),
        ("1e9", None, None),
        (None, None, None),
    ],
)
def test_numbers_are_read_from_text(said, whole, broken):
    assert (whole, broken) == (count(said), decimal(said))


@pytest.mark.parametrize("found", [{"model": "m", "x": ["a"]}, {"x": ["a", "b"], "y": "~ 16"}, {}])
def test_a_form_that_was_made_says_the_same(found):
    assert found == fields(TYPE, body(TYPE, found))
    assert body("multipart/form-data", found) == b""
