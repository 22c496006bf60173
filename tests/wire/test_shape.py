import pytest

from hexr_autoinst.wire.shape import FIRST_LINE, shape
from tests.wire.test_awsevents import message

JSON, SSE, LINES, AWS = (
    "application/json", "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream",
)  # fmt: skip
MESSAGE = message(b"{}")


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        (SSE, b"data: a", "sse"),
        (SSE, b": ping", "sse"),
        (SSE, b"d", "sse"),
        (SSE, b'{"error": ', "line"),
        (SSE, b"<html>", "whole"),
        ("", b"data:a", "sse"),
        ("", b"da", "word"),
        ("", b"database", "whole"),
        (JSON, b"event : x", "sse"),
        (JSON, b": OPENROUTER PROCESSING", "word"),
        (JSON, b": OPENROUTER PROCESSING\n\n", "word"),
        (JSON, b": OPENROUTER PROCESSING\n\n: again\r\n\r\ndata: {", "sse"),
        (JSON, b": a comment\n\n of what?", "whole"),
        ("text/plain", b"retry: 5", "sse"),
        ("text/html", b"data: a", "whole"),
        ("text/csv", b"id: 5", "whole"),
        ("", b"\xef\xbb", "word"),
        ("", b"\xef\xbb\xbfdata: a", "sse"),
        (JSON, b"{", "line"),
        (JSON, b"{\n", "whole"),
        (JSON, b'{"a": 1,\n', "whole"),
        (JSON, b'{"a": 1}\n', "word"),
        (JSON, b'{"a": 1}\n\n  ', "word"),
        (JSON, b'{"a": 1}\n{', "lines"),
        (JSON, b'{"a": 1}\r\n{', "lines"),
        (JSON, b'{"a": 1}\n]', "whole"),
        (JSON, b'{"a": 1}' + b" " * FIRST_LINE, "whole"),
        ("text/plain", b'{"a": 1}\n{', "lines"),
        ("", b'{"a": 1}\n{', "lines"),
        (LINES, b'{"a": 1}\n', "lines"),
        (LINES, b'{"a":', "line"),
        (LINES, b'{\n"a": 1}', "whole"),
        (LINES, b"[1]\n[2]", "lines"),
        (LINES, b'{"a": "' + b"x" * FIRST_LINE, "lines"),
        (JSON, b'{"a": "' + b"x" * FIRST_LINE, "whole"),
        (LINES, b"Not Found", "whole"),
        ("application/stream+json", b'{"a": 1}\n', "lines"),
        ("application/json-seq", b'\x1e{"a": 1}\n', "lines"),
        (JSON, b"[", "word"),
        (JSON, b"[  \n", "word"),
        (JSON, b"[\n {", "array"),
        (JSON, b"[[", "whole"),
        (JSON, b"[0.1", "whole"),
        (JSON, b'["a"', "whole"),
        (JSON, b"[]", "whole"),
        (AWS, MESSAGE[:8], "word"),
        (AWS, MESSAGE, "aws"),
        (AWS, b'{"message": "no"', "line"),
        (AWS, b"\0" * 20, "aws"),  # its first checksum will say that it is broken
        ("", MESSAGE[:12], "aws"),
        ("", b"\0" * 20, "whole"),
        ("application/octet-stream", MESSAGE, "aws"),
        ("application/octet-stream", b"\0" * 20, "nothing"),
        ("application/octet-stream", b"RIFF", "nothing"),
        ("application/octet-stream", b'{"a"', "line"),
        ("audio/mpeg", b"ID3", "nothing"),
        ("audio/mpeg", b"data: a", "nothing"),
        ("image/png", b"\x89PNG", "nothing"),
        ("image/png", b"id: 1", "nothing"),
        ("application/x-protobuf", b"\x0a\x05", "whole"),
    ],
)
def test_what_a_body_is(kind, words, expected):
    assert shape(kind, words, sized=False) == expected


@pytest.mark.parametrize("words", [b'[{"error": 1}]', b"[", b'{"a": 1}', b'{"a": 1}\n{"b": 2}'])
def test_json_of_a_declared_length_is_whole(words):
    assert shape(JSON, words, sized=True) == "whole"


def test_streams_of_other_kinds_may_have_a_length_as_recordings_do():
    assert [shape(k, w, sized=True) for k, w in ((SSE, b"data: a"), (LINES, b"{}\n"), (AWS, MESSAGE))] == ["sse", "lines", "aws"]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        (JSON, b'{"a": 1}', "whole"),
        (JSON, b'{"a": 1}\n', "whole"),
        (JSON, b"[", "whole"),
        (LINES, b'{"a": 1}', "lines"),
        (LINES, b'{"a": ', "whole"),
        ("", b"da", "whole"),
        ("", b"\xef\xbb", "whole"),
        ("", b": comment", "whole"),
        (AWS, b"\0\0", "aws"),
        ("", b"\0\0", "whole"),
        ("video/mp4", b"\0\0", "nothing"),
    ],
)
def test_at_the_end_there_is_nothing_to_wait_for(kind, words, expected):
    assert shape(kind, words, sized=False, over=True) == expected
