from hexr_autoinst.correlate.seal import sealed
from tests.correlate.play import call, effect


def test_a_sealed_text_is_told_as_a_hash_that_only_this_installation_makes():
    secret = effect("credential", "exchange", sealed=(("subject", "alice@example.test"),))
    one, same, other = (sealed(secret, key) for key in (b"k", b"k", b"another"))

    assert one == same != other
    assert () == one.sealed
    assert "alice" not in repr(one)
    assert 16 == len(dict(one.facts)["subject"])


def test_of_several_texts_each_has_its_own_and_not_too_many():
    lookup = effect("cache", "lookup", sealed=(("key", ("a", "b", "a", *map(str, range(99)))),))
    found = dict(sealed(lookup, b"k").facts)["key"]

    assert 64 == len(found)
    assert found[0] == found[2] != found[1]


def test_the_same_text_as_another_fact_is_another_hash():
    both = effect(sealed=(("subject", "a"), ("key", "a")))
    facts = dict(sealed(both, b"k").facts)

    assert facts["subject"] != facts["key"]


def test_what_has_nothing_sealed_is_as_it_was():
    assert call() == sealed(call(), b"k")
    assert effect() == sealed(effect(), b"k")
