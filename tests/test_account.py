from hexr_autoinst.account import Account


def test_every_fact_has_one_fate():
    account = Account(delivered=10, told=6, open=1)
    account.ignored["muted"] = 3
    account.dropped["ring"] = 4

    assert account.issued == 14
    assert account.balanced


def test_a_forgotten_fact_is_seen():
    account = Account(delivered=10, told=9)

    assert not account.balanced
    assert account.as_dict()["balanced"] is False
