from hexr_autoinst.model.story import Agent, Connection, Place


def test_a_connection_spends_one_fact_unless_it_says_more():
    assert Connection(0, Agent("a"), "opened", "client").facts == 1


def test_a_place_without_parent_is_a_root():
    assert Place("t", "s").parent_id is None
