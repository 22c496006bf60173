import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexr_autoinst.correlate.lineage import Turns
from hexr_autoinst.correlate.pairs import Pairs, mark
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.model.facts import Address
from tests.correlate.play import KEY, RULES, exchange, talk

A, B, C = (Address("127.0.0.1", port) for port in (1, 2, 3))


def end(*, server=False, line=(A, B), call=None, **more):
    local, peer = line[::-1] if server and line else line or (None, None)
    ex = exchange(role="server" if server else "client", local=local, peer=peer, **more)
    standing = Standing(Turns(RULES).begin(KEY, ex), "", "", call=call or talk())
    return standing, mark(standing, ex)


def meet(*ends):
    pairs = Pairs()
    return [pairs.meet(*e) for e in ends], pairs


@pytest.mark.parametrize(
    ("change", "met"),
    [
        ({}, True),
        ({"line": (A, C)}, False),
        ({"line": None}, False),
        ({"ordinal": 1}, False),
        ({"part": "x"}, False),
        ({"call": talk(request_id="1")}, False),
        ({"call": talk(backwards=True)}, False),
    ],
)
def test_a_line_a_place_and_the_words_make_a_pair(change, met):
    found, pairs = meet(end(), end(server=True, **change))

    assert (found[1] is not None) is met
    assert len(pairs) == (0 if met else 2)


@pytest.mark.parametrize("order", [1, -1])
def test_ids_stand_in_for_a_place_that_is_off(order):
    rpc = talk(request_id="7")
    found, _ = meet(*[end(call=rpc), end(server=True, call=rpc, ordinal=3, part="c4")][::order])

    assert found[1] is not None


def test_two_that_may_be_meant_are_left_apart():
    rpc = talk(request_id="7")
    found, pairs = meet(end(call=rpc), end(call=rpc, ordinal=1), end(server=True, call=rpc, ordinal=5))

    assert found == [None] * 3
    assert len(pairs) == 3


def test_the_place_picks_one_of_two():
    one, two = end(), end(ordinal=1)
    found, _ = meet(one, two, end(server=True, ordinal=1))

    assert found[2] is two[0]


def test_what_only_both_have_pairs_across_two_connections_but_never_within_one():
    sent = talk(join=("m",))
    assert meet(end(call=sent), end(server=True, line=(B, C), call=sent))[0][1] is not None
    assert meet(end(call=sent), end(server=True, line=None, call=sent))[0][1] is not None
    assert meet(end(call=sent), end(server=True, call=talk(join=("n",)), line=(B, C)))[0][1] is None
    again = [end(call=sent), end(call=sent, ordinal=1, line=(A, C)), end(server=True, line=None, call=sent)]
    assert meet(*again)[0][2] is None


def test_who_is_told_waits_no_longer():
    one = end()
    _, pairs = meet(one)
    pairs.leave(one[0])
    pairs.leave(one[0])

    assert (len(pairs), pairs._waiting, pairs.waits(one[0])) == (0, {}, False)
    assert pairs.meet(*end(server=True)) is None


ENDS = st.builds(
    end,
    server=st.booleans(),
    line=st.sampled_from([(A, B), (A, C), None]),
    ordinal=st.integers(0, 2),
    call=st.sampled_from(
        [talk(), talk(request_id="1"), talk(join=("m",)), talk(join=("m",), request_id="1")]
    ),
)


@settings(deadline=None)
@given(st.lists(st.tuples(ENDS, st.booleans()), max_size=20))
def test_nobody_is_paired_twice_nor_with_its_own_kind_and_nothing_is_left_behind(script):
    pairs, free = Pairs(), {}
    for (standing, its), leaves in script:
        other = pairs.meet(standing, its)
        if other is not None:
            assert free.pop(other).server is not its.server
        else:
            free[standing] = its
            if leaves:
                pairs.leave(standing)
                del free[standing]
        assert len(pairs) == len(free)
    for standing in free:
        pairs.leave(standing)
    assert pairs._waiting == {}
