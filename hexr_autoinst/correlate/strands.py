"""Strands: the conversations that a process has with models, and which of them a request goes on with. By evidence, never by nearness.

In order: the answer that it names, the tool calls whose results it brings, its history that begins with an earlier request's, the
thread that its client names. Ids that differ keep conversations apart. Two that fit alike are none.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hexr_autoinst.correlate.health import Pulse
from hexr_autoinst.model.operation import ModelCall, Thread

if TYPE_CHECKING:
    from hexr_autoinst.correlate.lineage import Owner, Turn
    from hexr_autoinst.correlate.standing import Spot

REMEMBERED: Final = 8192
_ANSWERS: Final = 8  # of one strand that may be gone on from
_CALLS: Final = 256
_ALIKE: Final = 64  # that are known by one and the same; of more nobody could say which it is anyway
# Kinds of id by which two conversations are two wherever they are met; the first that both have decides.
_APART: Final = ("session", "thread", "user")

_Where = tuple["Owner", str, str | bytes]


@dataclass(slots=True, eq=False)
class Strand:
    """One conversation. `under`: the span that its calls hang under, in `turn`, which is None once that is over: then `before` is its root.

    `busy`: its requests that are not answered yet. `final`: its newest answer asked for nothing; `failed`: there was none that is
    whole, so that it may be asked again. `places`: where it is found.
    """

    owner: "Owner"
    ids: dict[str, str]
    turn: "Turn | None" = None
    under: str = ""
    before: "Spot | None" = None
    last: bytes = b""
    head: bytes = b""
    tools: bool = False
    busy: int = 0
    final: bool = False
    failed: bool = False
    pulse: Pulse = field(default_factory=Pulse)
    places: deque[_Where] = field(default_factory=deque)
    answers: deque[str] = field(default_factory=lambda: deque(maxlen=_ANSWERS))

    def home(self, turn: "Turn", under: str) -> None:
        """From now on it is a part of this turn."""
        if self.turn is not turn:
            self.leave()
            turn.strands[self] = None
        self.turn, self.under = turn, under
        self.watch()

    def leave(self) -> None:
        """It is a part of no turn."""
        if self.turn is not None:
            self.turn.strands.pop(self, None)
            self.turn.live.pop(self, None)
            self.turn = None

    def watch(self) -> None:
        """Its turn looks at it while it matters to others: an answer is awaited, more is to come, or ids keep it apart. Most are one call, and over."""
        if self.turn is not None:
            if self.busy or not self.final or self.ids:
                self.turn.live[self] = None
            else:
                self.turn.live.pop(self, None)


class Strands:
    """All that are remembered, by what they can be known by."""

    def __init__(self) -> None:
        """None yet."""
        self._all: OrderedDict[Strand, None] = OrderedDict()
        self._by: dict[_Where, dict[Strand, None]] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._all)

    def find(self, owner: "Owner", thread: Thread) -> list[Strand]:
        """The one that this request goes on with; several where it may be each of them; none where it begins one."""
        for found in (
            self._there(owner, "answer", [thread.after] if thread.after else [], thread),
            self._there(owner, "call", [r.id for r in thread.results if r.id], thread),
            self._grown(owner, thread),
            self._there(owner, "thread", [v for k, v in thread.ids if k == "thread"], thread),
        ):
            if found:
                return found
        return []

    def begin(self, owner: "Owner", thread: Thread) -> Strand:
        """A conversation that was not met before."""
        strand = Strand(owner, dict(thread.ids))
        self._all[strand] = None
        for kind, said in thread.ids:
            if kind == "thread":
                self._put(strand, kind, said)
        while len(self._all) > REMEMBERED:
            self._drop(next(iter(self._all)))
        return strand

    def asked(self, strand: Strand, thread: Thread) -> None:
        """A request of it is open."""
        strand.busy += 1
        strand.final = strand.failed = False
        strand.tools = thread.tools
        strand.ids.update(thread.ids)
        strand.head = thread.head or strand.head
        if thread.history:
            self._leave(strand, "history", strand.last)
            strand.last = thread.history[-1]
            self._put(strand, "history", strand.last)
        if strand in self._all:
            self._all.move_to_end(strand)
        strand.watch()

    def answered(self, strand: Strand, call: ModelCall, *, whole: bool = True) -> None:
        """Its request is answered: what may be gone on from."""
        strand.failed = call.failure is not None or not whole
        strand.final = not call.tool_calls and call.failure is None and bool(call.finish_reasons)
        if call.response_id and call.response_id not in strand.answers:
            strand.answers.append(call.response_id)
            self._put(strand, "answer", call.response_id)
        for asked in call.tool_calls:
            if asked.id:
                self._put(strand, "call", asked.id)
        strand.watch()

    def forget(self, owners: list["Owner"]) -> None:
        """Processes long gone."""
        gone = set(owners)
        for strand in [s for s in self._all if s.owner in gone and not s.busy]:
            self._drop(strand)

    def _grown(self, owner: "Owner", thread: Thread) -> list[Strand]:
        """Those whose newest request this one begins with, by the longest; one that is the same to its end is tried again, or another."""
        for n, digest in enumerate(reversed(thread.history)):
            there = self._by.get((owner, "history", digest), ())
            found = [s for s in there if (n or s.failed) and not differ(s.ids, dict(thread.ids))]
            if found:
                alike = [s for s in found if s.head == thread.head]
                return alike or found
        return []

    def _there(self, owner: "Owner", kind: str, said: list[str], thread: Thread) -> list[Strand]:
        found: dict[Strand, None] = {}
        for one in reversed(said):  # the newest results are the nearest
            for strand in self._by.get((owner, kind, one), ()):
                if not differ(strand.ids, dict(thread.ids)):
                    found[strand] = None
            if found:
                break
        return list(found)

    def _put(self, strand: Strand, kind: str, said: str | bytes) -> None:
        where = (strand.owner, kind, said)
        there = self._by.setdefault(where, {})
        if strand not in there:
            there[strand] = None
            strand.places.append(where)
        if len(there) > _ALIKE:
            there.pop(next(iter(there)))
        while len(strand.places) > _CALLS:
            self._clear(strand, strand.places.popleft())

    def _leave(self, strand: Strand, kind: str, said: str | bytes) -> None:
        where = (strand.owner, kind, said)
        if said and where in strand.places:
            strand.places.remove(where)
            self._clear(strand, where)

    def _clear(self, strand: Strand, where: _Where) -> None:
        there = self._by.get(where, {})
        there.pop(strand, None)
        if not there:
            self._by.pop(where, None)

    def _drop(self, strand: Strand) -> None:
        self._all.pop(strand, None)
        for where in strand.places:
            self._clear(strand, where)
        strand.places.clear()
        strand.leave()


def differ(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether some kind of id says that they are two. A sub-agent is named where its session is, or it is none."""
    if any(one[k] != other[k] for k in one.keys() & other.keys()):
        return True
    return "session" in one and "session" in other and one.get("agent") != other.get("agent")


def apart(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether they cannot be of one turn: threads of one session may, those of two sessions or users may not."""
    for kind in _APART:
        if kind in one and kind in other:
            return one[kind] != other[kind]
    return False
