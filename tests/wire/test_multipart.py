import email.parser
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire.multipart import MOST, Multipart, boundary


def part(name, value, *, file="", kind=""):
    head = b'Content-Disposition: form-data; name="%s"' % name.encode()
    head += b'; filename="%s"' % file.encode() if file else b""
    head += b"\r\nContent-Type: %s" % kind.encode() if kind else b""
    return head + b"\r\n\r\n" + value


def multipart(*parts, mark=b"xYz", end=True):
    return b"".join(b"--%s\r\n%s\r\n" % (mark, p) for p in parts) + (b"--%s--\r\n" % mark if end else b"")


def reduced(data, step=0, mark=b"xYz"):
    made = Multipart(mark)
    step = step or max(1, len(data))
    for start in range(0, len(data), step):
        made.add(data[start : start + step])
    return made


def fields(kept, mark=b"xYz"):
    """As the standard library reads it."""
    head = b"Content-Type: multipart/form-data; boundary=%s\r\n\r\n" % mark
    read = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + kept)
    return [
        (p.get_param("name", header="content-disposition"), p.get_filename(), p["content-length"], p.get_payload(decode=True))
        for p in read.iter_parts()
    ]  # fmt: skip


# https://platform.openai.com/docs/api-reference/audio/createTranscription, as curl -F sends it
AUDIO = b"ID3\r\n--xY\r\n\0\xff" * 1000
TRANSCRIPTION = multipart(
    part("file", AUDIO, file="speech.mp3", kind="audio/mpeg"),
    part("model", b"gpt-4o-transcribe"),
    part("response_format", b"json"),
    part("timestamp_granularities[]", b"word"),
)


def test_fields_stay_and_a_file_is_its_length():
    for step in (0, 1, 7, 1000):
        made = reduced(TRANSCRIPTION, step)
        assert made.held < 2000

        assert not made.cut
        assert fields(made.take()) == [
            ("file", "speech.mp3", str(len(AUDIO)), b""),
            ("model", None, None, b"gpt-4o-transcribe"),
            ("response_format", None, None, b"json"),
            ("timestamp_granularities[]", None, None, b"word"),
        ]
        assert made.held == 0


def test_parts_of_other_types_are_emptied_and_text_stays():
    body = multipart(
        b'Content-Type: application/json; charset=UTF-8\r\n\r\n{"file": {"display_name": "x"}}',
        b"Content-Type: image/png\r\nContent-Length: 9999\r\n\r\n\x89PNG",
        part("prompt", b"a cat\r\n\r\n--sits", kind="text/plain"),
        part("image", b"", file="empty.png"),
        b"\r\nno head",
    )  # fmt: skip

    assert [(n, v, length) for n, _, length, v in fields(reduced(body, 3).take())] == [
        (None, b'{"file": {"display_name": "x"}}', None),
        (None, b"", "4"),
        ("prompt", b"a cat\r\n\r\n--sits", None),
        ("image", b"", "0"),
        (None, b"no head", None),
    ]


def test_a_field_named_as_a_credential_loses_its_value():
    kept = reduced(
        multipart(part("api_key", b"hunter2"), part("max_tokens", b"5"), part("token", b""))
    ).take()

    assert [(n, v) for n, _, _, v in fields(kept)] == [
        ("api_key", b"[redacted]"),
        ("max_tokens", b"5"),
        ("token", b""),
    ]


def test_a_long_field_is_cut_at_a_word_and_many_are_too_many():
    long = reduced(multipart(part("prompt", b"word " * 100_000), part("model", b"m")))
    assert long.cut
    (_, _, _, prompt), (_, _, _, model) = fields(long.take())
    assert (b"word " * 100_000).startswith(prompt)
    assert prompt.endswith(b"word ")
    assert model == b"m"

    many = reduced(multipart(*[part(f"n{n}", b"x" * 1000) for n in range(1000)]), 5000)
    assert many.cut
    assert MOST - 2000 < len(many.take()) <= MOST + 100


@pytest.mark.parametrize("cut", [60, 100, 5000, len(TRANSCRIPTION) - 12])
def test_of_a_body_that_ends_early_what_was_whole_is_kept(cut):
    found = fields(reduced(TRANSCRIPTION[:cut]).take())

    assert all(value in (b"", b"gpt-4o-transcribe", b"json") for *_, value in found)


@pytest.mark.parametrize("body", [b"", b"no boundary", b"--xYz--", b"--xYz\r\n" + b"h: v" * 9000, b"--xYz"])
def test_what_has_no_parts_is_nothing(body):
    assert reduced(body).take() == b""


def test_memory_is_given_back():
    made = reduced(TRANSCRIPTION)
    made.shrink()

    assert (made.held, made.cut, made.lost) == (0, True, True)
    made.add(b"more")
    assert made.take() == b""


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/form-data; boundary=xYz", b"xYz"),
        ('Multipart/Related; type="a/b"; Boundary="x y;z"; charset=utf-8', b"x y;z"),
        ("multipart/form-data", b""),
        ("text/plain; boundary=xYz", b""),
    ],
)
def test_the_boundary_of_a_content_type(content_type, expected):
    assert boundary(content_type) == expected


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([b"--xYz", b"\r\n", b"--", b'Content-Disposition: form-data; name="a"', b"\r\n\r\n", b"; filename=b", b"c"]) | st.binary(max_size=4), max_size=30),
    st.integers(1, 9),
)  # fmt: skip
def test_any_bytes_mean_the_same_in_any_pieces(parts, step):
    data = b"".join(parts)

    assert reduced(data).take() == reduced(data, step).take()
