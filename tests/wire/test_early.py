from hexr_autoinst.model.exchange import Frame, Said
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.early import Early


def said(size):
    return Said(1, "x", Frame(1, "grpc", "", "", raw=b"x" * size))


def test_what_waits_is_in_the_budget_until_it_is_taken():
    budget = Budget(100)
    early = Early(budget)

    assert [early.add(said(40), 100) for _ in range(3)] == [False, False, True]
    assert (budget.used, budget.exceeded) == (120, True)
    assert len(early.take()) == 3
    assert (budget.used, early.take()) == (0, [])


def test_many_small_ones_are_too_many():
    early = Early(Budget(100))

    assert [early.add(said(0), 100) for _ in range(257)].index(True) == 256
