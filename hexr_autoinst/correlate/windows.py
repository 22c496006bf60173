"""Windows: from the answer that asked for a tool to the request that brings its result. Deduced, by ids; by name and order only where no other way of pairing fits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hexr_autoinst.correlate.identity import window_id
from hexr_autoinst.correlate.totals import prefixed
from hexr_autoinst.model.operation import ToolCall, ToolResult

if TYPE_CHECKING:
    from hexr_autoinst.correlate.lineage import Turn
    from hexr_autoinst.correlate.standing import Standing
    from hexr_autoinst.correlate.strands import Strand


@dataclass(slots=True, eq=False)
class Window:
    """A tool call that a model has asked for. `asker`: the span of the call whose answer did.

    `left`: its conversation has gone on without its result. `met`: a call that carries it out was counted in its place. `inner`: the
    open turns of conversations within it. `last`: its conversation may have ended with it. `ended` is 0 while it is open; `answered` whether a result ended it.
    """

    turn: "Turn"
    strand: "Strand | None"
    call: ToolCall
    asker: str
    span_id: str
    under: str
    began: int
    ended: int = 0
    answered: bool = False
    result: ToolResult | None = None
    left: bool = False
    last: bool = False
    met: bool = False
    inner: list["Turn"] = field(default_factory=list)

    @property
    def spot(self) -> tuple[str, str]:
        """Its span."""
        return self.turn.trace_id, self.span_id

    def held(self, at: int) -> bool:
        """Whether it was open then."""
        return self.began <= at and (not self.ended or at <= self.ended) and not self.left


def opened(standing: "Standing", calls: tuple[ToolCall, ...], at: int) -> list[Window]:
    """The windows of an answer to the call that stands there, but for those that are open already: an answer may be looked at twice."""
    turn, strand, asker = standing.turn, standing.strand, standing.span_id
    known = {w.call.id for w in (*turn.windows, *turn.recent) if w.call.id and w.strand is strand}
    under = standing.under or turn.under
    # What stands between an answer in a certain shape and the next question is no tool's doing.
    left = standing.thread is not None and standing.thread.forced
    last = standing.thread is not None and standing.thread.must
    return [
        Window(turn, strand, call, asker, window_id(asker, call.id or "", n), under, at, left=left, last=last)
        for n, call in enumerate(calls)
        if call.name and call.id not in known
    ]


def match(windows: list[Window], results: Iterable[ToolResult]) -> list[tuple[Window, ToolResult]]:
    """Which result is whose: by id; of what has none by name, and last by order alone, where there are as many of each."""
    free, found = list(windows), []
    rest = []
    for result in results:
        there = [w for w in free if result.id and w.call.id == result.id]
        if len(there) == 1:
            found.append((there[0], result))
            free.remove(there[0])
        elif not there:
            rest.append(result)
    # A result whose id nobody has given may still name its tool; a window with an id may be answered by name alone.
    for name in dict.fromkeys(r.name for r in rest if r.name):
        named, waiting = [r for r in rest if r.name == name], [w for w in free if w.call.name == name]
        sure = all(r.id is None or w.call.id is None for r in named for w in waiting)
        if len(named) == len(waiting) and sure:
            found += zip(waiting, named, strict=True)
            free = [w for w in free if w not in waiting]
    bare = [r for r in rest if r.id is None and r.name is None]
    if bare and len(bare) == len(free):
        found += zip(free, bare, strict=True)
    return found


def close(window: Window, at: int, result: ToolResult | None) -> list["Turn"]:
    """It is over; the inner turns that go on beyond it are no part of it after all."""
    window.ended, window.answered, window.result = max(at, window.began), result is not None, result
    window.turn.windows.remove(window)
    window.turn.shut.append(window)
    window.turn.recent.append(window)
    beyond = []
    for turn in window.inner:
        if turn.busy or any(not w.left and not w.last for w in turn.windows):
            beyond.append(turn)
        else:
            turn.left = turn.left or at
    window.inner = []
    return beyond


def agreeing(windows: list[Window], name: str, digest: bytes, words: tuple[bytes, ...]) -> list[Window]:
    """Those that say what a call says: the tool's name, and of several the same arguments; or a text that a conversation begins with."""
    if name:
        named = [w for w in windows if w.call.name == name or prefixed(w.call.name, name)]
        alike = [w for w in named if digest and w.call.digest == digest]
        return alike or named
    return [w for w in windows if set(words) & set(w.call.words)] if words else []
