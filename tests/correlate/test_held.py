from hexr_autoinst.correlate.held import EACH, HOLD, PROCESSES, Held
from hexr_autoinst.model.facts import END_OF_TIME, Key
from hexr_autoinst.model.story import Uncounted
from tests.correlate.play import KEY, T0, effect, exchange

OTHER = Key(200, 1)


def everyone(key):
    return True


def test_what_is_held_comes_back_in_the_order_in_which_it_began():
    held = Held()
    held.keep(exchange("late", 3.0, 4.0), effect(), KEY, T0)
    held.keep(exchange("early", 1.0, 5.0), effect("vault", "get"), KEY, T0)

    assert (2, 6) == (len(held), held.facts)
    assert ["early", "late"] == [x.id for x, _ in held.release(everyone)]
    assert (0, 0) == (len(held), held.facts)


def test_only_those_come_back_that_are_somebodys():
    held = Held()
    held.keep(exchange("mine"), effect(), KEY, T0)
    held.keep(exchange("theirs", key=OTHER), effect(), OTHER, T0)

    assert ["theirs"] == [x.id for x, _ in held.release(lambda key: key == OTHER)]
    assert len(held) == 1


def test_no_body_is_held_and_equal_bodies_are_still_told_from_others():
    held = Held()
    for n, body in enumerate((b"a", b"a", b"b")):
        held.keep(exchange(str(n), body=body), effect(), KEY, T0)
    kept = [x.request for x, _ in held.release(everyone)]

    assert {b""} == {r.body for r in kept}
    assert kept[0].seal == kept[1].seal != kept[2].seal


def test_of_one_process_and_of_all_only_so_many_are_held():
    held = Held()
    over = [held.keep(exchange(str(n)), effect(), KEY, T0) for n in range(EACH + 1)]

    assert [[]] * EACH + [[Uncounted("not_an_agent", 3)]] == over
    for n in range(PROCESSES):
        held.keep(exchange(f"p{n}"), effect(), Key(1000 + n, 1), T0)
    assert len(held) == PROCESSES


def test_what_was_held_for_long_is_nobodys():
    held = Held()
    held.keep(exchange("a"), effect(), KEY, T0)
    held.keep(exchange("b"), effect(), KEY, T0 + 1)

    assert [] == held.forget(T0 + HOLD - 1)
    assert [Uncounted("not_an_agent", 3)] == held.forget(T0 + HOLD)
    assert [Uncounted("not_an_agent", 3)] == held.forget(END_OF_TIME)
    assert 0 == held.facts


def test_what_a_forgotten_process_did_is_nobodys():
    held = Held()
    held.keep(exchange(), effect(), KEY, T0)

    assert [] == held.drop([OTHER])
    assert [Uncounted("not_an_agent", 3)] == held.drop([KEY])
