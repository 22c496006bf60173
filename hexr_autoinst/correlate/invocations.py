"""Turns, told: when one opens and closes, under which name and below which other. Order and words of the root only."""

from dataclasses import replace

from hexr_autoinst.correlate import lineage, windows
from hexr_autoinst.correlate.agents import Agents
from hexr_autoinst.correlate.hosts import Hint, Host, choose, leaves
from hexr_autoinst.correlate.lineage import Opening, Owner, Turn, Turns
from hexr_autoinst.correlate.rules import Rules
from hexr_autoinst.correlate.windows import Window
from hexr_autoinst.correlate.world import Life, World
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import END_OF_TIME, Key
from hexr_autoinst.model.story import Agent, Ambiguous, InvocationOpened, Place, Told, ToolRun


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

    def own(self, owner: Owner | None) -> list[Turn]:
        """The open turns of this owner's own; what belongs to one of several only where there is nothing else."""
        own = self._turns.own(owner)
        return [t for t in own if not t.loose] or own

    def of(self, owner: Owner | None) -> list[Turn]:
        """All open turns of this owner."""
        return self._turns.of(owner)

    def requests(self, owner: Owner | None) -> list[Turn]:
        """The open turns that inbound calls of this owner have opened."""
        return self._turns.requests(owner)

    def whose(self, holders: list[Key]) -> tuple[Key | None, list[Turn]]:
        """Whose call it is: the only holder of its connection, the only one with a turn open, else nobody's, and the turns it may be a part of."""
        if len(holders) < 2:
            return (holders[0] if holders else None), []
        open_ = [k for k in holders if self.own(k)]
        return (open_[0], []) if len(open_) == 1 else (None, [self.own(k)[0] for k in open_])

    def settle(self, owner: Owner, at: int) -> list[Told]:
        """A call comes: what of its process is over by then is closed, though no tick has said so."""
        old = [t for t in self._turns.of(owner) if t.left or at - t.last >= lineage.EXIT_GRACE]
        return [t for turn in old for t in self._close_if_over(turn, at)]

    def join(self, owner: Owner, exchange: Exchange, opening: Opening | None = None) -> Turn:
        """The one open turn, or a new one."""
        own = self.own(owner)
        return own[0] if own else self._turns.begin(owner, exchange, opening)

    def begin(self, owner: Owner, exchange: Exchange, opening: Opening | None = None) -> Turn:
        """A new turn, whatever else is open."""
        return self._turns.begin(owner, exchange, opening)

    def loose(self, owner: Owner, exchange: Exchange, opening: Opening) -> Turn:
        """The turn for what belongs to one of several, nobody knows which: the only one of its own, beside inbound calls; else one for that."""
        own = self._turns.own(owner)
        there = own if len(own) == 1 else [t for t in own if t.loose]
        return there[0] if there else self._turns.begin(owner, exchange, replace(opening, loose=True))

    def leave(self, turn: Turn, at: int) -> list[Told]:
        """It is over but for what is pending: no call joins it any more."""
        turn.left = at
        return self._close_if_over(turn, at)

    def loosen(self, turn: Turn, window: Window) -> None:
        """An inner turn goes on beyond the tool that it seemed to be a part of."""
        turn.below, turn.inner = "", False
        turn.links.append(window.spot)
        self._turns.loosen(turn)

    def serve(self, owner: Owner, exchange: Exchange, opening: Opening) -> Turn:
        """The turn that an inbound call opens."""
        turn = self._turns.begin(owner, exchange, opening)
        turn.pending += 1
        return turn

    def adopt(self, turn: Turn, parent: Turn) -> None:
        """See `Turns.adopt`."""
        self._turns.adopt(turn, parent)

    def fix(self, turn: Turn) -> None:
        """See `Turns.fix`."""
        self._turns.fix(turn)

    def identified(self, key: Key) -> list[Told]:
        """The process's identity is known: its turns get a parent and a name."""
        if not self._world.known(key):
            return []
        out: list[Told] = []
        for turn in [t for t in self._turns.of(key) if t.agent is None]:
            # What an agent was called for is its caller's; a child that is none belongs to the agent above.
            if turn.parent is None and not turn.fixed and (not turn.head or turn.lone):
                out += self._hang(turn, self.child(self._agents.above(key), turn.began))
            out += self.announce(turn)
        return out

    def child(self, owner: Owner | None, at: int, words: tuple[bytes, ...] = ()) -> Host | None:
        """What a child of this process that began then is a part of: of the only request that it serves, else of its own turns. `words`: of its arguments."""
        serving = [t for t in self._turns.requests(owner) if t.pending and not t.bare]
        tops = serving or self.own(owner)
        if not tops or len(serving) > 1:
            return None
        return choose([leaf for turn in tops for leaf in leaves(turn, turn.under, at)], Hint(words=words))

    def _hang(self, turn: Turn, host: Host | None) -> list[Told]:
        if host is None:
            return []
        turn.links += host.rivals
        if host.turn is not None:
            self._turns.adopt(turn, host.turn)
        if host.window is not None:
            turn.below = host.under
        return [Ambiguous(turn.began, self.agent(turn))] if host.rivals else []

    def announce(self, turn: Turn) -> list[Told]:
        """Say that it is open, once, with what is known of its agent."""
        if turn.agent is not None or turn.bare:
            return []
        if not turn.head:  # the other end of the call that opened it may still give it its trace
            self._turns.fix(turn)
        turn.agent = self._who(turn)
        return [InvocationOpened(turn.began, turn.agent, turn.place)]

    def agent(self, turn: Turn) -> Agent:
        """As whom the turn is told: one name from its beginning to its end; a framework once it is known."""
        told = turn.agent or self._who(turn)
        if turn.agent is not None and not told.framework and (found := self._who(turn).framework):
            turn.agent = told = replace(told, framework=found)
        return told

    def cancel(self, turn: Turn, now: int) -> list[Told]:
        """A call that stood in it came to nothing; a turn without any other never was."""
        turn.pending -= 1
        if turn.pending or turn.totals.told or turn.children:
            return []
        return self._close(turn, now)

    def tools(self, turn: Turn, *, over: bool = False) -> list[Told]:
        """The tool calls that are over, once it is known whose they are."""
        if not turn.shut or not (over or (turn.sources and (turn.agent or turn.bare))):
            return []
        self._turns.fix(turn)
        agent, shut, turn.shut = self.agent(turn), turn.shut, []
        sources, conversation = tuple(sorted(turn.sources)), turn.totals.conversation
        return [
            ToolRun(agent, Place(turn.trace_id, w.span_id, w.under), w.call, w.result, w.began, w.ended, conversation, sources)
            for w in shut
        ]  # fmt: skip

    def look(self, now: int) -> list[Told]:
        """Time has passed: those that are over, children before the turn they stand in."""
        out: list[Told] = []
        for turn in reversed(self._turns.all()):
            if turn.pending and turn.life is not None and not turn.shut and now != END_OF_TIME:
                continue  # as most are, where many are open
            out += self.tools(turn)
            out += self._close(turn, now) if now == END_OF_TIME else self._close_if_over(turn, now)
        return out

    def forget(self, keys: list[Key], now: int) -> list[Told]:
        """Processes long gone. A turn in which a call is still open stays until that has ended."""
        out: list[Told] = []
        for turn in [t for key in keys for t in self._turns.of(key)]:
            out += self._close(turn, now) if not turn.pending else []
        self._turns.forget(keys)
        return out

    def _close_if_over(self, turn: Turn, now: int) -> list[Told]:
        life = self._life(turn)
        return self._close(turn, now) if self._turns.due(turn, now, life) else []

    def _close(self, turn: Turn, now: int) -> list[Told]:
        only = self._turns.only(turn)
        for window in list(turn.windows):
            windows.close(window, turn.ended, None)
        tools = self.tools(turn, over=True)
        self._turns.close(turn, now)
        if turn.bare:
            return tools
        if turn.totals.told:
            root = lineage.told(turn, self.agent(turn), self._life(turn), only=only)
            return [*self.announce(turn), *tools, root]
        return [InvocationOpened(turn.last, turn.agent, turn.place, change=-1)] if turn.agent else []

    def _who(self, turn: Turn) -> Agent:
        key = turn.owner if isinstance(turn.owner, Key) else None
        return self._agents.who(key, turn.source)

    def _life(self, turn: Turn) -> Life | None:
        if turn.life is None and isinstance(turn.owner, Key):
            turn.life = self._world.get(turn.owner)
        return turn.life
