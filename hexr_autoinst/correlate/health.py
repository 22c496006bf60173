"""The health of an agent's work, from what its conversations show: going in circles, being refused again and again, a cache that is lost, a context nearly full.

Each is a hint with numbers, not a verdict. The thresholds are argued in docs/decisions/0034-the-health-of-the-work.md.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hexr_autoinst.correlate.rules import NANO
from hexr_autoinst.model.exchange import Exchange
from hexr_autoinst.model.operation import Extra, ModelCall, Moment, Thread
from hexr_autoinst.model.story import Kind

LOOP: Final[Kind] = "loop"
STORM: Final[Kind] = "retry_storm"
CACHE: Final[Kind] = "cache_miss"
FULL: Final[Kind] = "context_full"
ON_CALL: Final = frozenset({CACHE, FULL})  # where it shows; the others are of the whole invocation
MOST: Final = 64  # of one invocation

_LOOKED_AT: Final = 20  # tool calls back
_LOOPS: Final = frozenset({3, 6, 12})
_STORMS: Final = frozenset({4, 8, 16, 32, 64})
_CACHED: Final = 1024  # tokens; the least that is cached at all by the large vendors
_LOST: Final = 10  # that part of it, or less, is near nothing
_SHORTER: Final = (
    0.9  # a conversation that shrinks more than this was compacted: nothing of it can be in a cache
)
_LIFE: Final = 300 * NANO  # how long a cache is kept after its last use, at the least
_FULL: Final = 0.9
_ROOM: Final = 0.7  # what it must fall to before it is said again


class Noticed(NamedTuple):
    """A finding, and how it is told."""

    kind: Kind
    at: int
    facts: tuple[tuple[str, Extra], ...]

    @property
    def moment(self) -> Moment:
        """As an event."""
        return Moment(self.at, self.kind, self.facts)


@dataclass(slots=True)
class Pulse:
    """What is remembered of one conversation."""

    calls: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=_LOOKED_AT))
    failures: int = 0
    request: bytes = b""
    cached: int = 0
    input: int = 0
    ended: int = 0
    head: bytes = b""
    model: str | None = None
    full: bool = False


def look(pulse: Pulse, exchange: Exchange, thread: Thread, call: ModelCall) -> list[Noticed]:
    """What this call shows, in the light of those before it."""
    at = exchange.ended
    found = [*_loops(pulse, call, at), *_storm(pulse, thread, call, at)]
    if call.failure is None:
        found += _cache(pulse, exchange, thread, call)
        found += _full(pulse, call, at)
        usage = call.usage
        pulse.cached, pulse.input = usage.cache_read or 0, usage.input or 0
        pulse.ended, pulse.head, pulse.model = at, thread.head, call.request_model
    pulse.request = thread.history[-1] if thread.history else b""
    return found


def _loops(pulse: Pulse, call: ModelCall, at: int) -> Iterator[Noticed]:
    for asked in call.tool_calls:
        if not asked.digest:
            continue
        pulse.calls.append((asked.name, asked.digest))
        times = pulse.calls.count((asked.name, asked.digest))
        if times in _LOOPS:
            yield Noticed(LOOP, at, (("tool", asked.name), ("times", times)))


def _storm(pulse: Pulse, thread: Thread, call: ModelCall, at: int) -> Iterator[Noticed]:
    """Attempts at one request that failed, with nothing between them."""
    if call.failure is None:
        pulse.failures = 0
        return
    same = bool(thread.history) and thread.history[-1] == pulse.request
    pulse.failures = pulse.failures + 1 if same else 1
    if pulse.failures in _STORMS:
        yield Noticed(STORM, at, (("times", pulse.failures), ("error", call.failure.type)))


def _cache(pulse: Pulse, exchange: Exchange, thread: Thread, call: ModelCall) -> Iterator[Noticed]:
    read, used = call.usage.cache_read, call.usage.input
    if read is None or used is None or pulse.cached < _CACHED or read * _LOST > pulse.cached:
        return
    if used < pulse.input * _SHORTER or exchange.began - pulse.ended > _LIFE:
        return
    facts: tuple[tuple[str, Extra], ...] = (("cached", read), ("cached.before", pulse.cached))
    changed = _changed(pulse, thread, call)
    yield Noticed(CACHE, exchange.ended, (*facts, ("changed", changed)) if changed else facts)


def _changed(pulse: Pulse, thread: Thread, call: ModelCall) -> str:
    """What of the prompt is not as it was, as far as digests show it."""
    if call.request_model != pulse.model:
        return "model"
    if thread.head != pulse.head:
        return "instructions"
    return "history" if pulse.request and pulse.request not in thread.history else ""


def _full(pulse: Pulse, call: ModelCall, at: int) -> Iterator[Noticed]:
    if not call.window or call.usage.input is None:
        return
    used = call.usage.input + (call.usage.output or 0)
    if used >= call.window * _FULL and not pulse.full:
        yield Noticed(FULL, at, (("used", used), ("window", call.window)))
    pulse.full = used >= call.window * (_ROOM if pulse.full else _FULL)
