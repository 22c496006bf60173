"""A measurement, and the labels that every one of an agent has. A value: recording it is the export room's business."""

from dataclasses import dataclass

from hexr_autoinst.model.story import Agent, Place

NANO = 1_000_000_000
Label = tuple[str, str | int]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One recorded value. `trace` is the (trace id, span id) that an exemplar may point at."""

    instrument: str
    value: float
    labels: tuple[Label, ...] = ()
    trace: tuple[str, str] | None = None


def who(agent: Agent) -> tuple[Label, ...]:
    """The agent's labels."""
    return (("agent", agent.name), ("tenant", agent.tenant))


def trace(place: Place) -> tuple[str, str]:
    """Where an exemplar points."""
    return (place.trace_id, place.span_id)
