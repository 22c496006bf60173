"""Who reads an exchange: dissectors compete by confidence, never by order.

`claim` is asked when the request is whole, so the answer may not be there yet. Recognition is
host, path and body shape together; a header alone never makes a claim.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeGuard

from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import AgentCall, Effect, Operation, Thread


class Claim(IntEnum):
    """How sure a dissector is that an exchange is its own. REST: it takes whatever is nobody else's."""

    NO = 0
    REST = 1
    SHAPE = 2
    PATH = 3
    HOST = 4


@dataclass(frozen=True, slots=True)
class Begun:
    """A call has begun. `exchange`: the one that carried its request, with this call's own `part` and times.

    `operation`: what its request says of it (`protocol`, `method`, `operation`, `backwards`, `request_id`, `join` and `parent` decide
    where it stands); of a model call, the conversation that it goes on with. Without it a call of an inbound exchange has no place until it is done. Of an effect it must be said that it is one:
    anything else makes its process an agent.
    """

    exchange: Exchange
    operation: AgentCall | Effect | Thread | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A call is over. `exchange`: the one that carried its request, with the call's own `part` and times."""

    exchange: Exchange
    operation: Operation


@dataclass(frozen=True, slots=True)
class Going:
    """A call that outlasts its exchange is not over: what it would be, if nothing ended it any more. The last that was said is told."""

    exchange: Exchange
    operation: Operation


Heard = tuple[Begun | Going | Done, ...]


class Keeping(Protocol):
    """A reading, or a listener, that says what of its exchange may stand in a veiled recording. Of any other nothing does."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The places of the exchange that hold no content: see `dissect.veil`."""
        ...

    @property
    def nested(self) -> tuple[str, ...] | None:
        """The texts that the last frame made whole, where frames are pieces of another framing; else None."""
        ...


class Reading(Keeping, Protocol):
    """One exchange that is one call, being read. State is bounded whatever the length of the stream.

    `asked`: what the request says of it, where that decides where it stands: an effect; of a model call the conversation that it goes on with.
    """

    @property
    def asked(self) -> Effect | Thread | None: ...

    def frame(self, frame: Frame) -> None:
        """A frame of the streamed answer, as it arrives."""

    def close(self, exchange: Exchange) -> Operation | None:
        """The exchange is over: what it meant, or None if it meant nothing after all."""


class Listener(Protocol):
    """One exchange that carries calls, any number, in either direction, begun and ended while it goes on. State is bounded."""

    def begin(self) -> Heard:
        """The calls that the request itself begins. Asked once, first."""
        ...

    def frame(self, frame: Frame) -> Heard:
        """A frame of the exchange, as it arrives: the calls that it begins and ends, of this exchange or an earlier one."""
        ...

    def close(self, exchange: Exchange) -> Heard | None:
        """The exchange is over: the calls that this ends. None: it meant nothing after all; no calls: it was understood, and is none."""
        ...


# Two looks that a check against a protocol answers as well, at thirty times the cost.
def listens(reading: Reading | Listener) -> TypeGuard[Listener]:
    """Whether it is a listener: a reading has nothing to begin."""
    return hasattr(type(reading), "begin")


def keeps(reading: Reading | Listener) -> TypeGuard[Keeping]:
    """Whether it says what of its exchange may be kept."""
    return hasattr(type(reading), "kept")


class Dissector(Protocol):
    """A vendor's or a protocol's reader."""

    @property
    def name(self) -> str:
        """Short and stable: it names counters."""

    def claim(self, question: Question) -> Claim:
        """How sure this dissector is."""

    def open(self, question: Question, *, content: bool) -> Reading | Listener:
        """Begin to read. `content`: messages may be kept."""


def question(exchange: Exchange, memory: Memory | None = None) -> Question:
    """What the dissectors are asked about an exchange. `memory`: what earlier exchanges of the same run have said."""
    from hexr_autoinst.dissect import VENDORS  # the list imports the dissectors, and they this file

    return Question(exchange, VENDORS.owner(exchange.request.host), memory or Memory())


def choose(question: Question) -> Dissector | None:
    """The dissector with the highest claim; None if nobody claims, or if two claim alike."""
    from hexr_autoinst.dissect import CANDIDATES

    best, found, tied = Claim.NO, None, False
    for dissector in CANDIDATES.of(question):
        claim = dissector.claim(question)
        if claim > best:
            best, found, tied = claim, dissector, False
        elif claim == best:
            tied = True
    return None if tied else found


def rest(exchange: Exchange) -> Operation | None:
    """What an exchange is that meant nothing to the protocol that had listened to it: what is left for anybody's."""
    from hexr_autoinst.dissect import REST

    about = Question(exchange)
    if REST.claim(about) is Claim.NO:
        return None
    found = REST.open(about, content=False).close(exchange)
    if isinstance(found, tuple):
        return next((one.operation for one in found if isinstance(one, Done)), None)
    return found
