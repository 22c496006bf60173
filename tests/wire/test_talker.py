from types import SimpleNamespace

from hexr_autoinst.model.exchange import Skipped
from hexr_autoinst.wire.budget import Budget
from hexr_autoinst.wire.identity import Carrier
from hexr_autoinst.wire.limits import Limits
from hexr_autoinst.wire.talk import Talk
from hexr_autoinst.wire.talker import opposite, pay, spend
from tests.wire.stage import CONN, KEY


def test_a_fact_is_paid_or_spent_once():
    talk, purse = (
        Talk(Carrier("x", "ebpf", KEY, CONN, 0, "client"), Limits(), Budget(1)),
        SimpleNamespace(held=3),
    )

    pay(purse, talk)
    pay(purse, talk)
    assert (talk.facts, purse.held, spend(purse, 1, "why")) == (3, 0, [])

    purse.held += 2
    assert spend(purse, 1, "why") == [Skipped(1, "why", 2)]
    assert spend(purse, 1, "why") == []


def test_the_other_side():
    assert [opposite(s) for s in ("request", "response", None)] == ["response", "request", None]
