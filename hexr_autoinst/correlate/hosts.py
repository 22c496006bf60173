"""What a call is a part of, among all that its process has open: the enclosing tool window, the inbound call that it serves, its turn.

One candidate is the place. Of several, what agrees with the call decides; where nothing does, the call stands above all of them and is linked to each.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hexr_autoinst.correlate.lineage import Turn
from hexr_autoinst.correlate.standing import Spot
from hexr_autoinst.correlate.windows import Window, agreeing

_DEEPEST: Final = 16  # conversations within tools within conversations


class Hint(NamedTuple):
    """What a call shows that a tool window may show as well: the tool and a digest of its arguments; or texts that a conversation begins with."""

    name: str = ""
    digest: bytes = b""
    words: tuple[bytes, ...] = ()


NOTHING: Final = Hint()


class Host(NamedTuple):
    """Where it stands: in `turn`, under the span `under` ("": the turn's). No turn: in one that is to be found, or begun.

    `window`: the tool that does it. `rivals`: what else it may be a part of. `agreed`: those are tools of its name. `apart`: of several turns nobody knows which.
    """

    turn: Turn | None = None
    under: str = ""
    window: Window | None = None
    rivals: tuple[Spot, ...] = ()
    agreed: bool = False
    apart: bool = False


class Leaf(NamedTuple):
    """The innermost of what is open: a window, or a turn in which none is."""

    turn: Turn
    under: str
    root: Turn
    window: Window | None = None

    @property
    def spot(self) -> Spot:
        """Its span."""
        return self.turn.trace_id, self.under

    @property
    def waits(self) -> bool:
        """Whether its agent waits for a model, and so does nothing else that one could see."""
        return self.window is None and self.turn.busy


def leaves(
    turn: Turn, under: str, at: int | None = None, root: Turn | None = None, depth: int = 0
) -> list[Leaf]:
    """The innermost of what is open in this turn; of what was open `at` a time."""
    root = root or turn
    if not turn.windows and at is None:
        return [Leaf(turn, under, root)]
    there = turn.windows if at is None else [*turn.recent, *turn.windows]
    held = [w for w in there if (not w.left if at is None else w.held(at))] if there else []
    if not held or depth > _DEEPEST:
        return [Leaf(turn, under, root)]
    found: list[Leaf] = []
    for window in held:
        inner = [t for t in window.inner if not t.left]
        for one in inner:
            found += leaves(one, one.root_id, at, root, depth + 1)
        if not inner:
            found.append(Leaf(turn, window.span_id, root, window))
    return found


def choose(found: list[Leaf], hint: Hint = NOTHING) -> Host:
    """The one that it is a part of. `found`: the innermost of all that is open."""
    if len(found) == 1 and found[0].window is None and not found[0].turn.inner:
        return Host(found[0].turn, found[0].under)  # as most are
    windows = _windows(found)
    agreed = agreeing(windows, hint.name, hint.digest, hint.words)
    if agreed:
        found = [Leaf(w.turn, w.span_id, w.turn, w) for w in agreed]
    elif len(found) > 1 and len({leaf.root for leaf in found}) > 1:
        found = [leaf for leaf in found if not leaf.waits] or found
    if len(found) == 1:
        one = found[0]
        return Host(one.turn, one.under, one.window, agreed=bool(agreed))
    rivals = tuple(dict.fromkeys(leaf.spot for leaf in found))
    roots = {leaf.turn for leaf in found}
    above = roots if len(roots) == 1 else {leaf.root for leaf in found}
    if len(above) == 1:
        return Host(above.pop(), rivals=rivals, agreed=bool(agreed))
    return Host(rivals=rivals, agreed=bool(agreed), apart=bool(above))


def _windows(found: Iterable[Leaf]) -> list[Window]:
    """Those of the innermost, and those that conversations run in: what these begin with, their tool was asked with."""
    there: dict[Window, None] = {}
    for leaf in found:
        for turn in dict.fromkeys((leaf.turn, leaf.root)):
            there.update(dict.fromkeys(w for w in turn.windows if not w.left))
    return list(there)
