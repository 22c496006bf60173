"""Which processes are agents, and as whom they are told. Knows names and kinship, no operation."""

from hexr_autoinst.correlate import naming
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model.facts import Key, Process, Source
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

    def acted(self, key: Key, client: str = "") -> None:
        """It made an operation of an agent."""
        if not self._acted.get(key):
            self._acted[key] = client
            if client:
                self._told.pop(key, None)

    def forget(self, keys: list[Key]) -> None:
        """The world has."""
        for key in keys:
            self._acted.pop(key, None)
            self._told.pop(key, None)
            self._declared.discard(key)

    def is_one(self, key: Key) -> bool:
        """Whether this very process is an agent."""
        return key in self._acted or key in self._declared

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
