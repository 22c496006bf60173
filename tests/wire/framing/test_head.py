import pytest

from hexr_autoinst.errors import WireError
from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.wire.framing import head as h


def start(side, *fields, status=200, method="GET"):
    return h.Start(0, side, method, "/", status if side == "response" else 0, "HTTP/1.1", Headers(fields))


@pytest.mark.parametrize(
    ("line", "side", "expected"),
    [
        (b"GET / HTTP/1.1\r", None, "request"),
        (b"M-SEARCH * HTTP/1.1", None, "request"),
        (b"GET  /a%20b?c  HTTP/1.0 \r", "request", "request"),
        (b"HTTP/1.1 200\r", None, "response"),
        (b"HTTP/1.0 404 Not Found\r", "response", "response"),
    ],
)
def test_a_start_line_tells_its_side(line, side, expected):
    assert h.start_line(line, side).side == expected


@pytest.mark.parametrize(
    ("line", "side", "reason"),
    [
        (b"PRI * HTTP/2.0", None, "http2"),
        (b"GET /", None, "not_http"),
        (b"EHLO me", None, "not_http"),
        (b"HTTP/1.1 2000 X", None, "not_http"),
        (b"HTTP/1.1 200 OK", "request", "not_http"),
        (b"GET / HTTP/1.1", "response", "not_http"),
        (b"GET / HTTP/3.0", None, "not_http"),
    ],
)
def test_what_is_no_start_line_says_why(line, side, reason):
    with pytest.raises(WireError) as caught:
        h.start_line(line, side)

    assert caught.value.facts["reason"] == reason


@pytest.mark.parametrize("prefix", [b"G", b"POST", b"POST ", b"PRI", b"H", b"HTTP/1.1 2"])
def test_a_beginning_that_may_become_a_start_line_is_waited_for(prefix):
    h.check_prefix(prefix, None)


@pytest.mark.parametrize("prefix", [b"\x16\x03\x01", b'{"a', b"HTTP/2 ", b"x" * 33, b"Content-Length: 3"])
def test_a_beginning_that_cannot_is_refused_at_once(prefix):
    with pytest.raises(WireError):
        h.check_prefix(prefix, None)


@pytest.mark.parametrize(
    ("message", "method", "expected"),
    [
        (start("request"), "GET", 0),
        (start("request", ("Content-Length", "5")), "POST", 5),
        (start("request", ("Transfer-Encoding", "Chunked"), ("Content-Length", "5")), "POST", h.CHUNKED),
        (start("response"), "GET", h.UNTIL_CLOSE),
        (start("response", ("content-length", "5, 5")), "GET", 5),
        (start("response", ("Content-Length", "5")), "HEAD", 0),
        (start("response", ("Content-Length", "5"), status=304), "GET", 0),
        (start("response", status=204), "GET", 0),
        (start("response", status=103), "GET", 0),
        (start("response", ("Transfer-Encoding", "gzip")), "GET", h.UNTIL_CLOSE),
        (start("response", ("Transfer-Encoding", "gzip, chunked")), "GET", h.CHUNKED),
        (start("response", ("Content-Length", "many")), "GET", h.UNTIL_CLOSE),
        (start("response", ("Content-Length", "1"), ("Content-Length", "2")), "GET", h.UNTIL_CLOSE),
    ],
)
def test_body_length_by_the_standard(message, method, expected):
    assert h.body_length(message, method) == expected


@pytest.mark.parametrize(
    "field", [("Content-Length", "-1"), ("Content-Length", "9" * 30), ("Transfer-Encoding", "gzip")]
)
def test_a_request_of_no_known_length_cannot_be_read(field):
    with pytest.raises(WireError):
        h.body_length(start("request", field), "POST")
