import pytest

from hexr_autoinst.export.join import Joins, spans

A, B, C = "a" * 32, "b" * 32, "c" * 32


def one(trace, span, *, key=None, client=False, parent="", at=1, links=()):
    attributes = [{"key": "hexr.join.key", "value": {"stringValue": key}}] if key else []
    return {
        "traceId": trace,
        "spanId": span,
        "parentSpanId": parent,
        "kind": 3 if client else 2,
        "startTimeUnixNano": str(at),
        "attributes": [*attributes, {"key": "x", "value": {"intValue": "1"}}],
        "links": [{"traceId": t, "spanId": s} for t, s in links],
    }


def line(*found):
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(found)}]}]}


def joined(*lines):
    joins = Joins()
    for request in lines:
        joins.look(request)
    plan = joins.plan()
    return [
        (s["traceId"][0], s["spanId"], s["parentSpanId"], [x["traceId"][0] for x in s["links"]])
        for request in lines
        for s in spans(plan.rewrite(request))
    ]


def test_the_receivers_trace_goes_under_the_senders_span():
    sender = line(one(A, "s0"), one(A, "s1", key="k", client=True, parent="s0", links=[(B, "r1")]))
    receiver = line(one(B, "r2", parent="r1"), one(B, "r1", key="k"))

    assert joined(sender, receiver) == [
        ("a", "s0", "", []),
        ("a", "s1", "s0", ["a"]),
        ("a", "r2", "r1", []),
        ("a", "r1", "s1", []),
    ]


def test_a_sender_that_took_the_keys_trace_needs_the_parent_alone():
    assert joined(line(one(B, "s", key="k", client=True)), line(one(B, "r", key="k"))) == [
        ("b", "s", "", []),
        ("b", "r", "s", []),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_chain_of_three_hosts_is_one_trace(order):
    hosts = [
        line(one(A, "a1", key="k1", client=True)),
        line(one(B, "b1", key="k1"), one(B, "b2", key="k2", client=True, parent="b1")),
        line(one(C, "c1", key="k2")),
    ]

    assert {t for t, *_ in joined(*hosts[::order])} == {"a"}


def test_a_receiver_that_has_a_parent_is_joined_already():
    lines = line(one(A, "s", key="k", client=True)), line(one(B, "r", key="k", parent="s"))

    assert [t for t, *_ in joined(*lines)] == ["a", "b"]


def test_the_first_with_a_key_counts():
    lines = (
        line(one(A, "again", key="k", client=True, at=9), one(A, "first", key="k", client=True, at=2)),
        line(one(B, "r", key="k")),
    )

    assert joined(*lines)[-1] == ("a", "r", "first", [])


def test_a_key_of_one_end_alone_changes_nothing():
    lines = line(one(A, "s", key="k", client=True)), line(one(B, "r", key="other"))

    assert [t for t, *_ in joined(*lines)] == ["a", "b"]


def test_two_that_claim_each_other_make_no_ring():
    lines = (
        line(one(A, "s", key="k1", client=True), one(A, "r", key="k2")),
        line(one(B, "s", key="k2", client=True), one(B, "r", key="k1")),
    )

    assert len({t for t, *_ in joined(*lines)}) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"resourceSpans": "x"},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": [{"key": "hexr.join.key", "value": 1}]}]}]}]},
        line({"kind": 2, "attributes": [{"key": "hexr.join.key", "value": {"stringValue": "k"}}], "startTimeUnixNano": None}),
    ],
)  # fmt: skip
def test_what_is_odd_is_left_as_it_is(odd):
    joins = Joins()
    joins.look(odd)

    assert joins.plan().rewrite(odd) is odd
