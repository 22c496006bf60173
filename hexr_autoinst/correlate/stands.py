"""Gives every call its place the moment it is asked: which turn, under which span, and which call is its other end. Never a guess.

A client's call hangs under the inbound call that its process is serving, if that is the only one, else under the turn. An
inbound call opens a turn of its own: a span under its caller's, and below it the agent's invocation, if it is one.
"""

from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.first import Firsts
from hexr_autoinst.correlate.identity import Parent, join_key, join_span, parent, span_id, traceparent
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.lineage import Opening, Owner, Turn
from hexr_autoinst.correlate.links import Ends
from hexr_autoinst.correlate.pairs import Pairs, mark
from hexr_autoinst.correlate.standing import Spot, Standing
from hexr_autoinst.correlate.totals import doing, invokes
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.operation import AgentCall, Operation
from hexr_autoinst.model.story import Told

# The states of a task that its agent goes on with after it has answered.
_WORKING: Final = frozenset({"submitted", "working"})


@dataclass(frozen=True, slots=True)
class Host:
    """What a client's call is a part of."""

    turn: Turn | None
    under: str = ""
    rivals: tuple[Spot, ...] = ()


@dataclass(slots=True)
class Stands:
    """The places of all open calls."""

    agents: Agents
    invocations: Invocations
    pairs: Pairs = field(default_factory=Pairs)
    firsts: Firsts = field(default_factory=Firsts)
    _serving: dict[Owner, list[Standing]] = field(default_factory=dict)

    def take(
        self, exchange: Exchange, key: Key | None, call: AgentCall | None
    ) -> tuple[Standing, list[Told]]:
        """The place of a call that is asked now, and what its coming closes. `call`: what its request says, of an agent protocol."""
        owner: Owner = key or f"nobody:{exchange.source}"
        serves = call is not None and call.serves(exchange.role)
        caller = _caller(exchange, call)
        joins = join_key(call.protocol, call.join) if call and not caller else ""
        again = self.firsts.seen(joins, serves=serves) if joins else None
        standing, told = self._stand(exchange, owner, call, Opening(caller, "" if again else joins))
        standing.caller, standing.call, standing.serves, standing.again = caller, call, serves, again
        if joins and not again:
            standing.key = joins
            self.firsts.own(standing)
        if call is not None:
            self.meet(standing, exchange)
        if serves and call is not None and doing(call):
            self._serving.setdefault(owner, []).append(standing)
        return standing, told

    def meet(self, standing: Standing, exchange: Exchange, ends: Ends | None = None) -> None:
        """Look for the other end. `ends`: its addresses, where they are known only now."""
        other = self.pairs.meet(standing, mark(standing, exchange, ends))
        if other is None:
            return
        server, client = (standing, other) if standing.serves else (other, standing)
        client.other = server
        if server.own and server.turn.fixed:
            return  # spans of its own trace are told: the client's link is all that is left
        server.other = client
        if server.own and client.caller:
            server.turn.own_trace = client.caller.trace_id
        elif server.own and not server.caller:
            self.invocations.adopt(server.turn, client.turn)

    def late(self, standing: Standing, exchange: Exchange, ends: Ends) -> None:
        """The addresses of a call's connection are known only now."""
        if self.pairs.waits(standing) and exchange.local is None:
            self.meet(standing, exchange, ends)

    def settle(self, standing: Standing, operation: Operation) -> None:
        """It is about to be told, so its trace stands; of an inbound call its turn learns how it went."""
        self.invocations.fix(standing.turn)
        if standing.serves and standing.other:
            self.invocations.fix(standing.other.turn)
        if standing.own and isinstance(operation, AgentCall):
            standing.turn.failed = operation.failure is not None
            standing.turn.working = str(dict(operation.facts).get("a2a.state", "")) in _WORKING

    def over(self, standing: Standing, *, told: bool) -> None:
        """It is told, or came to nothing."""
        self.pairs.leave(standing)
        (self.firsts.told if told else self.firsts.forget)(standing)
        there = self._serving.get(standing.turn.owner, [])
        if standing in there:
            there.remove(standing)
        if not there:
            self._serving.pop(standing.turn.owner, None)

    def host(self, owner: Owner) -> Host:
        """What a call of this process is a part of: the one inbound call that it serves, else what it did last, else its turn."""
        serving = self._serving.get(owner, [])
        own = self.invocations.of(owner)
        if len(serving) == 1:
            return Host(serving[0].turn, serving[0].inner)
        if serving:
            return Host(own, rivals=tuple((s.turn.trace_id, s.inner) for s in serving))
        left = [t for t in self.invocations.requests(owner) if not t.bare and not (own and not t.working)]
        if own is None and len(left) == 1:
            return Host(left[0], left[0].root_id)
        return Host(own, rivals=tuple((t.trace_id, t.root_id) for t in left))

    def _stand(
        self, exchange: Exchange, owner: Owner, call: AgentCall | None, opening: Opening
    ) -> tuple[Standing, list[Told]]:
        if call is not None and call.serves(exchange.role) and not call.backwards:
            return self._inbound(exchange, owner, call, opening)
        told = self.invocations.settle(owner, exchange.began)
        host = self.host(owner)
        if host.turn is not None and host.turn.head:
            host.turn.pending += 1
            return Standing(host.turn, span_id(exchange), host.under, rivals=host.rivals), told
        serves = call is not None and call.serves(exchange.role)
        own = Opening(opening.caller, "" if serves else opening.key)
        turn, closed = self.invocations.join(owner, exchange, own)
        return Standing(turn, span_id(exchange), host.under or turn.under, rivals=host.rivals), told + closed

    def _inbound(
        self, exchange: Exchange, owner: Owner, call: AgentCall, opening: Opening
    ) -> tuple[Standing, list[Told]]:
        span = join_span(opening.key) if opening.key else span_id(exchange)
        agent = call.protocol == "a2a" or (isinstance(owner, Key) and self.agents.is_one(owner))
        how = Opening(opening.caller, opening.key, span, bare=not (agent and invokes(call)))
        turn = self.invocations.serve(owner, exchange, how)
        return Standing(turn, span, "", own=True), []


def _caller(exchange: Exchange, call: AgentCall | None) -> Parent | None:
    """Who named itself: in the message, which is nearer to the call than the connection's header (SEP-414), else there."""
    named = parent(call.parent) if call and call.parent else None
    return named or traceparent(exchange.request.headers)
