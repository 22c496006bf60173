"""Turns: one invocation of an agent at a time, what stands in it, and where each span hangs."""

from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.correlate.identity import Root, root_ids, span_id, traceparent
from hexr_autoinst.correlate.rules import NANO, Rules
from hexr_autoinst.correlate.world import Life
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import Key
from hexr_autoinst.model.operation import Operation
from hexr_autoinst.model.story import Agent, Boundary, Invocation, Place

EXIT_GRACE: Final = NANO // 2  # the other plane's last facts of a process may follow its exit

Owner = Key | str  # a process, or the plane that saw a call of nobody's


@dataclass(slots=True, eq=False)
class Turn:
    """One open invocation. `pending` are its calls not told yet, `children` the open turns below it."""

    owner: Owner
    ordinal: int
    opener: Exchange
    own_trace: str
    root_id: str
    began: int
    last: int
    parent: "Turn | None" = None
    life: Life | None = None  # the world may forget the process while a call of it is open
    agent: Agent | None = None
    fixed: bool = False  # its trace id has been told
    pending: int = 0
    children: int = 0
    ended: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: bool = False  # some call used tokens that nobody could price: a sum without it would be a lie
    conversation: str | None = None
    sources: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    @property
    def trace_id(self) -> str:
        """That of the topmost turn."""
        return self.parent.trace_id if self.parent else self.own_trace

    @property
    def place(self) -> Place:
        """Where the root stands."""
        return Place(self.trace_id, self.root_id, self.parent.root_id if self.parent else None)

    def add(self, exchange: Exchange, operation: Operation, seen_by: tuple[str, ...]) -> None:
        """One more operation of this turn."""
        self.began = min(self.began, exchange.began)
        self.ended = max(self.ended, exchange.ended)
        self.last = max(self.last, exchange.ended)
        self.model_calls += 1
        self.tool_calls += len(operation.tool_calls)
        self.input_tokens += operation.usage.input or 0
        self.output_tokens += operation.usage.output or 0
        self.cost_usd += operation.cost_usd or 0.0
        self.unpriced |= operation.cost_usd is None and bool(operation.usage.input or operation.usage.output)
        self.conversation = operation.conversation or self.conversation
        self.sources.update(seen_by)
        self.missing.update(exchange.missing, operation.missing)

    def place_of(self, exchange: Exchange, links: tuple[tuple[str, str], ...] = ()) -> Place:
        """Under the caller that the request itself names, else under the turn."""
        root = (self.trace_id, self.root_id)
        if caller := traceparent(exchange.request.headers):
            # Another tracer's span is the parent; the link keeps the way back to the invocation.
            return Place(caller.trace_id, span_id(exchange), caller.span_id, (root, *links))
        return Place(self.trace_id, span_id(exchange), self.root_id, links)


class Turns:
    """Who has an invocation open. At most one for an owner: two are never guessed."""

    def __init__(self, rules: Rules) -> None:
        """Nobody has."""
        self._rules = rules
        self._open: dict[Owner, Turn] = {}
        self._count: dict[Owner, int] = {}

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def get(self, owner: Owner | None) -> Turn | None:
        """Its open turn."""
        return self._open.get(owner) if owner is not None else None

    def all(self) -> list[Turn]:
        """The open ones, oldest first."""
        return list(self._open.values())

    def begin(self, owner: Owner, exchange: Exchange) -> Turn:
        """A turn opened by this exchange; its ids are fixed now, but for a parent that is known later."""
        ordinal = self._count.get(owner, 0)
        self._count[owner] = ordinal + 1
        root = Root(owner, ordinal, exchange.id, exchange.began)
        trace_id, root_id = root_ids(self._rules.salt, self._rules.key, root)
        caller = traceparent(exchange.request.headers)
        at = exchange.began
        turn = Turn(owner, ordinal, exchange, caller.trace_id if caller else trace_id, root_id, at, at)
        self._open[owner] = turn
        return turn

    def adopt(self, turn: Turn, parent: Turn) -> None:
        """This turn is the doing of another: one trace, unless spans of it are already told."""
        if turn.parent is None and not turn.fixed and not _within(parent, turn):
            turn.parent = parent
            parent.children += 1

    def fix(self, turn: Turn) -> None:
        """An id of its trace is about to be told: from now on it stands, and so do those above."""
        above: Turn | None = turn
        while above is not None:
            above.fixed = True
            above = above.parent

    def due(self, turn: Turn, now: int, life: Life | None) -> bool:
        """Whether it is over: by exit once nothing is pending, or by silence."""
        if life is not None and life.gone_at is not None:
            return not turn.pending and now - life.gone_at >= EXIT_GRACE
        return not turn.pending and not turn.children and now - turn.last >= self._rules.turn_silence_ns

    def close(self, turn: Turn, now: int) -> None:
        """It is over; the silence of the turn above begins now."""
        self._open.pop(turn.owner, None)
        if turn.parent:
            turn.parent.children -= 1
            turn.parent.last = max(turn.parent.last, min(now, turn.last))
        if not turn.model_calls and self._count.get(turn.owner) == turn.ordinal + 1:
            self._count[turn.owner] = turn.ordinal  # nothing was meant: it never was a turn

    def forget(self, keys: list[Key]) -> None:
        """Gone processes begin no turn any more."""
        for key in keys:
            if key not in self._open:
                self._count.pop(key, None)


def told(turn: Turn, agent: Agent, life: Life | None) -> Invocation:
    """The root of a turn that is over."""
    exited = life.exited if life else None
    boundary: Boundary = "process" if exited and not turn.ordinal else "turn"
    began, ended = turn.began, max(turn.ended, turn.began)
    if exited and boundary == "process":
        started = life.process.started if life and life.process else 0
        began, ended = min(started or began, began), max(exited.at, ended)
    return Invocation(
        agent=agent,
        place=turn.place,
        boundary=boundary,
        began=began,
        ended=ended,
        failed=bool(exited and (exited.code or exited.signal)),
        exit_code=exited.code if exited and boundary == "process" else None,
        signal=exited.signal if exited and boundary == "process" else None,
        model_calls=turn.model_calls,
        tool_calls=turn.tool_calls,
        input_tokens=turn.input_tokens,
        output_tokens=turn.output_tokens,
        cost_usd=None if turn.unpriced or not turn.cost_usd else round(turn.cost_usd, 10),
        conversation=turn.conversation,
        sources=tuple(sorted(turn.sources)),
        missing=tuple(sorted(turn.missing)),
    )


def _within(turn: Turn | None, other: Turn) -> bool:
    """Whether `turn` is `other` or stands below it: no turn is its own ancestor."""
    while turn is not None:
        if turn is other:
            return True
        turn = turn.parent
    return False
