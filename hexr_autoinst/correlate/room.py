"""The room's door: facts of the world and operations in, the story out, in order. Time is what facts say."""

from collections.abc import Iterable
from itertools import chain
from typing import Final

from hexr_autoinst.correlate import streams
from hexr_autoinst.correlate.agents import Agents, acts, unheard
from hexr_autoinst.correlate.connections import IDENTITY_WAIT, Connections
from hexr_autoinst.correlate.held import Held
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.once import Once
from hexr_autoinst.correlate.reuse import Reuse, lookup
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.runs import Runs
from hexr_autoinst.correlate.seal import sealed
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.stands import Stands
from hexr_autoinst.correlate.tasks import Tasks
from hexr_autoinst.correlate.telling import first_within, noticed, placed
from hexr_autoinst.correlate.twins import Call, Twins, seen_by
from hexr_autoinst.correlate.within import within
from hexr_autoinst.correlate.world import World
from hexr_autoinst.model import facts as f
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import END_OF_TIME, Key
from hexr_autoinst.model.operation import AgentCall, Asked, Effect, Operation
from hexr_autoinst.model.story import Ambiguous, Finding, Told, Uncounted, spent

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
        self._reuse = Reuse()
        self._tasks = Tasks()
        self._standing: dict[Call, Standing] = {}
        self._rules = rules
        # `asked` answers nothing: what it makes tellable goes with the next answer.
        self._out: list[Told] = []
        self._now = self._looked = 0

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
        key, rivals = self._invocations.whose(self._connections.holders(exchange))
        if key is not None and acts(exchange, operation) and self._agents.acted(key):
            self._release()
        if key is not None and not isinstance(operation, Effect):
            self._runs.helps(key)
        doer = self._agents.doer(key) if key is not None and isinstance(operation, Effect) else key
        if key is not None and doer is None:
            return  # of no agent, as far as is known: see `ended`
        call = self._twins.asked(exchange, key)
        if call.told:
            return
        if call not in self._standing:
            standing, told = self._stands.take(exchange, doer, operation)
            standing.rivals += tuple((t.trace_id, t.root_id) for t in rivals)
            standing.speaks = streams.speaks(operation)
            self._say(told)
            self._standing[call] = standing
        standing = self._standing[call]
        standing.views.append((self._connections.links.get(exchange.conn), exchange))
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

    def going(self, exchange: Exchange, operation: Operation) -> None:
        """A call outlasts its exchange: told as this, if nothing ends it."""
        self._advance(exchange.ended)
        if self._twins.get(exchange) is None:  # its process may be an agent by now
            self.asked(exchange, operation=operation if isinstance(operation, AgentCall | Effect) else None)
        if call := self._twins.get(exchange):
            self._twins.going(call, exchange, operation, self._now)

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
        if self._twins.get(exchange) is not None:
            return None
        key, _ = self._invocations.whose(self._connections.holders(exchange))
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

    def streaming(self, exchange_id: str, at: int) -> list[Told]:
        """The answer of this exchange has turned out to be a stream."""
        there = [s for call in self._twins.parts(exchange_id) if (s := self._standing.get(call))]
        self._say(streams.begun(there, self._invocations, at))
        return self._drain()

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
        if self._agents.doer(fact.key) is not None:
            self._release()
        self._identified(fact.key)

    def _identified(self, key: Key) -> None:
        """A process is an agent, or is known by name, or both: what waited for that goes."""
        self._say(self._invocations.identified(key))
        self._say(self._connections.known(key))
        for call in [c for c in self._twins.calls_of(key) if c.ended_at]:
            self._tell_if_ready(call)

    def _advance(self, at: int) -> None:
        if at == END_OF_TIME:  # no fact will follow: all is told that can be
            for call in self._twins.open_calls():
                self._leave(call)
            self._settle(at)
            return
        self._now = max(self._now, at)
        if self._now - self._looked < _LOOK:
            return
        self._looked = self._now
        for call in self._twins.open_calls():
            if call.left_at and self._twins.abandoned(call, self._world.gone_at(call.key), self._now):
                self._leave(call)
            elif call.ended_at:  # most are not, where many are open
                self._tell_if_ready(call)
        self._settle(self._now)
        self._forget(self._world.forget(self._now))

    def _settle(self, at: int) -> None:
        self._say(self._invocations.look(at))
        self._say(self._connections.settle(at))
        self._say(self._held.forget(at))
        self._twins.forget(at)

    def _leave(self, call: Call) -> None:
        """Nothing more will come of it: told as far as it is known."""
        if self._twins.settle(call, self._now):
            self._tell(call)
        else:
            self._cancel(call)

    def _forget(self, keys: list[Key]) -> None:
        if keys:
            self._say(self._invocations.forget(keys, self._now))
            self._say(self._connections.forget(keys))
            self._say(self._held.drop(keys))
            self._reuse.forget(keys)
            self._twins.forget_keys(keys)
            self._stands.forget(keys)
            self._runs.forget(keys)
            self._agents.forget(keys)

    def _tell_if_ready(self, call: Call) -> None:
        known = call.key is None or self._world.known(call.key)
        if self._twins.ready(call, self._now) and (known or self._now - call.ended_at >= IDENTITY_WAIT):
            scans = self._standing[call].turn.scans
            if not scans.holds(call.first, call.over_at, self._now):
                self._tell(call)

    def _tell(self, call: Call) -> None:
        standing, planes = self._standing.pop(call), seen_by(call)
        turn = standing.turn
        exchange, operation = self._twins.tell(call, self._now)
        operation = self._reuse.mark(call.key, sealed(self._once.tell(operation), self._rules.key))
        self._say(self._invocations.announce(turn))
        agent = self._invocations.agent(turn)
        if call.key is None:  # nobody's calls share a turn, not a client
            agent = self._agents.who(None, call.first.source, operation.client_hint)
        if standing.rivals:
            self._say([Ambiguous(exchange.began, agent)])
        operation = self._stands.settle(standing, exchange, operation)
        turn.pending -= 1
        turn.add(exchange, operation, planes, serves=standing.serves, within=first_within(standing))
        self._say(self._invocations.tools(turn))
        kept, found = noticed(standing, exchange, operation, self._rules.findings)
        self._say(Finding(n.at, agent, n.kind) for n in found)
        seen = planes, self._stands.other(standing), kept
        told = placed(agent, standing, call, (exchange, operation), seen)
        more = (lookup(told), within(told), self._tasks.heard(told), streams.over(standing, self._now))
        self._say([told, *chain.from_iterable(more)])
        self._stands.over(standing, told=True)

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
            self._stands.cancelled(standing, call.first)
            self._say(streams.over(standing, self._now))
            self._say(self._invocations.cancel(standing.turn, self._now))
