"""Answers that are streams, while they go on: each counted once, from its first event until its call is told or comes to nothing."""

from hexr_autoinst.correlate.invocations import Invocations
from hexr_autoinst.correlate.standing import Standing
from hexr_autoinst.model.operation import AgentCall, Asked, Effect
from hexr_autoinst.model.story import StreamChanged, Told


def speaks(operation: Asked | None) -> str:
    """What it is a call of, in the word that its stream is counted by."""
    match operation:
        case AgentCall(protocol=protocol):
            return protocol
        case Effect(kind=kind):
            return kind
        case _:
            return "model"


def begun(there: list[Standing], invocations: Invocations, at: int) -> list[Told]:
    """The answer to these calls (one, or a batch) has turned out to be a stream; another plane may have said so already."""
    if not there or any(s.streams for s in there):
        return []
    first = there[0]
    first.streams = invocations.agent(first.turn)
    return [StreamChanged(at, first.streams, 1, first.speaks, first.serves)]


def over(standing: Standing, at: int) -> list[Told]:
    """The call is told, or came to nothing. Its stream ends as whose it began: an up-down counter must come back."""
    was, standing.streams = standing.streams, None
    return [StreamChanged(at, was, -1, standing.speaks, standing.serves)] if was else []
