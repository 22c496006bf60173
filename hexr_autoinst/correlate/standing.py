"""One end of a call until it is told: the turn it stands in, the other end, and where its span hangs."""

from dataclasses import dataclass, field

from hexr_autoinst.correlate.identity import Parent, join_span
from hexr_autoinst.correlate.lineage import Turn
from hexr_autoinst.correlate.links import Link, phases
from hexr_autoinst.correlate.twins import Call, merged
from hexr_autoinst.model.exchange import Exchange, Phases
from hexr_autoinst.model.operation import AgentCall
from hexr_autoinst.model.story import Place

Spot = tuple[str, str]  # a span: its trace and its id


@dataclass(slots=True, eq=False)
class Standing:
    """`under`: the span of this process that it hangs under. `caller`: who named itself on the wire. `rivals`: what else it may be a part of.

    `serves`: it is the end that is called; `own`: its turn was opened by it and is its alone. `key`: what joins it with the other end,
    of which it is the first; `again`: the first, where it is not. `views`: the exchanges that it was seen in, and their connections.
    """

    turn: Turn
    span_id: str
    under: str
    caller: Parent | None = None
    rivals: tuple[Spot, ...] = ()
    call: AgentCall | None = None
    serves: bool = False
    own: bool = False
    key: str = ""
    again: "First | None" = None
    other: "Standing | None" = None
    views: list[tuple[Link | None, Exchange]] = field(default_factory=list)

    @property
    def inner(self) -> str:
        """The span that what is called meanwhile hangs under: its invocation's, if it has one."""
        return self.turn.under if self.own else self.span_id

    @property
    def trace_id(self) -> str:
        """The trace of its span: the caller's, else that of the other end, else the turn's."""
        if self.caller:
            return self.caller.trace_id
        return self.other.trace_id if self.serves and self.other else self.turn.trace_id

    @property
    def spot(self) -> Spot:
        """Its span."""
        return self.trace_id, self.span_id

    def phases(self, call: Call) -> Phases | None:
        """How its connection came to be, by all views of it. That one was joined may show in the answer only."""
        found = None
        for link, view in self.views:
            found = merged(found, phases(link, call.halves[view.source].ended or view))
        return found

    @property
    def place(self) -> Place:
        """Where its span stands."""
        return Place(self.trace_id, self.span_id, self._parent(), tuple(dict.fromkeys(self._links())))

    def _parent(self) -> str | None:
        if self.caller:
            return self.caller.span_id
        if self.serves and self.other:
            return self.other.span_id
        if self.own:
            return self.turn.parent.under if self.turn.parent else None
        return self.under

    def _links(self) -> list[Spot]:
        """The way back to the turn, where another is the parent; the other end; the first attempt; what else it may be a part of."""
        found: list[Spot] = []
        elsewhere = self.caller or self.trace_id != self.turn.trace_id
        if elsewhere and not self.own:
            found.append((self.turn.trace_id, self.under))
        if (self.other and not self.serves) or (self.other and self.caller):
            found.append(self.other.spot)
        elif self.key and not self.serves:
            found.append((self.key, join_span(self.key)))
        if self.again:
            found.append(self.again.spot)
        return [*found, *self.rivals]


@dataclass(slots=True, eq=False)
class First:
    """The first call with a key. Once it is told nothing but its span is kept."""

    standing: Standing | None
    told: Spot = ("", "")

    @property
    def spot(self) -> Spot:
        """Its span, as far as it is known."""
        return self.standing.spot if self.standing else self.told
