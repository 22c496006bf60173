import pytest

from hexr_autoinst.wire.framing.http2 import PREFACE
from hexr_autoinst.wire.recognise import overhear, recognise
from tests.wire.talkers.test_http2 import frame

SETTINGS = frame(4, 0, 0, b"\0\3\0\0\0\x64")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"GET / HTTP/1.1\r\n", "http1"), (b"HTTP/1.1 200 OK\r\n", "http1"), (b"PUT /", "http1"), (b"PATCH", "http1"), (b"PRINT ", "http1"),
        (b"PROPFIND /", "http1"), (b"\x16\x03\x01", "http1"), (b"\0\0\0garbage", "http1"), (b"*", None), (b"**", "http1"), (b"*1x", "http1"),
        (PREFACE, "http2"), (SETTINGS, "http2"), (frame(4, 0, 0, b"\0\3\0\0\0")[:9], "http1"), (frame(6, 0, 0, b"12345678"), "http1"),
        (b"*1\r\n$4\r\nPING\r\n", "resp"), (b"PING\r\n", "resp"), (b"*0\r\n", "http1"), (b"*2\r\n+OK\r\n", "http1"), (b"", None),
    ],
)  # fmt: skip
def test_the_first_bytes_say_what_it_is(start, expected):
    assert recognise(start, "tls") == expected


@pytest.mark.parametrize("whole", [PREFACE, SETTINGS, b"*12\r\n$4\r\nMGET\r\n", b"PING\r\n"])
def test_it_waits_for_what_it_needs_and_no_longer(whole):
    said = [recognise(whole[:n], "socket") for n in range(1, len(whole) + 1)]

    first = next(n for n, one in enumerate(said) if one)
    assert set(said[:first]) <= {None}
    assert len(set(said[first:])) == 1
    assert first < 15


@pytest.mark.parametrize(
    ("start", "expected"),
    [(b'{"jsonrpc"', "lines"), (b' \n[{"a"', "lines"), (b"\xef\xbb\xbf{", "lines"), (b"Content-Length: 9\r\n", None), (b"GET / HTTP/1.1\r\n", None)],
)  # fmt: skip
def test_on_a_pipe_only_json_is_read(start, expected):
    assert recognise(start, "pipe") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [(PREFACE, "http2"), (frame(0, 1, 7, b"x"), "http2"), (b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "resp"), (b"$5\r\nhello\r\n", None), (b"data: x\n\n", None)],
)  # fmt: skip
def test_what_is_overheard_in_the_middle(data, expected):
    assert overhear(data) == expected
