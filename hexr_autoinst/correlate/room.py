"""The room's door: facts of the world and operations in, the story out, in order. Time is what facts say."""

from collections.abc import Iterable
from typing import Final

from hexr_autoinst.correlate.agents import Agents, acts, unheard
from hexr_autoinst.correlate.connections import IDENTITY_WAIT, Connections
from hexr_autoinst.correlate.held import Held
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.lineage import Turn
from hexr_autoinst.correlate.naming import UNKNOWN
from hexr_autoinst.correlate.once import Once
from hexr_autoinst.correlate.rules import NANO, Rules
from hexr_autoinst.correlate.runs import Runs
from hexr_autoinst.correlate.seal import sealed
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.stands import Stands
from hexr_autoinst.correlate.telling import first_within, noticed, placed
from hexr_autoinst.correlate.twins import Call, Twins, seen_by
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model import facts as f
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import END_OF_TIME, Key
from hexr_autoinst.model.operation import AgentCall, Asked, Effect, Operation
from hexr_autoinst.model.story import Ambiguous, Finding, Told, Uncounted, spent

_UNANSWERED: Final = 15 * 60 * NANO  # as long as an exchange may be idle
_LOOK: Final = 50_000_000  # how often what waits is looked at, in the facts' own time


class Correlate:
    """Answers who did it and under what. One instance hears one merged stream."""

    def __init__(self, rules: Rules) -> None:
        """Nothing has happened yet."""
        self._world = World()
        self._agents = Agents(rules, self._world)
        self._connections = Connections(self._world, self._agents)
        self._invocations = Invocations(rules, self._world, self._agents)
        self._stands = Stands(self._agents, self._invocations)
        self._runs = Runs(rules, self._world, self._agents, self._invocations)
        self._twins = Twins(rules.proxy_port)
        self._once = Once()
        self._held = Held()
        self._key = rules.key
        self._standing: dict[Call, Standing] = {}
        self._findings = rules.findings
        self._out: list[
            Told
        ] = []  # `asked` answers nothing: what it makes tellable goes with the next answer
        self._now = 0
        self._looked = 0

    @property
    def open_facts(self) -> int:
        """Facts that were taken and are not told yet."""
        held = self._twins.held + self._held.facts + self._connections.open_facts
        return held + sum([spent(t) for t in self._out]) if self._out else held

    def world(self, fact: f.Fact) -> list[Told]:
        """A fact about processes, connections or time."""
        match fact:
            case f.Opened(source="har") | f.Closed(source="har"):
                self._say([Uncounted("recorded", 1)])  # no process and no kernel stands behind it
            case f.Process():
                self._process(fact)
            case f.Exited():
                self._say([Uncounted("process", 1)])
                self._say(self._runs.exited(fact))
                self._forget(self._world.exited(fact))
            case f.Opened():
                self._forget(self._world.met(fact.key, fact.at))
                self._twins.opened(fact)
                self._say(self._connections.opened(fact))
                self._tied(fact)
            case f.Closed():
                self._say(self._connections.closed(fact))
            case f.Handshake():
                self._say(self._connections.handshake(fact))
            case f.Health():
                self._say(self._connections.health(fact))
            case _:
                pass
        self._advance(fact.at)
        return self._drain()

    def asked(
        self,
        exchange: Exchange,
        provider_hint: str = "",  # noqa: ARG002 - the interface of the rooms
        operation: Asked | None = None,
    ) -> None:
        """A call is open. `operation`: what its request says of it, or which conversation a model's goes on with."""
        if self._twins.get(exchange) is not None or unheard(exchange, operation):
            return
        self._advance(exchange.began)
        key, rivals = self._owner(exchange)
        if key is not None and acts(exchange, operation):
            self._agents.acted(key)
            self._release()
        if key is not None and not isinstance(operation, Effect):
            self._runs.helps(key)
        doer = self._agents.doer(key) if key is not None and isinstance(operation, Effect) else key
        if key is not None and doer is None:
            return  # of no agent, as far as is known: see `ended`
        call = self._twins.asked(exchange, key)
        view = (self._connections.links.get(exchange.conn), exchange)
        if call.told:
            return
        if call not in self._standing:
            standing, told = self._stands.take(exchange, doer, operation)
            standing.rivals += tuple((t.trace_id, t.root_id) for t in rivals)
            self._say(told)
            self._standing[call] = standing
        standing = self._standing[call]
        standing.views.append(view)
        if call.ambiguous:
            self._say([Ambiguous(exchange.began, self._invocations.agent(standing.turn))])
        if key is None:
            self._say(self._invocations.announce(standing.turn))
        else:
            self._forget(self._world.met(key, exchange.began))
            self._identified(doer or key)

    def ended(self, exchange: Exchange, operation: Operation) -> list[Told]:
        """A call, or one plane's view of it, is over and meant this."""
        self._advance(exchange.ended)
        if unheard(exchange, operation):
            self.discard(exchange.id)
            self._say([Uncounted("server_end", exchange.facts)])
        elif isinstance(operation, Effect) and (key := self._nobodys(exchange)) is not None:
            self._say(self._held.keep(exchange, operation, key, self._now))
        else:
            self._over(exchange, operation)
        return self._drain()

    def _over(self, exchange: Exchange, operation: Operation) -> None:
        self.asked(exchange, operation=operation if isinstance(operation, AgentCall | Effect) else None)
        call = self._twins.get(exchange)
        if call is None or not self._twins.ended(call, exchange, operation, max(self._now, exchange.ended)):
            self._say([Uncounted("twin", exchange.facts)])
            return
        if call.key and acts(exchange, operation):
            self._agents.acted(call.key, operation.client_hint)
        if standing := self._standing.get(call):
            self._stands.answered(standing, exchange, operation)
        self._tell_if_ready(call)

    def _nobodys(self, exchange: Exchange) -> Key | None:
        """The process whose effect this is, where that is no agent, nor the child of one, as far as is known."""
        key = None if self._twins.get(exchange) is not None else self._owner(exchange)[0]
        return key if key is not None and self._agents.doer(key) is None else None

    def _release(self) -> None:
        """Somebody is an agent now: what it did before is told, in order. All have begun before the first ends: two views are one call."""
        found = list(self._held.release(lambda key: self._agents.doer(key) is not None))
        for exchange, effect in found:
            self.asked(exchange, operation=effect)
        for exchange, effect in found:
            self._over(exchange, effect)

    def discard(self, exchange_id: str) -> None:
        """The open calls of this exchange turned out to mean nothing."""
        for call in self._twins.parts(exchange_id):
            self._twins.discard(call, exchange_id)
            if not call.told and not call.live:
                self._cancel(call)

    def closed(self, exchange: Exchange) -> None:
        """An exchange that carried calls is over; what it leaves open is answered on another, or never."""
        self._advance(exchange.ended)
        for call in self._twins.parts(exchange.id):
            call.left_at = call.left_at or self._now

    def _say(self, told: Iterable[Told]) -> None:
        self._out += told

    def _drain(self) -> list[Told]:
        out, self._out = self._out, []
        return out

    def _process(self, fact: f.Process) -> None:
        self._say([Uncounted("process", 1)])
        self._forget(self._world.process(fact))
        self._agents.read(fact)
        self._runs.begun(fact)
        self._release()
        self._identified(fact.key)

    def _owner(self, exchange: Exchange) -> tuple[Key | None, list[Turn]]:
        """Whose call it is; where several hold its connection, the only one with a turn open, else nobody."""
        keys = [exchange.key] if exchange.key else self._connections.links.owners(exchange)
        if len(keys) > 1:
            turns = [t for k in keys for t in self._invocations.own(k)[:1]]
            if len(turns) != 1:
                return None, turns
            keys = [k for k in keys if self._invocations.own(k)]
        return (keys[0] if keys else None), []

    def _identified(self, key: Key) -> None:
        """A process is an agent, or is known by name, or both: what waited for that goes."""
        self._say(self._invocations.identified(key))
        self._say(self._connections.known(key))
        for call in self._twins.calls_of(key):
            self._tell_if_ready(call)

    def _advance(self, at: int) -> None:
        if at == END_OF_TIME:
            self._finish()
            return
        self._now = max(self._now, at)
        if self._now - self._looked < _LOOK:
            return
        self._looked = self._now
        for call in self._twins.open_calls():
            if not call.ended_at and not call.left_at:
                continue  # as most are, where many are open
            if call.left_at and not call.ended_at and self._now - call.left_at >= _UNANSWERED:
                self._cancel(call)
            else:
                self._tell_if_ready(call)
        self._say(self._invocations.look(self._now))
        self._say(self._connections.settle(self._now))
        self._say(self._held.forget(self._now))
        self._twins.forget(self._now)
        self._forget(self._world.forget(self._now))

    def _finish(self) -> None:
        """No fact will follow: tell all that can be told."""
        for call in self._twins.open_calls():
            if any(h.ended for h in call.live):
                self._tell(call)
            else:
                self._cancel(call)
        self._say(self._invocations.look(END_OF_TIME))
        self._say(self._connections.settle(END_OF_TIME))
        self._say(self._held.forget(END_OF_TIME))
        self._twins.forget(END_OF_TIME)

    def _forget(self, keys: list[Key]) -> None:
        if keys:
            self._say(self._invocations.forget(keys, self._now))
            self._say(self._connections.forget(keys))
            self._say(self._held.drop(keys))
            self._twins.forget_keys(keys)
            self._stands.forget(keys)
            self._runs.forget(keys)
            self._agents.forget(keys)

    def _tell_if_ready(self, call: Call) -> None:
        named = call.key is None or self._world.known(call.key)
        if (named or self._now - call.ended_at >= IDENTITY_WAIT) and self._twins.ready(call, self._now):
            self._tell(call)

    def _tell(self, call: Call) -> None:
        standing, planes = self._standing.pop(call), seen_by(call)
        turn = standing.turn
        exchange, operation = self._twins.tell(call, self._now)
        operation = sealed(self._once.tell(operation), self._key)
        self._say(self._invocations.announce(turn))
        agent = self._invocations.agent(turn)
        if call.key is None:  # nobody's calls share a turn, not a client
            agent = self._agents.who(None, call.first.source, operation.client_hint)
        if standing.rivals:
            self._say([Ambiguous(exchange.began, agent)])
        self._stands.settle(standing, operation)
        turn.pending -= 1
        turn.add(exchange, operation, planes, serves=standing.serves, within=first_within(standing))
        self._say(self._invocations.tools(turn))
        kept, found = noticed(standing, exchange, operation, self._findings)
        self._say(Finding(n.at, agent, n.kind) for n in found)
        other = self._other(standing)
        self._say([placed(agent, standing, call, (exchange, operation), (planes, other, kept))])
        self._stands.over(standing, told=True)

    def _other(self, standing: Standing) -> str:
        """The name of the agent at the other end, where that is known."""
        name = self._invocations.agent(standing.other.turn).name if standing.other else ""
        return "" if name == UNKNOWN else name

    def _tied(self, fact: f.Opened) -> None:
        """The addresses of a connection are known: what is open on it may find its other end."""
        if fact.failed:
            return
        for call in self._twins.calls_of(fact.key):
            standing = self._standing.get(call)
            if standing is not None and call.first.conn == fact.conn:
                self._stands.late(standing, call.first, (fact.local, fact.peer))

    def _cancel(self, call: Call) -> None:
        self._twins.close(call, self._now)
        if standing := self._standing.pop(call, None):
            self._stands.over(standing, told=False)
            self._stands.cancelled(standing)
            self._say(self._invocations.cancel(standing.turn, self._now))
