"""Turns: one invocation of an agent at a time, what stands in it, and where its root hangs."""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hexr_autoinst.correlate.identity import Parent, Root, call_id, root_ids, traceparent
from hexr_autoinst.correlate.rules import NANO, Rules
from hexr_autoinst.correlate.scans import Scans
from hexr_autoinst.correlate.totals import Totals
from hexr_autoinst.correlate.world import Life
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.facts import Key, Source
from hexr_autoinst.model.operation import Moment, Operation
from hexr_autoinst.model.story import Agent, Boundary, Invocation, Place

if TYPE_CHECKING:
    from hexr_autoinst.correlate.runs import Run
    from hexr_autoinst.correlate.strands import Strand
    from hexr_autoinst.correlate.windows import Window

EXIT_GRACE: Final = NANO // 2  # the other plane's last facts of a process may follow its exit
RECENT: Final = 32  # windows that were closed: what began within one may be heard of after it
REQUEST_GRACE: Final = NANO  # what an agent does just after its answer is still a part of it

Owner = Key | str  # a process, or the plane that saw a call of nobody's


@dataclass(frozen=True, slots=True)
class Opening:
    """What a turn begins with, beside its first exchange. `caller`: who named itself there.

    `key`: the trace that the other end, wherever it is, takes as well. `head`: the span of the inbound call whose turn this is.
    `bare`: its process is no agent, or is not invoked by such a call: nothing but the call itself is told. `inner`: it is a part of another
    turn of its process. `loose`: what belongs to one of several turns, nobody knows which.
    """

    caller: Parent | None = None
    key: str = ""
    head: str = ""
    bare: bool = False
    inner: bool = False
    loose: bool = False


@dataclass(slots=True, eq=False)
class Turn:
    """One open invocation. `pending` are its calls not told yet, `children` the open turns and the running code below it.

    `below`: the tool window that it is a part of. `left`: when it was over but for what is pending. `strands`: its conversations, `live`: those that matter to others (`Strand.watch`). `windows`: the
    tool calls that are open, `shut` those that are not told yet.
    """

    owner: Owner
    ordinal: int
    source: Source
    own_trace: str
    root_id: str
    began: int
    last: int
    head: str = ""
    bare: bool = False
    lone: bool = False  # bare, and nobody says or shows who has called
    parent: "Turn | None" = None
    life: Life | None = None  # the world may forget the process while a call of it is open
    agent: Agent | None = None
    fixed: bool = False  # its trace id has been told
    pending: int = 0
    running: int = 0  # of those, what has not ended
    children: int = 0
    ended: int = 0
    failed: bool = False  # the inbound call did
    working: bool = False  # its answer was that the task goes on
    inner: bool = False
    loose: bool = False
    below: str = ""
    left: int = 0
    links: list[tuple[str, str]] = field(default_factory=list)
    strands: dict["Strand", None] = field(default_factory=dict)
    live: dict["Strand", None] = field(default_factory=dict)
    windows: list["Window"] = field(default_factory=list)
    shut: list["Window"] = field(default_factory=list)
    runs: list["Run"] = field(default_factory=list)
    recent: deque["Window"] = field(default_factory=lambda: deque(maxlen=RECENT))
    moments: list[Moment] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    sources: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    scans: Scans = field(default_factory=Scans)

    @property
    def trace_id(self) -> str:
        """That of the topmost turn."""
        return self.parent.trace_id if self.parent else self.own_trace

    @property
    def under(self) -> str:
        """The span that a call of this turn hangs under."""
        return self.head if self.bare else self.root_id

    @property
    def place(self) -> Place:
        """Where the root stands."""
        above = self.below or (self.parent.under if self.parent else None)
        return Place(self.trace_id, self.root_id, self.head or above, tuple(dict.fromkeys(self.links)))

    @property
    def busy(self) -> bool:
        """Whether it waits for a model."""
        return any(s.busy for s in self.live)

    def add(
        self,
        exchange: Exchange,
        operation: Operation,
        seen_by: tuple[str, ...],
        *,
        serves: bool = False,
        within: str | None = None,
    ) -> None:
        """One more operation of this turn."""
        self.began = min(self.began, exchange.began)
        self.ended = max(self.ended, exchange.ended)
        self.last = max(self.last, exchange.ended)
        self.totals.add(operation, serves=serves, within=within)
        self.sources.update(seen_by)
        self.missing.update(exchange.missing, operation.missing)


_ByOwner = dict[Owner, dict[Turn, None]]


