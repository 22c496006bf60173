"""What an A2A exchange has said of its task so far, whichever of the dialects it spoke: states with their times, ids, events."""

from dataclasses import dataclass, field
from typing import Final

from hexr_autoinst.dissect.protocols.a2a_words import RESTING, enumerated
from hexr_autoinst.model.operation import Moment

_MOMENTS: Final = 64


@dataclass(slots=True)
class Seen:
    """Facts of a call. What the answer says of context and task outdoes the request."""

    message: str | None = None
    context: str | None = None
    task: str | None = None
    state: str | None = None
    references: tuple[str, ...] = ()
    tenant: str | None = None
    parent: str | None = None
    source: str | None = None
    hook: str | None = None
    events: int = 0
    final: bool = False
    moments: list[Moment] = field(default_factory=list)

    def answered(self, *, task: str | None, context: str | None) -> None:
        """The answer names its task or context."""
        self.task = task or self.task
        self.context = context or self.context

    def stands(self, state: str | None, at: int) -> None:
        """The task is in this state. A change is a moment of the call."""
        if state is None:
            return
        if state != self.state and len(self.moments) < _MOMENTS:
            self.moments.append(
                Moment(
                    at, "task_state", (("a2a.state", state.lower()), ("a2a.state.enum", enumerated(state)))
                )
            )
        self.state = state
        self.final = state in RESTING
