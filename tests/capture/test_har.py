import base64
import gzip

import pytest

from hexr_autoinst.capture.har import Entry, facts, instant, readable
from hexr_autoinst.model.facts import Data, End, Head

S = 1_000_000_000
MS = 1_000_000
BEGAN = 1_767_225_600 * S


def entry(request=None, response=None, **more):
    raw = {
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": 100,
        "timings": {"blocked": -1, "dns": 5, "connect": 10, "ssl": 8, "send": 5, "wait": 30, "receive": 50},
        "request": {
            "method": "POST",
            "url": "https://u:p@h.example:8443/a/b?c=d",
            "httpVersion": "h2",
            "headers": [],
            **(request or {}),
        },
        "response": {
            "status": 200,
            "httpVersion": "HTTP/1.1",
            "headers": [],
            "content": {"text": "hello"},
            **(response or {}),
        },
        **more,
    }
    return Entry(7, raw)


def told(one):
    return list(facts(one, 3))


def test_an_entry_is_six_facts_with_the_times_it_says():
    found = told(entry({"postData": {"text": "ask"}}))

    assert [(type(f).__name__, f.side, (f.at - BEGAN) // MS) for f in found] == [
        ("Head", "request", 0), ("Data", "request", 0), ("End", "request", 20),
        ("Head", "response", 50), ("Data", "response", 100), ("End", "response", 100),
    ]  # fmt: skip
    assert {f.flow for f in found} == {"7"}
    assert {f.source for f in found} == {"har"}
    assert [f.data for f in found if isinstance(f, Data)] == [b"ask", b"hello"]


def test_the_request_line_comes_from_the_url_and_a_password_in_it_does_not():
    head = told(entry())[0]

    assert (head.method, head.scheme, head.authority, head.target, head.version) == (
        "POST",
        "https",
        "h.example:8443",
        "/a/b?c=d",
        "HTTP/2",
    )
    assert (head.key, head.conn, head.ordinal) == (None, "har#7", 3)


def test_its_own_id_and_connection_win():
    one = entry(_id="x/1", _conn="c/1")

    assert (one.id, one.conn) == ("x/1", "har:c/1")
    assert told(one)[0].flow == "x/1"


def test_a_body_is_cut_as_it_arrived():
    one = entry(_chunks=[{"t_ms": 40, "size": 2}, {"t_ms": 60, "size": 1}, {"t_ms": 250, "size": 1}])
    found = [f for f in told(one) if isinstance(f, Data | End) and f.side == "response"]

    assert [((f.at - BEGAN) // MS, getattr(f, "data", None)) for f in found] == [
        (40, b"he"), (60, b"l"), (250, b"l"), (250, b"o"), (250, None),
    ]  # fmt: skip


def test_times_never_run_backwards_whatever_an_entry_says():
    one = entry(
        time=-5,
        timings={"send": 1e300, "wait": "x", "dns": float("nan")},
        _chunks=[{"t_ms": 9, "size": 1}, {"t_ms": 3, "size": 1}, {"size": -1}, 4],
    )
    times = [f.at for f in told(one)]

    assert times == sorted(times)


def test_base64_of_either_side_is_undone():
    text = base64.b64encode(b"\x00\xff").decode()
    one = entry(
        {"postData": {"text": text, "_encoding": "base64"}}, {"content": {"text": text, "encoding": "base64"}}
    )

    assert [f.data for f in told(one) if isinstance(f, Data)] == [b"\x00\xff", b"\x00\xff"]


def test_fields_of_an_encoding_that_is_undone_are_left_out():
    fields = [
        {"name": n, "value": "1"}
        for n in (":status", "Content-Encoding", "content-length", "Transfer-Encoding", "X")
    ]
    head = next(
        f for f in told(entry(response={"headers": fields})) if isinstance(f, Head) and f.side == "response"
    )

    assert head.headers == (("X", "1"),)


def test_a_body_that_is_still_encoded_keeps_its_field():
    text = base64.b64encode(gzip.compress(b"x")).decode()
    answer = {
        "headers": [{"name": "Content-Encoding", "value": "gzip"}],
        "content": {"text": text, "encoding": "base64"},
    }
    head = next(f for f in told(entry(response=answer)) if isinstance(f, Head) and f.side == "response")

    assert head.headers == (("Content-Encoding", "gzip"),)


def test_an_answer_that_never_came_and_one_that_was_cut_are_said():
    none, cut = told(entry(response={"status": 0})), told(entry(_complete=False))

    assert (len(none), none[-1].error) == (3, "closed_by_server")
    assert cut[-1].error == "truncated"


def test_trailers_are_passed_on():
    assert told(entry(_trailers=[{"name": "grpc-status", "value": "0"}]))[-1].trailers == (
        ("grpc-status", "0"),
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (entry(), ""),
        (entry({"method": "STREAM"}), "har_stream"),
        (entry({"method": "STREAM"}, _stream={"kind": "stdio", "chunks": []}), ""),
        (entry({"url": "data:text/plain,x"}), "har_scheme"),
    ],
)
def test_what_is_no_exchange_has_a_reason(one, expected):
    assert expected == readable(one)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (Entry(0, []), "not an object"),
        (Entry(0, {}), "`request` is missing"),
        (entry(startedDateTime=None), "`startedDateTime` is missing"),
        (entry(startedDateTime="2026-01-01T00:00:00"), "no time zone"),
        (entry(startedDateTime="yesterday"), "Invalid isoformat"),
    ],
)
def test_what_is_no_entry_is_an_error_that_says_why(one, reason):
    with pytest.raises(ValueError, match=reason):
        readable(one)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (entry({"url": "https:/x"}), "no absolute URL"),
        (entry(response={"content": {"text": "a", "encoding": "base64"}}), "not base64"),
    ],
)
def test_an_entry_that_cannot_be_told_is_an_error_that_says_why(one, reason):
    with pytest.raises(ValueError, match=reason):
        told(one)


def test_an_instant_is_exact():
    assert instant("2026-01-01T00:00:00.123456Z") == BEGAN + 123_456_000
    assert instant("2026-01-01T01:00:00+01:00") == BEGAN