class Turns:
    """Who has invocations open: turns of its own (more than one only where they are known apart), one for each inbound call, and inner ones."""

    def __init__(self, rules: Rules) -> None:
        """Nobody has."""
        self._rules = rules
        self._open: dict[Turn, None] = {}
        self._own: _ByOwner = {}
        self._requests: _ByOwner = {}
        self._inner: _ByOwner = {}
        self._count: dict[Owner, int] = {}

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def own(self, owner: Owner | None) -> list[Turn]:
        """The open turns of its own that may be joined, oldest first."""
        return [t for t in self._own.get(owner, ()) if not t.left] if owner is not None else []

    def requests(self, owner: Owner | None) -> list[Turn]:
        """The open ones that inbound calls have opened, oldest first."""
        return list(self._requests.get(owner, ())) if owner is not None else []

    def of(self, owner: Owner | None) -> list[Turn]:
        """All that are open."""
        if owner is None:
            return []
        return [t for there in (self._own, self._requests, self._inner) for t in there.get(owner, ())]

    def loosen(self, turn: Turn) -> None:
        """An inner turn goes on beyond what it was a part of: it is one of its own."""
        if turn in self._inner.get(turn.owner, ()):
            self._remove(turn)
            self._own.setdefault(turn.owner, {})[turn] = None

    def all(self) -> list[Turn]:
        """The open ones, oldest first."""
        return list(self._open)

    def begin(self, owner: Owner, exchange: Exchange, opening: Opening | None = None) -> Turn:
        """A turn opened by this exchange; its ids are fixed now, but for a parent that is known later."""
        how = opening or Opening(traceparent(exchange.request.headers))
        ordinal = self._count.get(owner, 0)
        self._count[owner] = ordinal + (not how.bare and not how.inner)
        root = Root(owner, ordinal, call_id(exchange), exchange.began)
        trace_id, root_id = root_ids(self._rules.salt, self._rules.key, root)
        trace_id = how.caller.trace_id if how.caller else how.key or trace_id
        at = exchange.began
        turn = Turn(owner, ordinal, exchange.source, trace_id, root_id, at, at, how.head, how.bare)
        turn.lone = how.bare and not how.caller and not how.key
        turn.inner, turn.loose = how.inner, how.loose
        self._open[turn] = None
        where = self._requests if how.head else self._inner if how.inner else self._own
        where.setdefault(owner, {})[turn] = None
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
        """Whether it is over: by exit once nothing is pending, by its answer, or by silence."""
        if turn.pending:
            return False
        if life is not None and life.gone_at is not None:
            return now - life.gone_at >= EXIT_GRACE
        if turn.left:
            return not turn.children
        if any(r.held(now) for r in turn.runs):
            return False
        answered = turn.head and not turn.working
        silence = REQUEST_GRACE if answered else self._rules.turn_silence_ns
        return not turn.children and now - turn.last >= silence

    def close(self, turn: Turn, now: int) -> None:
        """It is over; the silence of the turn above begins now."""
        self._open.pop(turn, None)
        self._remove(turn)
        turn.left = turn.left or now
        for strand in turn.strands:
            strand.turn, strand.before = None, (turn.trace_id, turn.root_id)
        turn.strands.clear()
        turn.live.clear()
        if turn.parent:
            turn.parent.children -= 1
            turn.parent.last = max(turn.parent.last, min(now, turn.last))
        counted = not turn.bare and not turn.inner
        if not turn.totals.told and counted and self._count.get(turn.owner) == turn.ordinal + 1:
            self._count[turn.owner] = turn.ordinal  # nothing was meant: it never was a turn

    def _remove(self, turn: Turn) -> None:
        for where in (self._own, self._requests, self._inner):
            there = where.get(turn.owner, {})
            if there.pop(turn, turn) is None and not there:
                del where[turn.owner]

    def only(self, turn: Turn) -> bool:
        """Whether its owner has never had another."""
        return self._count.get(turn.owner, 1) == 1

    def forget(self, keys: list[Key]) -> None:
        """Gone processes begin no turn any more."""
        for key in keys:
            if not self.of(key):
                self._count.pop(key, None)


def told(turn: Turn, agent: Agent, life: Life | None, *, only: bool = True) -> Invocation:
    """The root of a turn that is over. `only`: its process has had no other."""
    exited = life.exited if life else None
    boundary: Boundary = (
        "request" if turn.head else "process" if exited and only and not turn.ordinal else "turn"
    )
    began, ended = turn.began, max(turn.ended, turn.began)
    failed = bool(exited and (exited.code or exited.signal))
    if boundary == "request":
        failed = turn.failed or (failed and exited is not None and ended >= exited.at)
    if exited and boundary == "process":
        started = life.process.started if life and life.process else 0
        began, ended = min(started or began, began), max(exited.at, ended)
    totals = turn.totals
    return Invocation(
        agent=agent,
        place=turn.place,
        boundary=boundary,
        began=began,
        ended=ended,
        failed=failed,
        exit_code=exited.code if exited and boundary == "process" else None,
        signal=exited.signal if exited and boundary == "process" else None,
        model_calls=totals.model_calls,
        tool_calls=totals.tool_calls,
        input_tokens=totals.input_tokens,
        output_tokens=totals.output_tokens,
        cost_usd=totals.cost_usd,
        conversation=totals.conversation,
        moments=tuple(turn.moments),
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
