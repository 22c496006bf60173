import pytest

from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.model.facts import Head
from hexr_autoinst.wire.framing.head import Start
from hexr_autoinst.wire.heads import (
    clean,
    request_of_head,
    request_of_start,
    response_of_head,
    response_of_start,
    split_authority,
)


def asked(target, *fields, method="GET"):
    r = request_of_start(Start(5, "request", method, target, 0, "HTTP/1.1", Headers(fields)), "https")
    return (r.scheme, r.host, r.port, r.path, r.query)


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        ("/v1/x?a=1", "api.example.com", ("https", "api.example.com", 0, "/v1/x", "a=1")),
        ("/", "h:8443", ("https", "h", 8443, "/", "")),
        ("/", "[::1]:99", ("https", "::1", 99, "/", "")),
        ("/", "h:notaport", ("https", "h", 0, "/", "")),
        ("/a#frag", "h", ("https", "h", 0, "/a", "")),
        ("http://other:81/p?q=2", "h", ("http", "other", 81, "/p", "q=2")),
        ("http://me:pass@other", "h", ("http", "other", 0, "/", "")),
        ("*", "h", ("https", "h", 0, "*", "")),
    ],
)
def test_where_a_request_goes(target, host, expected):
    assert asked(target, ("HOST", host)) == expected


def test_a_request_without_a_host_says_none():
    assert asked("/")[1:3] == ("", 0)


def test_connect_names_its_authority():
    assert asked("h:443", ("Host", "x"), method="CONNECT") == ("https", "h", 443, "", "")


def test_both_doors_make_one_request():
    fields = (("Host", "h:1"), ("Authorization", "Bearer x"), ("A", "sk-ant-0123456789abcdefgh"))
    read = clean(fields)
    one = request_of_start(Start(5, "request", "POST", "/p?key=k", 0, "HTTP/1.1", read), "https")
    two = request_of_head(
        Head(
            5,
            "proxy",
            "f",
            "request",
            method="POST",
            scheme="https",
            authority="h:1",
            target="/p?key=k",
            headers=fields,
        )
    )

    assert one == two
    assert one.headers.fields == (
        ("Host", "h:1"),
        ("Authorization", "Bearer [redacted]"),
        ("A", "[redacted]"),
    )
    assert one.query == "key=[redacted]"


def test_both_doors_make_one_response():
    fields = (("Set-Cookie", "a=b"),)
    one = response_of_start(Start(5, "response", "", "", 201, "HTTP/1.0", clean(fields)))
    two = response_of_head(Head(5, "proxy", "f", "response", status=201, version="HTTP/1.0", headers=fields))

    assert one == two
    assert one.headers.get("set-cookie") == "[redacted]"


@pytest.mark.parametrize(
    ("authority", "expected"),
    [("h", ("h", 0)), ("h:80", ("h", 80)), ("me:pw@h:1", ("h", 1)), ("[::1]", ("::1", 0)), ("[::1]:5", ("::1", 5)), ("h:x", ("h", 0)), ("h:999999", ("h", 0)), ("", ("", 0))],
)  # fmt: skip
def test_an_authority(authority, expected):
    assert split_authority(authority) == expected
