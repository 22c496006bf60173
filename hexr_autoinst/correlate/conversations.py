"""Where a model's call stands: with the conversation that it goes on with; a new one in the open turn, in one of its own where it is known apart, or in a tool's.

A conversation that a tool window encloses is a sub-agent's: an inner turn below it. One whose last answer was final, and to which a new message
is said, begins a new turn. Retries and results stay where their conversation is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hexr_autoinst.correlate import hosts, windows
from hexr_autoinst.correlate.hosts import Hint, Host, Leaf
from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.lineage import Opening, Owner, Turn
from hexr_autoinst.correlate.standing import Spot, Standing
from hexr_autoinst.correlate.strands import Strand, Strands, apart
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import ModelCall, Thread
from hexr_autoinst.model.story import Ambiguous, Told

if TYPE_CHECKING:
    from hexr_autoinst.correlate.windows import Window


@dataclass(frozen=True, slots=True)
class Ask:
    """A model's call that is asked now. `serving`: the inbound calls that its process serves, `nearest`: asks for the innermost of what it has open."""

    owner: Owner
    exchange: Exchange
    thread: Thread
    opening: Opening
    serving: list[Standing]
    nearest: Callable[[], list[Leaf]]


@dataclass(slots=True)
class Conversations:
    """All that processes have with models."""

    invocations: Invocations
    strands: Strands = field(default_factory=Strands)

    def stand(self, ask: Ask, span_id: str) -> tuple[Standing, list[Told]]:
        """The place of the call, and what its coming closes."""
        found = self.strands.find(ask.owner, ask.thread)
        strand = found[0] if len(found) == 1 else None
        told: list[Told] = []
        if strand is not None and self._stays(strand, ask):
            told += self._anew(strand, ask)
        else:
            rivals = _homes(found) if len(found) > 1 else ()
            strand = strand or self.strands.begin(ask.owner, ask.thread)
            if len(rivals) > 1:
                turn = self.invocations.loose(ask.owner, ask.exchange, ask.opening)
                strand.home(turn, turn.under)
                return self._asked(strand, ask, span_id, rivals)
            told += self._begun(strand, ask)
        standing, more = self._asked(strand, ask, span_id)
        return standing, told + more

    def _asked(
        self, strand: Strand, ask: Ask, span_id: str, rivals: tuple[Spot, ...] = ()
    ) -> tuple[Standing, list[Told]]:
        turn = strand.turn
        assert turn is not None, "it was given a home"
        again = bool(ask.thread.history) and ask.thread.history[-1] == strand.last
        told = self._answer(strand, ask, again=again)
        self.strands.asked(strand, ask.thread)
        turn.pending += 1
        return Standing(turn, span_id, strand.under, rivals=rivals, strand=strand, thread=ask.thread), told

    def _answer(self, strand: Strand, ask: Ask, *, again: bool) -> list[Told]:
        """The results that a request brings close their windows; one that it does not bring is left behind."""
        owner, thread, at = ask.owner, ask.thread, ask.exchange.began
        turn = strand.turn
        mine = [w for w in turn.windows if w.strand is strand] if turn else []
        if not mine and not thread.results:
            return []
        found = windows.match(mine, thread.results)
        done = {id(result) for _, result in found}
        others = [r for r in thread.results if id(r) not in done and r.id]
        if others and (everywhere := [w for t in self.invocations.of(owner) for w in t.windows]):
            found += windows.match([w for w in everywhere if w not in mine], others)
        told: list[Told] = []
        for window, result in found:
            for turn in windows.close(window, at, result):
                self.invocations.loosen(turn, window)
                told.append(Ambiguous(at, self.invocations.agent(turn)))
        for window in () if again else mine:
            window.left = window.left or not window.ended
        return told

    def answered(self, standing: Standing, exchange: Exchange, call: ModelCall) -> None:
        """The call has its answer: what that asks for is open from now on."""
        strand = standing.strand
        if strand is not None:
            strand.busy -= not standing.answered
            self.strands.answered(strand, call, whole=exchange.complete or call.ended)
        standing.answered = True
        if call.tool_calls:
            standing.turn.windows += windows.opened(standing, call.tool_calls, exchange.ended)

    def cancelled(self, standing: Standing) -> None:
        """It came to nothing."""
        if standing.strand is not None and not standing.answered:
            standing.strand.busy -= 1
            standing.strand.failed = True

    def _stays(self, strand: Strand, ask: Ask) -> bool:
        """Whether it is still a part of its turn: that is open, and is what its process serves, if it serves anything."""
        turn = strand.turn
        if turn is None or turn.left:
            return False
        return not ask.serving or any(s.turn in _above(turn) for s in ask.serving)

    def _anew(self, strand: Strand, ask: Ask) -> list[Told]:
        """A final answer was given, and something new is said: that is another turn, unless more is going on in this one."""
        turn = strand.turn
        assert turn is not None, "it stays where it is"
        again = bool(ask.thread.history) and ask.thread.history[-1] == strand.last
        over = strand.final and strand.tools and ask.thread.fresh and not again
        if not over or turn.head or turn.inner or not _quiet(turn, strand):
            return []
        told = self.invocations.leave(turn, ask.exchange.began)
        self._own(strand, ask, (turn.trace_id, turn.root_id))
        return told

    def _begun(self, strand: Strand, ask: Ask) -> list[Told]:
        """A conversation that is not in any open turn yet."""
        open_ = ask.nearest()
        host = hosts.choose(open_, Hint(words=ask.thread.words)) if open_ else Host()
        turn, within = host.turn, bool(host.window or host.rivals)
        if turn is None:
            return self._nowhere(strand, ask, host)
        if within and (host.agreed or not _foreign(turn, host.window, ask.thread)):
            inner = self._inner(strand, ask, turn, host.window)
            inner.links += host.rivals
            return [Ambiguous(ask.exchange.began, self.invocations.agent(turn))] if host.rivals else []
        if ask.serving or (not within and self._joins(turn, ask)):
            strand.home(turn, turn.under if within else host.under or turn.under)
        elif turn.inner and not within:
            self._beside(strand, ask, turn)
        else:
            self._own(strand, ask, strand.before)
        return []

    def _nowhere(self, strand: Strand, ask: Ask, host: Host) -> list[Told]:
        """No turn is its, or nobody knows which of the inbound calls'."""
        if not (host.apart and ask.serving):
            self._own(strand, ask, strand.before)
            return []
        turn = self.invocations.loose(ask.owner, ask.exchange, ask.opening)
        turn.links += host.rivals
        strand.home(turn, turn.under)
        return [Ambiguous(ask.exchange.began, self.invocations.agent(turn))]

    def _joins(self, turn: Turn, ask: Ask) -> bool:
        """Whether a new conversation is a part of the open turn: unless ids say otherwise, or both are agents' that go on at one time."""
        at_once = ask.thread.tools and any(s.busy and s.tools for s in turn.live)
        return not at_once and not _apart(turn, ask.thread)

    def _own(self, strand: Strand, ask: Ask, before: Spot | None) -> None:
        turn = self.invocations.begin(ask.owner, ask.exchange, ask.opening)
        if before:
            turn.links.append(before)
        strand.home(turn, turn.under)

    def _inner(self, strand: Strand, ask: Ask, parent: Turn, window: "Window | None") -> Turn:
        turn = self.invocations.begin(ask.owner, ask.exchange, Opening(inner=True))
        self.invocations.adopt(turn, parent)
        turn.links += [strand.before] if strand.before else []
        if window is not None:
            turn.below = window.span_id
            window.inner.append(turn)
        strand.home(turn, turn.under)
        return turn

    def _beside(self, strand: Strand, ask: Ask, other: Turn) -> None:
        """Another conversation of the tool in which one runs already."""
        parent = other.parent
        if parent is None:
            self._own(strand, ask, None)
            return
        window = next((w for w in parent.windows if other in w.inner), None)
        self._inner(strand, ask, parent, window)


