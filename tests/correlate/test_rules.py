import pytest

from hexr_autoinst.config import AgentRule
from hexr_autoinst.correlate.rules import Rules, rule_for
from tests.correlate.play import process


@pytest.mark.parametrize(
    ("matchers", "fits"),
    [
        ({"exe": "/usr/bin/python3*"}, True),
        ({"exe": "/usr/bin/node"}, False),
        ({"argument": "*/analyst.py"}, True),
        ({"argument": "analyst"}, False),
        ({"user": "ann"}, True),
        ({"user": "an*"}, False),
        ({"cgroup": "/a/b"}, True),
        ({"cgroup": "/a/b/"}, True),
        ({"cgroup": "/a/b/c"}, True),
        ({"cgroup": "/a/b/c/d"}, False),
        ({"cgroup": "/a/bb"}, False),
        ({"cgroup": "/a/b", "user": "bob"}, False),
        ({}, False),
    ],
)
def test_every_given_matcher_must_hold_and_no_matcher_fits_nobody(matchers, fits):
    rules = Rules(agents=(AgentRule(name="named", **matchers),))

    assert (rule_for(rules, process(cgroup="/a/b/c", user="ann")) is not None) is fits


def test_the_first_rule_that_fits_answers():
    rules = Rules(
        agents=(
            AgentRule(name="a", user="bob"),
            AgentRule(name="b", user="ann"),
            AgentRule(name="c", user="ann"),
        )
    )

    assert rule_for(rules, process(user="ann")).name == "b"
