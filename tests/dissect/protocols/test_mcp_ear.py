"""A model of two sides that talk at random: each answer is paired with its own request, or with none."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import Begun, Done
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.jsonrpc import messages
from hexr_autoinst.dissect.protocols.mcp_ear import Ear
from hexr_autoinst.dissect.protocols.mcp_session import Session
from tests.dissect.protocols.asking import any_json, exchange, rpc

# (who, what, id): "answer" answers the how-manieth open request of the other side.
ids = st.sampled_from([0, 1, 2, "0", "1", 1.0])
moves = st.tuples(
    st.booleans(), st.sampled_from(["ask", "answer", "stray", "cancel"]), ids, st.integers(0, 9)
)


def ear():
    return Ear(exchange(), Session(), Memory(), ("w",), content=True)


def hear(one, value, at, *, server):
    return [h for m in messages(value) for h in one.says(m, at, server=server)]


def key(id_):
    return ("n", int(id_)) if not isinstance(id_, str) else ("s", id_)


@given(st.lists(moves, max_size=60))
def test_an_answer_is_its_own_requests_or_nobodys(script):
    one, open_, told, at = ear(), {True: [], False: []}, [], 10
    for server, what, id_, which in script:
        at += 1
        waiting = open_[not server]
        if what == "ask":
            serial = f"t{at}"
            open_[server].append((id_, serial))
            told += hear(one, rpc(id_, "tools/call", {"name": serial}), at, server=server)
        elif what == "answer" and waiting:
            asked_id, serial = waiting.pop(which % len(waiting))
            told += hear(one, rpc(asked_id, result={"of": serial}), at, server=server)
        elif what == "stray":
            told += hear(one, rpc("nobody's", result={"of": "none"}), at, server=server)
        elif what == "cancel":
            told += hear(one, rpc(None, "notifications/cancelled", {"requestId": id_}), at, server=server)
    told += one.close(one.session.all(), at + 1, ())

    done = [h.operation for h in told if isinstance(h, Done)]
    assert [d for d in done if d.result and d.result != f'{{"of": "{d.target}"}}'] == []
    begun = Counter(h.exchange.part for h in told if isinstance(h, Begun))
    assert begun == Counter(h.exchange.part for h in told if isinstance(h, Done))
    assert set(begun.values()) <= {1}
    assert one.session.count == 0 == len(one.session.calls)


@given(st.permutations(range(6)), st.booleans())
def test_all_are_paired_where_ids_differ_in_whatever_order(order, text):
    one = ear()
    for n in range(6):
        hear(one, rpc(str(n) if text else n, "tools/call", {"name": f"t{n}"}), n, server=False)
    told = [
        h
        for n in order
        for h in hear(one, rpc(str(n) if text else n, result={"of": f"t{n}"}), 100 + n, server=True)
    ]

    assert [(h.operation.target, h.exchange.ended) for h in told] == [(f"t{n}", 100 + n) for n in order]


@given(st.lists(st.tuples(st.booleans(), any_json), max_size=30))
def test_any_messages_are_heard(said):
    one = ear()
    for at, (server, value) in enumerate(said):
        for message in messages({"jsonrpc": "2.0", **value} if isinstance(value, dict) else value):
            list(one.says(message, at, server=server))
    list(one.close(one.session.all(), 1_000, ()))

    assert one.session.all() == []


def test_a_cancelled_call_that_is_answered_after_all_is_what_its_answer_says():
    one = ear()
    hear(one, rpc(1, "tools/call", {"name": "a"}), 1, server=False)
    hear(one, rpc(None, "notifications/cancelled", {"requestId": 1}), 2, server=False)

    (done,) = hear(one, rpc(1, error={"code": -32800}), 3, server=True)
    assert done.operation.failure.type == "-32800"


def test_a_cancelled_call_is_over_when_no_answer_comes_for_long():
    one = ear()
    hear(one, rpc(1, "tools/call", {"name": "a"}), 1, server=False)
    hear(one, rpc(None, "notifications/cancelled", {"requestId": 1}), 2_000, server=False)

    assert list(one.sweep(5_000_002_000)) == []
    (done,) = one.sweep(5_000_002_001)
    assert (done.operation.failure.type, done.exchange.ended, done.operation.missing) == (
        "cancelled",
        2_000,
        (),
    )


def test_who_may_cancel_is_who_has_asked():
    one = ear()
    hear(one, rpc(1, "tools/call", {"name": "a"}), 1, server=False)
    hear(one, rpc(None, "notifications/cancelled", {"requestId": 1}), 2, server=True)

    assert one.session.all()[0].cancelled_at == 0


def test_a_log_of_one_of_several_calls_is_nobodys():
    one = ear()
    for n in (1, 2):
        hear(one, rpc(n, "tools/call", {"name": "a", "_meta": {"progressToken": n}}), n, server=False)
    hear(one, rpc(None, "notifications/message", {"level": "info"}), 3, server=True)
    hear(one, rpc(None, "notifications/progress", {"progressToken": 2, "progress": 1}), 4, server=True)

    assert [[m.name for m in c.moments] for c in one.session.all()] == [[], ["notifications/progress"]]
