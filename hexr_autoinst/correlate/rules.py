"""What the edge decided for this room, and which explicit rule fits a process. Nothing else."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from hexr_autoinst.model.facts import Process
from hexr_autoinst.model.story import FINDINGS

NANO = 1_000_000_000


class AgentRule(Protocol):
    """The fields of the configuration's `[[agents]]`, read only: this room does not import the edge."""

    @property
    def name(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def framework(self) -> str: ...
    @property
    def exe(self) -> str: ...
    @property
    def argument(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def cgroup(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """`salt` makes ids of this host, `key` makes them unguessable; a recording carries both."""

    agents: tuple[AgentRule, ...] = ()
    host: str = ""
    salt: bytes = b""
    key: bytes = b""
    turn_silence_ns: int = 60 * NANO
    proxy_port: int = 7718
    findings: frozenset[str] = frozenset(FINDINGS)


def rule_for(rules: Rules, process: Process) -> AgentRule | None:
    """The first rule whose every given matcher holds. One without any matcher fits nobody."""
    return next((r for r in rules.agents if _fits(r, process)), None)


def _fits(rule: AgentRule, process: Process) -> bool:
    if not (rule.exe or rule.argument or rule.user or rule.cgroup):
        return False
    return (
        (not rule.exe or fnmatchcase(process.exe, rule.exe))
        and (not rule.argument or any(fnmatchcase(a, rule.argument) for a in process.args))
        and (not rule.user or rule.user == process.user)
        and (not rule.cgroup or _below(process.cgroup, rule.cgroup))
    )


def _below(path: str, prefix: str) -> bool:
    """A prefix ends at a path border: /a/b holds /a/b and /a/b/c, not /a/bc."""
    stem = prefix.rstrip("/")
    return path == stem or path.startswith(stem + "/")
