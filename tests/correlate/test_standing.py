import pytest

from hexr_autoinst.correlate.identity import Parent, join_span
from hexr_autoinst.correlate.lineage import Opening, Turns
from hexr_autoinst.correlate.standing import First, Standing
from hexr_autoinst.model.facts import Key
from tests.correlate.play import KEY, RULES, exchange

CALLER = Parent("ab" * 16, "cd" * 8)


def turn(head="", owner=KEY, **more):
    return Turns(RULES).begin(owner, exchange(f"x{owner.pid}"), Opening(head=head, **more))


def client(**more):
    its = turn()
    return Standing(its, "11" * 8, its.root_id, **more)


def server(bare=False, **more):
    its = turn("22" * 8, Key(2, 2), bare=bare)
    return Standing(its, "22" * 8, "", serves=True, own=True, **more)


def test_a_clients_call_hangs_under_its_turn_unless_it_names_another():
    plain, named = client(), client(caller=CALLER)

    assert (plain.place.trace_id, plain.place.parent_id) == (plain.turn.trace_id, plain.turn.root_id)
    assert (named.place.trace_id, named.place.parent_id) == CALLER
    assert named.place.links == ((named.turn.trace_id, named.turn.root_id),)


@pytest.mark.parametrize("bare", [False, True])
def test_what_is_called_meanwhile_hangs_under_the_invocation_or_the_call_itself(bare):
    served = server(bare=bare)

    assert served.inner == (served.span_id if bare else served.turn.root_id)
    assert served.turn.place.parent_id == served.span_id
    assert client().inner == "11" * 8


def test_two_ends_are_parent_and_child_and_the_client_links_to_the_server():
    sent, served = client(), server()
    sent.other, served.other = served, sent

    assert (served.place.trace_id, served.place.parent_id) == (sent.trace_id, sent.span_id)
    assert sent.place.links == (served.spot,)
    assert served.place.links == ()


def test_two_ends_under_one_foreign_caller_are_linked_both_ways():
    sent, served = client(caller=CALLER), server(caller=CALLER)
    sent.other, served.other = served, sent

    assert served.place.parent_id == sent.place.parent_id == CALLER.span_id
    assert sent.spot in served.place.links
    assert served.spot in sent.place.links


def test_a_key_says_where_the_other_end_will_be_and_rivals_come_last():
    first = First(None, ("ee" * 16, "ff" * 8))
    sent = client(key="aa" * 16, again=first, rivals=(("01" * 16, "02" * 8),))

    assert sent.place.links == (("aa" * 16, join_span("aa" * 16)), first.told, ("01" * 16, "02" * 8))
