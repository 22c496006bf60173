from dataclasses import replace

import pytest

from hexr_autoinst.config import AgentRule
from hexr_autoinst.correlate.naming import agent, declared, unknown
from hexr_autoinst.correlate.rules import Rules
from tests.correlate.play import KEY, RULES, process

ID = "0123456789abcdef" * 4
POD = f"/kubepods/burstable/pod8d5a1f7e-2b3c-4d5e-8f90-a1b2c3d4e5f6/{ID}"


def test_the_name_is_that_of_the_first_that_answers():
    env = {
        "HEXR_AGENT_NAME": "a",
        "OTEL_SERVICE_NAME": "b",
        "OTEL_RESOURCE_ATTRIBUTES": "x=y, service.name=c%20d ,bad",
    }
    rules = Rules(agents=(AgentRule(name="ruled", exe="*"),))
    full = {"env": dict(env), "cgroup": "/system.slice/unit.service"}
    names = [agent(rules, process(**full)).name, agent(RULES, process(**full)).name]
    for key in ("HEXR_AGENT_NAME", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"):
        del env[key]
        names.append(agent(RULES, process(env=dict(env), cgroup="/system.slice/unit.service")).name)
    names.append(agent(RULES, process(env={"COMPOSE_SERVICE": "composed"})).name)
    names.append(agent(RULES, process()).name)
    names.append(agent(RULES, process(args=("python", "-c", "1"))).name)
    names.append(agent(RULES, process(args=(), exe="")).name)

    assert names == ["ruled", "a", "b", "c d", "unit", "composed", "analyst", "python3.11", "unknown"]


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("analyst-7d9f8b6c5-x2x4z", "analyst"),
        ("my-analyst-7d9f8b6c54-x2x4z", "my-analyst"),
        ("analyst-0", "analyst"),
        ("analyst-28374650-x2x4z", "analyst"),
        ("analyst-x2x4z", "analyst"),
        ("analyst", "analyst"),
    ],
)
def test_a_pods_name_gives_its_workload(pod, workload):
    told = agent(RULES, process(cgroup=POD, env={"HOSTNAME": pod, "POD_NAMESPACE": "finance"}))

    assert (told.name, told.pod, told.container) == (workload, pod, ID)
    assert (told.tenant, told.namespace) == ("finance", "finance")


def test_a_workload_said_outright_comes_before_the_pods_name():
    said = "k8s.deployment.name=desk,k8s.pod.name=desk-7d9f8b6c5-x2x4z,k8s.namespace.name=ns"

    told = agent(RULES, process(env={"OTEL_RESOURCE_ATTRIBUTES": said}))

    assert (told.name, told.pod, told.namespace) == ("desk", "desk-7d9f8b6c5-x2x4z", "ns")


def test_a_pod_on_its_nodes_network_has_no_name_by_its_host():
    rules = replace(RULES, host="node-1")

    assert agent(rules, process(cgroup=POD, env={"HOSTNAME": "node-1"})).pod == ""
    assert agent(rules, process(cgroup=POD, env={"HOSTNAME": "node-1", "POD_NAME": "desk-0"})).pod == "desk-0"


def test_a_host_name_outside_kubernetes_is_no_pod():
    told = agent(RULES, process(env={"HOSTNAME": "laptop"}))

    assert (told.name, told.pod) == ("analyst", "")


def test_the_tenant_is_that_of_the_first_that_answers():
    rules = Rules(agents=(AgentRule(tenant="ruled", exe="*"),))
    env = {"HEXR_TENANT": "own", "POD_NAMESPACE": "ns"}

    assert agent(rules, process(env=env)).tenant == "ruled"
    assert agent(RULES, process(env=env)).tenant == "own"
    assert agent(RULES, process(env={"POD_NAMESPACE": "ns"})).tenant == "ns"
    assert agent(RULES, process()).tenant == "default"


def test_a_rule_that_only_names_a_tenant_leaves_the_name_to_the_others():
    rules = Rules(agents=(AgentRule(tenant="t", exe="*"),))

    assert agent(rules, process()).name == "analyst"


def test_the_resource_says_what_the_process_is():
    told = agent(RULES, process(hints=("langgraph", "openai")))

    assert (told.framework, told.runtime, told.exe) == ("langgraph", "python", "/usr/bin/python3.11")
    assert (told.host, told.key) == ("box", KEY)
    assert len(told.instance) == 32


def test_a_hostile_name_is_one_printable_line_of_bounded_length():
    told = agent(RULES, process(env={"HEXR_AGENT_NAME": "a\nb\x1b[31m" + "x" * 10_000}))

    assert told.name.startswith("ab[31mxxx")
    assert len(told.name) == 200


def test_a_name_of_nothing_printable_is_unknown():
    assert agent(RULES, process(env={"HEXR_AGENT_NAME": "\x00"})).name == "unknown"


@pytest.mark.parametrize(
    ("key", "source", "name"),
    [(None, "har", "har"), (None, "proxy", "unknown"), (KEY, "ebpf", "unknown"), (KEY, "har", "unknown")],
)
def test_nobody_has_a_name_too(key, source, name):
    assert unknown(RULES, key, source).name == name


def test_an_agent_is_declared_by_rule_or_environment():
    rules = Rules(agents=(AgentRule(name="x", user="ann"),))

    assert declared(rules, process(user="ann"))
    assert declared(rules, process(env={"HEXR_AGENT_NAME": "x"}))
    assert not declared(rules, process(env={"OTEL_SERVICE_NAME": "x"}))
