"""Which processes are agents, what makes them so, and as whom they are told."""

from hexr_autoinst.correlate import naming
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import Key, Process, Source
from hexr_autoinst.model.operation import AgentCall, Asked, Effect, Operation
from hexr_autoinst.model.story import Agent


class Agents:
    """A process is an agent once it acted as one, or a rule or HEXR_AGENT_NAME says so."""

    def __init__(self, rules: Rules, world: World) -> None:
        """No process is an agent yet."""
        self._rules = rules
        self._world = world
        self._acted: dict[Key, str] = {}  # with the client library that it named first
        self._declared: set[Key] = set()
        self._told: dict[Key, Agent] = {}

    def read(self, process: Process) -> None:
        """Its identity is new: what was concluded from an older one no longer holds."""
        self._told.pop(process.key, None)
        if naming.declared(self._rules, process):
            self._declared.add(process.key)
        else:
            self._declared.discard(process.key)

    def acted(self, key: Key, client: str = "") -> bool:
        """It made an operation of an agent; whether that makes it one."""
        new = not self.is_one(key)
        if not self._acted.get(key):
            self._acted[key] = client
            if client:
                self._told.pop(key, None)
        return new

    def forget(self, keys: list[Key]) -> None:
        """The world has."""
        for key in keys:
            self._acted.pop(key, None)
            self._told.pop(key, None)
            self._declared.discard(key)

    def is_one(self, key: Key) -> bool:
        """Whether this very process is an agent."""
        return key in self._acted or key in self._declared

    def doer(self, key: Key) -> Key | None:
        """The agent whose doing it is what this process does: itself, else the nearest above it; None if there is none."""
        return key if self.is_one(key) else self.above(key)

    def above(self, key: Key) -> Key | None:
        """The nearest ancestor that is an agent."""
        return next((k for k in self._world.ancestors(key) if self.is_one(k)), None)

    def who(self, key: Key | None, source: Source = "ebpf", client: str = "") -> Agent:
        """As whom it is told, with what is known now."""
        if key is None:
            return naming.unknown(self._rules, None, source, client)
        if key not in self._told:
            life = self._world.get(key)
            if life is None or life.process is None:
                return naming.unknown(self._rules, key, source, self._acted.get(key, client))
            self._told[key] = naming.agent(self._rules, life.process, self._acted.get(key, client))
        return self._told[key]


def acts(exchange: Exchange, operation: Operation | Asked | None) -> bool:
    """Whether this makes its process an agent: asking a model, a tool or another agent, or serving as one. No effect does."""
    if isinstance(operation, Effect):
        return False
    if not isinstance(operation, AgentCall):
        return True
    if operation.serves(exchange.role):
        return operation.protocol == "a2a"
    return not operation.backwards


def unheard(exchange: Exchange, operation: Operation | Asked | None) -> bool:
    """Whether this is the end of a server that is no agent: of a model, a vault, a cache."""
    return exchange.role == "server" and not isinstance(operation, AgentCall)
