from dataclasses import replace

import pytest

from hexr_autoinst.model.exchange import Request
from hexr_autoinst.model.facts import Address
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv.observed import caller, capture, upstream
from tests.semconv.told_for_tests import AGENT, CALL, EXCHANGE, PLACE, SERVED, TALK


def said(pairs):
    return {k: v for k, v in pairs if v is not None}


@pytest.mark.parametrize(
    ("scheme", "port", "expected"),
    [("https", 0, 443), ("http", 0, 80), ("http", 8000, 8000), ("stdio", 0, None)],
)
def test_a_port_that_is_not_said_is_its_schemes(scheme, port, expected):
    asked = replace(EXCHANGE, request=Request(1, "POST", scheme, "h", port, "/"))

    assert expected == said(upstream(asked)).get("server.port")


def test_a_connection_without_an_answer_or_an_address_says_neither():
    bare = replace(EXCHANGE, request=Request(1, "STREAM", "stdio", "", 0, ""), response=None)

    assert said(upstream(bare)) == said(caller(bare)) == {}
    assert "http.response.status_code" not in said(
        upstream(replace(TALK, response=replace(TALK.response, status=0)))
    )


def test_the_server_sees_its_client_and_a_pipe_has_no_address():
    assert said(caller(SERVED))["client.address"] == "10.0.0.1"
    assert "client.address" not in said(caller(replace(SERVED, peer=Address("pipe:4", 0))))


def test_capture_says_what_is_missing_of_exchange_and_call_once():
    cut = replace(CALL, missing=("lost_events", "truncated:content"))
    found = said(capture(Placed(AGENT, PLACE, replace(EXCHANGE, entry="e7"), cut)))

    assert found["hexr.capture.missing"] == ("lost_events", "truncated:content")
    assert (found["hexr.capture.complete"], found["hexr.capture.seen_by"]) == (False, ("proxy",))
    assert found["hexr.exchange.id"] == "e7"
