from hexr_autoinst.correlate.within import within
from hexr_autoinst.model.operation import Failure
from hexr_autoinst.model.story import Agent, Place, Placed
from tests.correlate.play import call, effect, exchange

HERE = Place("0" * 32, "1" * 16, "2" * 16, (("3" * 32, "4" * 16),))


def told(operation, id_="x"):
    return Placed(Agent("a"), HERE, exchange(id_), operation)


def test_a_moderations_scan_hangs_under_it_and_spends_no_fact():
    scan = effect("guard", "scan", failure=Failure("500"))
    (child,) = within(told(call(scan=scan)))

    assert (HERE.trace_id, HERE.span_id, ()) == (
        child.place.trace_id,
        child.place.parent_id,
        child.place.links,
    )
    assert child.place.span_id not in (HERE.span_id, HERE.parent_id)
    assert (scan, 0) == (child.operation, child.exchange.facts)
    assert [child] == list(within(told(call(scan=scan))))
    assert child.place.span_id != next(within(told(call(scan=scan), "y"))).place.span_id


def test_nothing_else_has_anything_within():
    assert [] == [*within(told(call())), *within(told(effect()))]
