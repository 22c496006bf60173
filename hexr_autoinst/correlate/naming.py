"""An agent's name, tenant and resource from what is known of its process: the first rule that answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from hexr_autoinst.correlate import cgroup, command
from hexr_autoinst.correlate.framework import framework
from hexr_autoinst.correlate.identity import instance_id
from hexr_autoinst.correlate.rules import Rules, rule_for
from hexr_autoinst.model.facts import Key, Process, Source
from hexr_autoinst.model.story import Agent

UNKNOWN: Final = "unknown"
_WORKLOADS: Final = ("deployment", "statefulset", "daemonset", "cronjob", "job", "replicaset")
# The resource attributes that are read here.
ATTRIBUTES: Final = frozenset(
    {"service.name", "container.name", "k8s.namespace.name", "k8s.pod.name", *(f"k8s.{w}.name" for w in _WORKLOADS)}
)  # fmt: skip
# Kubernetes names what it generates with rand.SafeEncodeString: no vowels, no 0, 1, 3.
_SAFE: Final = "[bcdfghjklmnpqrstvwxz2456789]"
_GENERATED: Final = (
    re.compile(rf"(.+)-{_SAFE}{{8,10}}-{_SAFE}{{5}}"),  # a Deployment's ReplicaSet's pod
    re.compile(rf"(.+)-\d{{8,10}}-{_SAFE}{{5}}"),  # a CronJob's Job's pod
    re.compile(rf"(.+)-{_SAFE}{{5}}"),  # a DaemonSet's or Job's pod
    re.compile(r"(.+)-\d+"),  # a StatefulSet's pod
)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """The process, read: its cgroup taken apart, its own resource attributes, and the name of its node."""

    host: str
    process: Process
    where: cgroup.Whereabouts
    attributes: Mapping[str, str]


def unknown(rules: Rules, key: Key | None, source: Source, client: str = "") -> Agent:
    """The agent of a process of which nothing is known, or of no process at all (a HAR, a remote caller)."""
    return Agent(
        name="har" if key is None and source == "har" else UNKNOWN,
        framework=framework((), client),
        instance=instance_id(rules.salt, key) if key else "",
        key=key,
        host=rules.host if key else "",
    )


def agent(rules: Rules, process: Process, client: str = "") -> Agent:
    """The agent that this process is."""
    seen = Evidence(rules.host, process, cgroup.read(process.cgroup), _attributes(process.env))
    rule = rule_for(rules, process)
    namespace = process.env.get("POD_NAMESPACE") or seen.attributes.get("k8s.namespace.name", "")
    return Agent(
        name=_clean((rule.name if rule else "") or _name(seen)) or UNKNOWN,
        tenant=_clean((rule.tenant if rule else "") or process.env.get("HEXR_TENANT", "") or namespace)
        or "default",
        framework=(rule.framework if rule else "") or framework(process.hints, client),
        instance=instance_id(rules.salt, process.key),
        key=process.key,
        exe=process.exe,
        runtime=command.runtime(process.exe),
        host=rules.host,
        container=seen.where.container,
        pod=_pod(seen),
        namespace=_clean(namespace),
    )


def declared(rules: Rules, process: Process) -> bool:
    """Whether a rule or HEXR_AGENT_NAME makes it an agent before it has said anything."""
    return bool(process.env.get("HEXR_AGENT_NAME")) or rule_for(rules, process) is not None


def _name(seen: Evidence) -> str:
    env, process = seen.process.env, seen.process
    return (
        env.get("HEXR_AGENT_NAME")
        or env.get("OTEL_SERVICE_NAME")
        or seen.attributes.get("service.name")
        or _workload(seen)
        or seen.where.unit
        or _container(seen)
        or command.program(process.args, process.exe)
        or command.executable(process.exe or (process.args[0] if process.args else ""))
    )


def _workload(seen: Evidence) -> str:
    for kind in _WORKLOADS:
        if name := seen.attributes.get(f"k8s.{kind}.name"):
            return name
    pod = _pod(seen)
    return next((m[1] for p in _GENERATED if (m := p.fullmatch(pod))), pod)


def _pod(seen: Evidence) -> str:
    """The pod's name: said outright, or its host name, which Kubernetes makes equal to it, except on the node's network."""
    said = seen.process.env.get("POD_NAME") or seen.attributes.get("k8s.pod.name", "")
    host = seen.process.env.get("HOSTNAME", "") if seen.where.kubernetes else ""
    return _clean(said or (host if host != seen.host else ""))


def _container(seen: Evidence) -> str:
    said = seen.attributes.get("container.name") or seen.process.env.get("COMPOSE_SERVICE", "")
    return said or seen.where.machine


def _attributes(env: Mapping[str, str]) -> dict[str, str]:
    """OTEL_RESOURCE_ATTRIBUTES: `key=value,…`, percent-encoded (OTel resource SDK specification)."""
    pairs = (p.partition("=") for p in env.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    return {k.strip(): unquote(v.strip()) for k, _, v in pairs if k.strip() and v.strip()}


def _clean(text: str) -> str:
    """Another program's words become a label: printable, one line, of bounded length."""
    return "".join(c for c in text if c.isprintable()).strip()[:_LONGEST]
