from hexr_autoinst.model.story import Agent, Connection, InvocationOpened, Place, Uncounted, spent


def test_a_connection_spends_one_fact_unless_it_says_more():
    assert Connection(0, Agent("a"), "opened", "client").facts == 1


def test_a_place_without_parent_is_a_root():
    assert Place("t", "s").parent_id is None


def test_what_is_made_of_others_spends_no_fact():
    assert 3 == spent(Uncounted("x", 3))
    assert 0 == spent(InvocationOpened(1, Agent("a"), Place("0" * 32, "0" * 16)))