def _homes(found: list[Strand]) -> tuple[Spot, ...]:
    """The turns of conversations that this may be."""
    return tuple(
        dict.fromkeys((s.turn.trace_id, s.turn.root_id) for s in found if s.turn and not s.turn.left)
    )


def _above(turn: Turn | None) -> list[Turn]:
    """A turn, and those that it is an inner one of."""
    found: list[Turn] = []
    while turn is not None and turn not in found:
        found.append(turn)
        turn = turn.parent if turn.inner else None
    return found


def _apart(turn: Turn, thread: Thread) -> bool:
    return bool(thread.ids) and any(apart(s.ids, dict(thread.ids)) for s in turn.live)


def _foreign(turn: Turn, window: "Window | None", thread: Thread) -> bool:
    """Whether a conversation that begins while a tool runs is not the tool's: one of another session, or of the very agent that has asked for it."""
    askers = [window.strand] if window else [w.strand for w in turn.windows if not w.left]
    same = any(s is not None and s.head == thread.head != b"" for s in askers)
    return same or _apart(turn, thread)


def _quiet(turn: Turn, strand: Strand) -> bool:
    """Whether nothing else goes on in it."""
    others = (s for s in turn.live if s is not strand)
    open_ = any(not w.left for w in turn.windows)
    return not turn.running and not turn.children and not open_ and all(s.final for s in others)
