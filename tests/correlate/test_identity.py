from dataclasses import replace

import pytest

from hexr_autoinst.correlate.identity import (
    Root,
    body_hash,
    call_id,
    instance_id,
    join_key,
    join_span,
    parent,
    root_ids,
    span_id,
    traceparent,
)
from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.model.facts import Key
from tests.correlate.play import KEY, exchange

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ROOT = Root(KEY, 0, "x1", 5)


@pytest.mark.parametrize(
    "value",
    [f"00-{TRACE}-{SPAN}-01", f"  00-{TRACE}-{SPAN}-00 ", f"cc-{TRACE}-{SPAN}-01-later-fields"],
)
def test_a_valid_traceparent_is_read(value):
    assert traceparent(Headers((("TraceParent", value),))) == (TRACE, SPAN)


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        "x" * 100_000,
    ],
)
def test_an_invalid_traceparent_is_none(value):
    wanted = (TRACE, SPAN) if value.endswith("01\n") else None  # white space around a field is no part of it

    assert traceparent(Headers((("traceparent", value),))) == wanted


def test_two_traceparents_are_none():
    twice = (("traceparent", f"00-{TRACE}-{SPAN}-01"),) * 2

    assert traceparent(Headers(twice)) is None


def test_ids_are_hex_of_their_length_and_stable():
    trace, span = root_ids(b"salt", b"key", ROOT)

    assert (len(bytes.fromhex(trace)), len(bytes.fromhex(span))) == (16, 8)
    assert root_ids(b"salt", b"key", ROOT) == (trace, span)


@pytest.mark.parametrize(
    "other",
    [
        (b"other", b"key", ROOT),
        (b"salt", b"other", ROOT),
        (b"salt", b"key", ROOT._replace(owner=Key(100, 5001))),
        (b"salt", b"key", ROOT._replace(owner="nobody:har")),
        (b"salt", b"key", ROOT._replace(ordinal=1)),
        (b"salt", b"key", ROOT._replace(exchange="x2")),
        (b"salt", b"key", ROOT._replace(began=6)),
    ],
)
def test_every_part_of_a_roots_identity_counts(other):
    ours, theirs = root_ids(b"salt", b"key", ROOT), root_ids(*other)

    assert ours[0] != theirs[0]
    assert ours[1] != theirs[1]


def test_parts_cannot_run_into_each_other():
    assert root_ids(b"", b"", Root("a", 1, "1x", 0)) != root_ids(b"", b"", Root("a", 11, "x", 0))


def test_the_two_ends_of_an_exchange_are_two_spans():
    client = exchange()

    assert span_id(client) == span_id(replace(client, role="unknown"))
    assert span_id(client) != span_id(replace(client, role="server"))
    assert span_id(client) != span_id(replace(client, id="x2"))


def test_hostile_text_still_makes_an_id():
    assert len(span_id(exchange("\udcff\x00"))) == 16
    assert len(root_ids(b"s" * 1000, b"k" * 1000, ROOT)[0]) == 32


def test_an_instance_is_one_process_on_one_host():
    assert instance_id(b"a", KEY) == instance_id(b"a", KEY)
    assert len({instance_id(b"a", KEY), instance_id(b"b", KEY), instance_id(b"a", Key(100, 1))}) == 3


def test_bodies_are_compared_by_content():
    assert body_hash(b"x") == body_hash(b"x")
    assert body_hash(b"x") != body_hash(b"y")


def test_a_part_is_a_call_of_its_own():
    whole = exchange()

    assert call_id(whole) == whole.id
    assert len({span_id(whole), span_id(replace(whole, part="c0")), span_id(replace(whole, part="c1"))}) == 3


def test_both_ends_make_the_same_key_of_what_both_have_seen_whatever_their_host():
    key = join_key("mcp", ("session", "7"))

    assert len(key) == 32
    assert int(key, 16)
    assert (
        len(
            {
                key,
                join_key("a2a", ("session", "7")),
                join_key("mcp", ("session7",)),
                join_key("mcp", ("session", "8")),
            }
        )
        == 4
    )
    assert join_key("a2a", ()) == ""
    assert len(join_span(key)) == 16


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"00-{'ab' * 16}-{'cd' * 8}-01", True),
        (f" 00-{'ab' * 16}-{'cd' * 8}-03 ", True),
        (f"00-{'0' * 32}-{'cd' * 8}-01", False),
        ("traceparent", False),
        ("", False),
    ],
)
def test_a_message_names_its_caller_as_a_header_does(text, named):
    assert (parent(text) is not None) is named
