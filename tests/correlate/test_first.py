from hexr_autoinst.correlate import first
from hexr_autoinst.correlate.first import Firsts
from hexr_autoinst.correlate.lineage import Turns
from hexr_autoinst.correlate.standing import Standing
from tests.correlate.play import KEY, RULES, exchange


def standing(key="k", *, serves=False, span="cd" * 8):
    return Standing(Turns(RULES).begin(KEY, exchange()), span, "", key=key, serves=serves)


def test_the_first_of_a_key_owns_it_at_each_end():
    firsts, sent, served = Firsts(), standing(), standing(serves=True)
    for one in (sent, served):
        assert firsts.seen("k", serves=one.serves) is None
        firsts.own(one)

    assert firsts.seen("k", serves=False).standing is sent
    assert firsts.seen("k", serves=True).standing is served


def test_once_it_is_told_only_its_span_is_kept():
    firsts, sent = Firsts(), standing()
    firsts.own(sent)
    before = firsts.seen("k", serves=False).spot
    firsts.told(sent)

    found = firsts.seen("k", serves=False)
    assert (found.standing, found.spot) == (None, before)


def test_one_that_came_to_nothing_is_forgotten_and_another_is_not():
    firsts, sent, other = Firsts(), standing(), standing()
    firsts.own(sent)
    firsts.forget(other)
    assert firsts.seen("k", serves=False) is not None
    firsts.forget(sent)
    assert firsts.seen("k", serves=False) is None


def test_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(first, "REMEMBERED", 2)
    firsts = Firsts()
    for key in "abc":
        firsts.own(standing(key))

    assert len(firsts) == 2
    assert firsts.seen("a", serves=False) is None
