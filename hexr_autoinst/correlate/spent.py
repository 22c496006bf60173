"""What is to be known of one call when it is told: whether it makes an agent, how its connection came to be, which tool it carries out, what it spends."""

from hexr_autoinst.correlate.links import phases
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.correlate.twins import Call, merged
from hexr_autoinst.model.exchange import Exchange, Phases
from hexr_autoinst.model.operation import AgentCall, Operation
from hexr_autoinst.model.story import Connection, Placed, Told, Uncounted


def phases_of(standing: Standing, call: Call) -> Phases | None:
    """How the connections that it was seen on came to be."""
    found = None
    for link, view in standing.views:
        # That a connection was joined may show in the answer only.
        found = merged(found, phases(link, call.halves[view.source].ended or view))
    return found


def acts(exchange: Exchange, operation: Operation | None) -> bool:
    """Whether this makes its process an agent: asking a model, a tool or another agent, or serving as one."""
    if not isinstance(operation, AgentCall):
        return True
    if operation.serves(exchange.role):
        return operation.protocol == "a2a"
    return not operation.backwards


def first_within(standing: Standing) -> str | None:
    """The tool that was asked for, of the first call that carries it out; "" of a further one, None of a call that is within none."""
    if standing.window is None:
        return None
    first, standing.window.met = not standing.window.met, True
    return standing.window.call.name if first else ""


def facts_of(told: Told) -> int:
    """How many facts it spends."""
    match told:
        case Placed():
            return told.exchange.facts
        case Connection():
            return told.facts
        case Uncounted():
            return told.n
        case _:
            return 0
