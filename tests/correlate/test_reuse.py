from hexr_autoinst.correlate.reuse import Reuse, lookup
from hexr_autoinst.model.facts import Conn, Key
from hexr_autoinst.model.operation import Failure
from tests.correlate.play import END, KEY, Play, effect, exchange, process

OTHER = Key(300, 1)


def given(**more):
    return effect("credential", "exchange", uses="aws", **more)


def used(cloud="aws"):
    return effect(service=f"{cloud}_s3", uses=cloud)


def tiers(*operations, key=KEY):
    reuse = Reuse()
    return [dict(reuse.mark(key, one).facts).get("cache.tier") for one in operations]


def test_a_credential_that_was_given_is_reused_from_its_second_use_on():
    assert [None, None, "L1", "L1"] == tiers(given(), used(), used(), used())


def test_a_new_one_begins_again():
    assert [None, None, None, None, "L1"] == tiers(given(), used(), given(), used(), used())


def test_one_that_was_never_given_is_reused_once_it_was_seen():
    assert [None, "L1"] == tiers(used(), used())


def test_another_kind_is_another_credential():
    assert [None, None, None] == tiers(given(), used("gcp"), used())


def test_what_has_brought_nothing_or_belongs_to_nobody_is_none():
    assert [None, None, "L1"] == tiers(effect("credential", "exchange", failure=Failure("x")), used(), used())
    assert [None, None] == tiers(used(), used(), key=None)


def test_each_process_has_its_own_until_it_is_forgotten():
    reuse = Reuse()
    reuse.mark(KEY, used())

    assert () == reuse.mark(OTHER, used()).facts
    reuse.forget([KEY])
    assert () == reuse.mark(KEY, used()).facts


def test_the_lookup_is_a_moment_in_the_call_and_no_exchange():
    play = Play() >> process()
    play.exchange(exchange("model", 1, 2))
    for n, operation in enumerate((given(), used(), used()), 1):
        play.exchange(exchange(f"e{n}", n + 2, n + 2.5, ordinal=n, conn=Conn(KEY, 0x7F00, 1)), operation)
    play >> END

    found = play.placed("e3", "L1")
    assert ("cache", "lookup", True, (("tier", "L1"), ("hit", True))) == (
        found.operation.kind, found.operation.verb, found.operation.inferred, found.operation.facts,
    )  # fmt: skip
    tool = play.placed("e3")
    assert found.place.parent_id == tool.place.span_id != found.place.span_id
    assert found.exchange.began == found.exchange.ended == tool.exchange.began
    assert 0 == found.exchange.facts
    assert [] == list(lookup(play.placed("e2")))
