import pytest

from hexr_autoinst.correlate.twins import TWIN_WAIT, Twins, merged, seen_by
from hexr_autoinst.model.exchange import Phases
from hexr_autoinst.model.facts import Address, Key
from tests.correlate.play import HERE, KEY, PROXY, THERE, S, at, call, exchange, opened

OTHER = Key(200, 1)


def kernel(id_="k", **more):
    return exchange(id_, **{"local": HERE, "peer": PROXY, **more})


def proxy(id_="p", **more):
    return exchange(id_, **{"source": "proxy", "local": HERE, "peer": THERE, **more})


def pair(one, other, key=KEY):
    twins = Twins(PROXY.port)
    return twins.asked(one, key) is twins.asked(other, other.key)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"body": b"other"}, True),  # one place on one connection is enough: a body may be cut
        ({"host": "other.example"}, True),
        ({"local": Address("::ffff:10.0.0.1", 40000)}, True),
        ({"local": Address("10.0.0.1", 40001)}, False),
        ({"ordinal": 1, "body": b"other"}, False),
        ({"ordinal": 1}, True),  # the count is off where a beginning was missed: the words decide
        ({"ordinal": 1, "began": 3.0, "ended": 4.0}, True),
        ({"key": OTHER}, False),
        ({"local": None}, True),
        ({"local": None, "body": b"other"}, False),
        ({"local": None, "host": "other.example"}, False),
        ({"local": None, "body": b"other", "missing": ("truncated:request",)}, True),
    ],
)
def test_which_two_views_are_one_call(change, same):
    assert pair(proxy(), kernel(**change)) is same
    assert pair(kernel(**change), proxy(), change.get("key", KEY)) is same


def test_one_plane_never_pairs_with_itself_nor_a_recording_with_anything():
    assert not pair(kernel("k1"), kernel("k2"))
    assert not pair(proxy("p1"), proxy("p2"))
    assert not pair(exchange("h", source="har", local=HERE), kernel())
    assert not pair(kernel(), exchange("h", source="har", local=HERE))


def test_words_pair_only_what_overlaps_in_time():
    twins = Twins(PROXY.port)
    first = twins.asked(kernel(local=None), KEY)
    twins.ended(first, kernel(local=None), call(), at(2))

    assert twins.asked(proxy("late", began=2.1, ended=3), KEY) is not first


def test_a_third_view_is_another_call():
    twins = Twins(PROXY.port)
    first = twins.asked(kernel(), KEY)
    twins.asked(proxy(), KEY)

    assert twins.asked(proxy("p2"), KEY) is not first


def test_a_told_call_recognizes_its_late_twin_for_a_while():
    twins = Twins(PROXY.port)
    first = twins.asked(kernel(), KEY)
    twins.ended(first, kernel(), call(), at(2))
    twins.tell(first, at(2))

    assert twins.asked(proxy(), KEY) is first
    assert twins.ended(first, proxy(), call(), at(3)) is False
    twins.forget(at(2) + 5 * S)
    assert len(twins) == 0
    assert twins._by_place == {}


def test_a_told_call_whose_twin_is_open_is_kept_until_it_ends():
    twins = Twins(PROXY.port)
    first = twins.asked(kernel(), KEY)
    twins.asked(proxy(), KEY)
    twins.ended(first, kernel(), call(), at(2))
    twins.tell(first, at(2))
    twins.forget(at(100))
    assert twins.get(proxy()) is first

    assert twins.ended(first, proxy(), call(), at(101)) is False
    twins.forget(at(200))
    assert twins.get(proxy()) is None


def test_the_facts_of_both_are_held_and_then_told_together():
    twins = Twins(PROXY.port)
    both = twins.asked(kernel(), KEY)
    twins.asked(proxy(), KEY)
    twins.ended(both, kernel(facts=4), call(), at(2))
    twins.ended(both, proxy(facts=5), call(), at(2))
    assert twins.held == 9

    told, _ = twins.tell(both, at(2))
    assert (told.facts, told.id, told.source, told.peer, twins.held) == (9, "k", "proxy", THERE, 0)


