from dataclasses import dataclass

import pytest

from hexr_autoinst.correlate.naming import agent, declared
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.veil import veiled
from hexr_autoinst.model.facts import Key, Process


@dataclass(frozen=True)
class Rule:
    name: str = ""
    tenant: str = ""
    framework: str = ""
    exe: str = ""
    argument: str = ""
    user: str = ""
    cgroup: str = ""


NONE = Rules()


def process(*args, exe="/usr/bin/python3", **env):
    return Process(1, "ebpf", Key(7, 70), None, exe, args, env, "/x", "me", ("openai",), 1)


def least(*args, rules=NONE, exe="/usr/bin/python3", **env):
    found = veiled(rules, one := process(*args, exe=exe, **env))
    assert agent(rules, found) == agent(rules, one)
    assert declared(rules, found) == declared(rules, one)
    return found


@pytest.mark.parametrize(
    ("args", "kept"),
    [
        (("python3", "/home/me/agent.py", "--api-key", "sk-1", "say Hello"), ("~", "agent.py", "-~", "~", "~")),
        (("python3", "-W", "ignore", "-m", "analyst", "Hello"), ("~", "-W", "~", "-~", "analyst", "~")),
        (("python3", "-c", "print('Hello')"), ("~", "-c", "~")),
        (("python3", "-m", "uvicorn", "--port", "8", "shop.main:app"), ("~", "-~", "uvicorn", "-~", "~", "shop.main:app")),
        (("python3",), ("~",)),
        ((), ()),
    ],
)  # fmt: skip
def test_an_argument_stays_only_where_it_names(args, kept):
    assert kept == least(*args).args


def test_a_binary_of_its_own_needs_no_argument_and_one_whose_file_is_unknown_its_first():
    assert least("/opt/claude", "-p", "Hello", exe="/opt/claude").args == ("~", "-~", "~")
    assert least("/opt/claude", "-p", "Hello", exe="").args == ("claude", "-~", "~")


def test_what_a_rule_looks_for_stays():
    rules = Rules(agents=(Rule(name="bot", argument="--bot=*"),))

    assert least("python3", "x.py", "--bot=1", "--key=2", rules=rules).args == ("~", "~", "--bot=1", "-~")


def test_of_the_environment_only_what_names_stays():
    assert least(HEXR_AGENT_NAME="a", OTEL_SERVICE_NAME="b", HOSTNAME="c").env == {"HEXR_AGENT_NAME": "a"}
    listed = "note=Hello,k8s.pod.name=web-0,token=sk-1"
    assert least(OTEL_RESOURCE_ATTRIBUTES=listed).env == {"OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=web-0"}
    assert least(OTEL_RESOURCE_ATTRIBUTES="note=Hello").env == {}


def test_endless_arguments_are_bounded():
    assert len(least("python3", "a.py", *["Hello"] * 5000).args) <= 256
