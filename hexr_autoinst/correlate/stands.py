"""Gives every call its place the moment it is asked: which turn, under which span, and which call is its other end. Never a guess.

A client's call hangs under the tool window that encloses it, else under the inbound call that its process is serving, if that is the only
one, else under the turn. An
inbound call opens a turn of its own: a span under its caller's, and below it the agent's invocation, if it is one.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.conversations import Ask, Conversations
from hexr_autoinst.correlate.first import Firsts
from hexr_autoinst.correlate.hosts import NOTHING, Hint, Host, Leaf, choose, leaves
from hexr_autoinst.correlate.identity import Parent, join_key, join_span, parent, span_id, traceparent
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.lineage import Opening, Owner, Turn
from hexr_autoinst.correlate.links import Ends
from hexr_autoinst.correlate.pairs import Pairs, mark
from hexr_autoinst.correlate.standing import Spot, Standing
from hexr_autoinst.correlate.totals import TOOL_CALL, doing, invokes
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.operation import AgentCall, Asked, ModelCall, Operation, Thread
from hexr_autoinst.model.story import Agent, Told

# The states of a task that its agent goes on with after it has answered.
_WORKING: Final = frozenset({"submitted", "working"})


@dataclass(slots=True)
class Stands:
    """The places of all open calls."""

    agents: Agents
    invocations: Invocations
    pairs: Pairs = field(default_factory=Pairs)
    firsts: Firsts = field(default_factory=Firsts)
    conversations: Conversations = field(init=False)
    _serving: dict[Owner, list[Standing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """No conversation yet."""
        self.conversations = Conversations(self.invocations)

    def take(self, exchange: Exchange, key: Key | None, asked: Asked | None) -> tuple[Standing, list[Told]]:
        """The place of a call that is asked now, and what its coming closes. `asked`: what its request says of it."""
        call = asked if isinstance(asked, AgentCall) else None
        owner: Owner = key or f"nobody:{exchange.source}"
        serves = call is not None and call.serves(exchange.role)
        caller = _caller(exchange, call)
        joins = join_key(call.protocol, call.join) if call and not caller else ""
        again = self.firsts.seen(joins, serves=serves) if joins else None
        opening = Opening(caller, "" if again else joins)
        if isinstance(asked, Thread):
            standing, told = self._converse(exchange, owner, asked, opening)
        else:
            standing, told = self._stand(exchange, owner, call, opening)
        standing.turn.running += 1
        standing.caller, standing.call, standing.serves, standing.again = caller, call, serves, again
        if joins and not again:
            standing.key = joins
            self.firsts.own(standing)
        if call is not None:
            self.meet(standing, exchange)
        if serves and call is not None and doing(call):
            self._serving.setdefault(owner, []).append(standing)
        standing.turn.scans.asked(exchange, asked)
        return standing, told

    def forget(self, keys: list[Key]) -> None:
        """Processes long gone: their conversations are over."""
        self.conversations.strands.forget(list(keys))

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

    def settle(self, standing: Standing, exchange: Exchange, operation: Operation) -> Operation:
        """It is about to be told, so its trace stands, with what guards have said of it; of an inbound call its turn learns how it went."""
        self.invocations.fix(standing.turn)
        if standing.serves and standing.other:
            self.invocations.fix(standing.other.turn)
        if standing.own and isinstance(operation, AgentCall):
            standing.turn.failed = operation.failure is not None
            standing.turn.working = str(dict(operation.facts).get("a2a.state", "")) in _WORKING
        operation, links = standing.turn.scans.told(exchange, operation, standing.spot)
        standing.rivals += links
        return operation

    def other(self, standing: Standing) -> Agent | None:
        """The agent at the other end, where this host has it."""
        return self.invocations.agent(standing.other.turn) if standing.other else None

    def over(self, standing: Standing, *, told: bool) -> None:
        """It is told, or came to nothing."""
        self.pairs.leave(standing)
        (self.firsts.told if told else self.firsts.forget)(standing)
        there = self._serving.get(standing.turn.owner, [])
        if standing in there:
            there.remove(standing)
        if not there:
            self._serving.pop(standing.turn.owner, None)

    def answered(self, standing: Standing, exchange: Exchange, operation: Operation) -> None:
        """It has ended, as far as one plane can see: what it asks for is open."""
        standing.turn.running -= not standing.ended
        standing.ended = True
        if isinstance(operation, ModelCall):
            self.conversations.answered(standing, exchange, operation)

    def cancelled(self, standing: Standing, exchange: Exchange) -> None:
        """It came to nothing."""
        standing.turn.scans.drop(exchange)
        self.over(standing, told=False)
        standing.turn.running -= not standing.ended
        standing.ended = True
        self.conversations.cancelled(standing)

    def _open(self, owner: Owner) -> list[Leaf]:
        """The innermost of what the process has open: of the inbound calls that it serves, else of its own turns."""
        if serving := self._serving.get(owner):
            return [leaf for s in serving for leaf in _served(s)]
        return [leaf for t in self.invocations.own(owner) for leaf in leaves(t, t.under)]

    def _converse(
        self, exchange: Exchange, owner: Owner, thread: Thread, opening: Opening
    ) -> tuple[Standing, list[Told]]:
        told = self.invocations.settle(owner, exchange.began)
        serving = self._serving.get(owner, [])
        ask = Ask(owner, exchange, thread, Opening(opening.caller), serving, partial(self._nearest, owner))
        standing, more = self.conversations.stand(ask, span_id(exchange))
        return standing, told + more

    def _nearest(self, owner: Owner) -> list[Leaf]:
        """The innermost of what is open; of nothing, the one inbound call that was answered lately."""
        found = self._open(owner)
        if found or self._serving.get(owner):
            return found
        after = self._after(owner)
        return [Leaf(t, t.root_id, t) for t in after] if len(after) == 1 else []

    def _after(self, owner: Owner) -> list[Turn]:
        """Inbound calls that were answered lately, or whose work goes on: what is called now may be for one of them."""
        own = self.invocations.own(owner)
        return [t for t in self.invocations.requests(owner) if not t.bare and not (own and not t.working)]

    def host(self, owner: Owner, hint: Hint) -> Host:
        """What a client's call is a part of: a tool's window, the inbound call that is served, what was done last, its turn."""
        found = self._open(owner)
        if self._serving.get(owner):
            return choose(found, hint)
        after = self._after(owner)
        if not found:
            return Host(after[0], after[0].root_id) if len(after) == 1 else Host(rivals=_spots(after))
        host = choose(found, hint)
        return host._replace(rivals=(*host.rivals, *_spots(after))) if after else host

    def _stand(
        self, exchange: Exchange, owner: Owner, call: AgentCall | None, opening: Opening
    ) -> tuple[Standing, list[Told]]:
        if call is not None and call.serves(exchange.role) and not call.backwards:
            return self._inbound(exchange, owner, call, opening)
        told = self.invocations.settle(owner, exchange.began)
        tool = call is not None and call.method == TOOL_CALL and not call.serves(exchange.role)
        host = self.host(owner, Hint(call.target or "", call.digest) if tool and call else NOTHING)
        serves = call is not None and call.serves(exchange.role)
        own = Opening(opening.caller, "" if serves else opening.key)
        turn = host.turn
        if turn is None:
            wide = self.invocations.loose if host.apart else self.invocations.join
            turn = wide(owner, exchange, own)
        turn.pending += 1
        within = tool and (host.window is not None or host.agreed)
        under = host.under or turn.under
        return Standing(
            turn, span_id(exchange), under, rivals=host.rivals, window=host.window, within=within
        ), told

    def _inbound(
        self, exchange: Exchange, owner: Owner, call: AgentCall, opening: Opening
    ) -> tuple[Standing, list[Told]]:
        span = join_span(opening.key) if opening.key else span_id(exchange)
        agent = call.protocol == "a2a" or (isinstance(owner, Key) and self.agents.is_one(owner))
        how = Opening(opening.caller, opening.key, span, bare=not (agent and invokes(call)))
        turn = self.invocations.serve(owner, exchange, how)
        return Standing(turn, span, "", own=True), []


def _served(standing: Standing) -> list[Leaf]:
    """Of an inbound call's own turn the innermost; of one that came amid another's, that itself."""
    turn, under = standing.turn, standing.inner
    return leaves(turn, under) if standing.own else [Leaf(turn, under, turn)]


def _spots(turns: list[Turn]) -> tuple[Spot, ...]:
    return tuple((t.trace_id, t.root_id) for t in turns)


def _caller(exchange: Exchange, call: AgentCall | None) -> Parent | None:
    """Who named itself: in the message, which is nearer to the call than the connection's header (SEP-414), else there."""
    named = parent(call.parent) if call and call.parent else None
    return named or traceparent(exchange.request.headers)