@pytest.mark.parametrize(
    ("kernel_missing", "proxy_missing", "source"),
    [((), (), "proxy"), (("x",), (), "proxy"), ((), ("x",), "ebpf"), (("x",), ("x",), "proxy")],
)
def test_the_complete_side_is_told_and_of_equals_the_proxy(kernel_missing, proxy_missing, source):
    twins = Twins(PROXY.port)
    both = twins.asked(kernel(), KEY)
    twins.asked(proxy(), KEY)
    twins.ended(both, kernel(missing=kernel_missing), call(), at(2))
    twins.ended(both, proxy(missing=proxy_missing), call(), at(2))

    assert twins.tell(both, at(2))[0].source == source


@pytest.mark.parametrize(
    ("before", "one", "waits"),
    [
        ([], kernel(), True),  # its own connection goes to the proxy
        ([], kernel(peer=THERE), False),
        ([], kernel(local=None, peer=None), False),
        ([proxy("before", local=THERE)], kernel(local=None, peer=None), True),
        ([proxy("before", local=THERE)], kernel(peer=THERE), False),
        ([], proxy(), False),
        ([kernel("before", local=THERE)], proxy(), True),
        ([kernel("before", local=THERE, key=OTHER)], proxy(), False),
        ([opened(0, peer=PROXY)], proxy(), True),
        ([opened(0, peer=PROXY, role="server")], proxy(), False),
        ([opened(0, peer=THERE)], proxy(), False),
        ([opened(0, peer=PROXY)], exchange("h", source="har"), False),
        ([opened(0, peer=PROXY)], proxy(key=None), False),
    ],
)
def test_who_waits_for_a_twin(before, one, waits):
    twins = Twins(PROXY.port)
    for thing in before:
        twins.opened(thing) if hasattr(thing, "connect_ns") else twins.asked(thing, thing.key)
    mine = twins.asked(one, one.key)
    twins.ended(mine, one, call(), at(2))

    assert twins.ready(mine, at(2)) is not waits
    assert twins.ready(mine, at(2) + TWIN_WAIT)


def test_a_discarded_view_is_no_plane_that_saw_it():
    twins = Twins(PROXY.port)
    both = twins.asked(kernel(), KEY)
    twins.asked(proxy(), KEY)
    twins.discard(both, "k")

    assert seen_by(both) == ("proxy",)
    twins.discard(both, "p")
    assert both.live == []


def test_processes_that_are_gone_expect_nothing():
    twins = Twins(PROXY.port)
    twins.opened(opened(0, peer=PROXY))
    twins.forget_keys([KEY])
    mine = twins.asked(proxy(), KEY)
    twins.ended(mine, proxy(), call(), at(2))

    assert twins.ready(mine, at(2))


def test_phases_of_two_views_complete_each_other():
    assert merged(None, None) is None
    assert merged(Phases(1, None), Phases(2, 3)) == Phases(1, 3)
    assert merged(None, Phases(2, 3)) == Phases(2, 3)
    assert merged(Phases(1, 2, None, ""), Phases(2, 3, "TLSv1.2", "h2")) == Phases(1, 2, "TLSv1.2", "")
    assert merged(Phases(0, None), Phases(2, None)) == Phases(0, None)


def test_parts_of_an_exchange_are_calls_of_their_own_and_so_are_the_two_ends():
    assert pair(proxy(part="c0"), kernel(part="c0"))
    assert not pair(proxy(part="c0"), kernel(part="c1"))
    assert not pair(proxy(part="c0"), kernel(part="c0", role="server"))


def test_every_part_is_found_and_forgotten():
    twins = Twins(PROXY.port)
    calls = [twins.asked(kernel(part=part), KEY) for part in ("", "c0")]
    assert twins.parts("k") == calls
    assert twins.get(kernel(part="c0")) is calls[1]
    for one in calls:
        twins.ended(one, kernel(part=one.first.part), call(), at(2))
        twins.tell(one, at(2))
    twins.forget(at(100))

    assert (len(twins), twins._by_id) == (0, {})


def test_a_view_that_has_ended_is_not_taken_back():
    twins = Twins(PROXY.port)
    one = twins.asked(kernel(), KEY)
    twins.ended(one, kernel(), call(), at(2))
    twins.discard(one, "k")

    assert one.live
