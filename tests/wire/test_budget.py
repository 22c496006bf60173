from hexr_autoinst.wire.budget import Budget


def test_more_than_the_most_is_too_much():
    budget = Budget(10)

    budget.used = 10
    assert not budget.exceeded
    budget.used += 1
    assert budget.exceeded
