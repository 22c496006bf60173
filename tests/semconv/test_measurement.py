from hexr_autoinst.model.story import Agent, Place
from hexr_autoinst.semconv.measurement import trace, who


def test_every_point_of_an_agent_says_whose_it_is_and_where_an_exemplar_points():
    assert who(Agent("analyst", "acme")) == (("agent", "analyst"), ("tenant", "acme"))
    assert trace(Place("ab" * 16, "cd" * 8, "ef" * 8)) == ("ab" * 16, "cd" * 8)
