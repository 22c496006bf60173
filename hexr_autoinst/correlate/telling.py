"""One call, told: how its connections came to be, which tool it carries out, what it shows of the health of the work. Decides no place."""

from hexr_autoinst.correlate import health
from hexr_autoinst.correlate.health import Noticed
from hexr_autoinst.correlate.links import phases
from hexr_autoinst.correlate.naming import UNKNOWN
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.twins import Call, merged
from hexr_autoinst.model.exchange import Exchange, Phases
from hexr_autoinst.model.operation import ModelCall, Moment, Operation
from hexr_autoinst.model.story import Agent, Placed

Moments = tuple[Moment, ...]


def placed(
    agent: Agent,
    standing: Standing,
    call: Call,
    told: tuple[Exchange, Operation],
    seen: tuple[tuple[str, ...], Agent | None, Moments],
) -> Placed:
    """The value. `told`: what is told of it; `seen`: the planes that saw it, the agent at the other end, what was noticed."""
    planes, other, moments = seen
    name = other.name if other and other.name != UNKNOWN else ""
    return Placed(
        agent,
        standing.place,
        *told,
        phases_of(standing, call),
        planes,
        standing.key,
        name,
        other.tenant if other else "",
        standing.within,
        moments,
    )


def noticed(
    standing: Standing, exchange: Exchange, operation: Operation, kinds: frozenset[str]
) -> tuple[Moments, list[Noticed]]:
    """What a conversation shows of its health: what belongs to the call itself, and all that was found; the rest is its turn's."""
    if standing.strand is None or standing.thread is None or not isinstance(operation, ModelCall):
        return (), []
    seen = health.look(standing.strand.pulse, exchange, standing.thread, operation)
    found = [n for n in seen if n.kind in kinds]
    moments = standing.turn.moments
    room = max(0, health.MOST - len(moments))
    moments += [n.moment for n in found if n.kind not in health.ON_CALL][:room]
    return tuple(n.moment for n in found if n.kind in health.ON_CALL), found


def phases_of(standing: Standing, call: Call) -> Phases | None:
    """How the connections that it was seen on came to be."""
    found = None
    for link, view in standing.views:
        # That a connection was joined may show in the answer only.
        found = merged(found, phases(link, call.halves[view.source].ended or view))
    return found


def first_within(standing: Standing) -> str | None:
    """The tool that was asked for, of the first call that carries it out; "" of a further one, None of a call that is within none."""
    if standing.window is None:
        return None
    first, standing.window.met = not standing.window.met, True
    return standing.window.call.name if first else ""
