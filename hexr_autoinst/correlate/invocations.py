"""Turns, told: when one opens and closes, under which name and below which other. Order and words of the root only."""

from dataclasses import replace

from hexr_autoinst.correlate import lineage
from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.lineage import Owner, Turn, Turns
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.world import Life, World
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import END_OF_TIME, Key
from hexr_autoinst.model.story import Agent, InvocationOpened, Told


class Invocations:
    """The open turns of all agents, and what is to be said of them."""

    def __init__(self, rules: Rules, world: World, agents: Agents) -> None:
        """None is open."""
        self._world = world
        self._agents = agents
        self._turns = Turns(rules)

    def __len__(self) -> int:
        """How many are open."""
        return len(self._turns)

    def of(self, owner: Owner | None) -> Turn | None:
        """The open turn of this owner."""
        return self._turns.get(owner)

    def join(self, owner: Owner, exchange: Exchange) -> tuple[Turn, list[Told]]:
        """The turn in which this exchange stands: the open one, unless silence has closed it."""
        turn = self._turns.get(owner)
        out = self._close_if_over(turn, exchange.began) if turn else []
        turn = self._turns.get(owner) or self._turns.begin(owner, exchange)
        turn.pending += 1
        return turn, out

    def identified(self, key: Key) -> list[Told]:
        """The process's identity is known: its turn gets a parent and a name."""
        turn = self._turns.get(key)
        if turn is None or not self._world.known(key):
            return []
        above = self._agents.above(key)
        parent = self._turns.get(above)
        if parent is not None:
            self._turns.adopt(turn, parent)
        return self.announce(turn)

    def announce(self, turn: Turn) -> list[Told]:
        """Say that it is open, once, with what is known of its agent."""
        if turn.agent is not None:
            return []
        self._turns.fix(turn)
        turn.agent = self._who(turn)
        return [InvocationOpened(turn.began, turn.agent, turn.place)]

    def agent(self, turn: Turn) -> Agent:
        """As whom the turn is told: one name from its beginning to its end; a framework once it is known."""
        told = turn.agent or self._who(turn)
        if turn.agent is not None and not told.framework:
            turn.agent = told = replace(told, framework=self._who(turn).framework)
        return told

    def cancel(self, turn: Turn, now: int) -> list[Told]:
        """A call that stood in it came to nothing; a turn without any other never was."""
        turn.pending -= 1
        if turn.pending or turn.model_calls or turn.children:
            return []
        return self._close(turn, now)

    def look(self, now: int) -> list[Told]:
        """Time has passed: those that are over, children before the turn they stand in."""
        out: list[Told] = []
        for turn in reversed(self._turns.all()):
            out += self._close(turn, now) if now == END_OF_TIME else self._close_if_over(turn, now)
        return out

    def forget(self, keys: list[Key], now: int) -> list[Told]:
        """Processes long gone. A turn in which a call is still open stays until that has ended."""
        out: list[Told] = []
        for key in keys:
            turn = self._turns.get(key)
            out += self._close(turn, now) if turn and not turn.pending else []
        self._turns.forget(keys)
        return out

    def _close_if_over(self, turn: Turn, now: int) -> list[Told]:
        return self._close(turn, now) if self._turns.due(turn, now, self._life(turn)) else []

    def _close(self, turn: Turn, now: int) -> list[Told]:
        self._turns.close(turn, now)
        if turn.model_calls:
            return [*self.announce(turn), lineage.told(turn, self.agent(turn), self._life(turn))]
        return [InvocationOpened(turn.last, turn.agent, turn.place, change=-1)] if turn.agent else []

    def _who(self, turn: Turn) -> Agent:
        key = turn.owner if isinstance(turn.owner, Key) else None
        return self._agents.who(key, turn.opener.source)

    def _life(self, turn: Turn) -> Life | None:
        if turn.life is None and isinstance(turn.owner, Key):
            turn.life = self._world.get(turn.owner)
        return turn.life
