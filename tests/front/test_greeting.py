import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.front.greeting import LIMIT, Greeting, read

CASES = [
    (b"CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", Greeting("connect", "api.example.com", 443)),
    (b"CONNECT API.Example.COM:443 HTTP/1.0\r\n\r\n\x16\x03", Greeting("connect", "api.example.com", 443, b"\x16\x03")),
    (b"CONNECT [::1]:8443 HTTP/1.1\r\n\r\n", Greeting("connect", "::1", 8443)),
    (
        b"GET http://origin.test/a?b=c HTTP/1.1\r\nHost: origin.test\r\nProxy-Connection: keep-alive\r\n\r\n",
        Greeting("forward", "origin.test", 80, b"GET /a?b=c HTTP/1.1\r\nHost: origin.test\r\nConnection: close\r\n\r\n"),
    ),
    (
        b"POST http://origin.test:8080 HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Basic c2VjcmV0\r\nContent-Length: 2\r\n\r\nhi",
        Greeting("forward", "origin.test", 8080, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    ),
    (
        b"GET http://o.test?q HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        Greeting("forward", "o.test", 80, b"GET /?q HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    ),
    (b"GET / HTTP/1.1\r\n\r\n", Greeting("origin")),
    (b"CONNECT nowhere HTTP/1.1\r\n\r\n", Greeting("bad")),
    (b"CONNECT host:99999 HTTP/1.1\r\n\r\n", Greeting("bad")),
    (b"CONNECT :443 HTTP/1.1\r\n\r\n", Greeting("bad")),
    (b"GET http://[broken HTTP/1.1\r\n\r\n", Greeting("bad")),
    (b"GET ftp://host/ HTTP/1.1\r\n\r\n", Greeting("bad")),
    (b"GET http://host/ HTTP/2\r\n\r\n", Greeting("bad")),
    (b"\x16\x03\x01\x02\x00\x01\x00", Greeting("bad")),
    (b"SSH-2.0-OpenSSH_9\r\n\r\n", Greeting("bad")),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_a_greeting_is_read(data, expected):
    assert read(data) == expected


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_no_prefix_of_a_greeting_is_taken_for_another(data, expected):
    head = data.find(b"\r\n\r\n") + 4
    for cut in range(head):
        assert (
            read(data[:cut]) in (None, Greeting("bad"))
            if expected.kind == "bad"
            else read(data[:cut]) is None
        )


def test_a_head_that_never_ends_is_given_up():
    assert read(b"GET http://h/ HTTP/1.1\r\n" + b"a: b\r\n" * LIMIT) == Greeting("bad")


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data):
    read(data)
    read(b"CONNECT " + data + b"\r\n\r\n")
    read(b"GET http://" + data + b"\r\n\r\n")
