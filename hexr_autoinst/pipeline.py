"""The order of the rooms, known here alone: fact → wire → dissect → correlate → semconv.

Pure but for its own state: no clock, no socket, no thread. A room that raises is counted by name
and the rest goes on; `strict=True` (tests) lets the exception out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from hexr_autoinst import __version__
from hexr_autoinst.account import Account
from hexr_autoinst.config import Config, Session
from hexr_autoinst.correlate import Correlate, Rules
from hexr_autoinst.dissect.claim import Begun, Done, Keeping, Listener, Reading, choose, question, rest
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.model.exchange import UNTERMINATED, Asked, Ended, Exchange, Heard, Said, Skipped
from hexr_autoinst.model.facts import (
    Chunk,
    Closed,
    Data,
    End,
    Exchanged,
    Exited,
    Fact,
    Handshake,
    Head,
    Health,
    Lost,
    Opened,
    Process,
    Tick,
)
from hexr_autoinst.model.operation import Effect, ModelCall, Operation
from hexr_autoinst.model.story import (
    Ambiguous,
    Connection,
    Invocation,
    InvocationOpened,
    Placed,
    StreamChanged,
    TaskMoved,
    Told,
    Uncounted,
)
from hexr_autoinst.prices import Prices
from hexr_autoinst.semconv.measurement import NANO, Measurement
from hexr_autoinst.semconv.metrics import measure
from hexr_autoinst.semconv.spans import Style, to_span
from hexr_autoinst.veil import Veil
from hexr_autoinst.wire.assembly import Wire
from hexr_autoinst.wire.limits import Limits

Out = ReadableSpan | Measurement

_WORLD = frozenset({Process, Exited, Opened, Closed, Handshake, Health})
_WIRE = frozenset({Chunk, Head, Data, End, Exchanged, Opened, Closed, Handshake, Exited, Lost, Tick})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the rooms need to know, decided at the edge."""

    rules: Rules
    style: Style
    limits: Limits
    content: bool = False
    prices: Prices | None = None


def settings(config: Config, session: Session) -> Settings:
    """What one run's configuration and session mean to the rooms."""
    rules = Rules(
        agents=config.agents,
        host=session.host,
        salt=bytes.fromhex(session.salt),
        key=bytes.fromhex(session.key),
        turn_silence_ns=int(config.turn_silence * NANO),
        proxy_port=config.proxy_port,
    )
    style = Style(span_names=config.span_names, version=__version__)
    prices = Prices() if config.prices else None
    return Settings(rules, style, Limits(body=config.body_limit), config.content, prices)


class Pipeline:
    """Facts in, spans and measurements out. One instance sees one merged stream of facts."""

    def __init__(self, settings: Settings, *, strict: bool = False) -> None:
        """`strict`: exceptions of the rooms are not survived."""
        self.account = Account()
        self._settings = settings
        self._strict = strict
        self._wire = Wire(settings.rules.salt, settings.limits)
        self._correlate = Correlate(settings.rules)
        self._memory = Memory()
        self._readings: dict[str, tuple[str, Reading | Listener]] = {}
        self._streams: set[str] = set()  # exchanges whose answer has turned out to be one
        self._veil: Veil | None = None

    def veil(self, hand: Callable[[Fact], None] | None, seal: bytes = b"") -> None:
        """From now on hand every fact over with secrets and content removed; None ends it. `seal`: see `Veil`."""
        self._veil = Veil(self._settings.rules, seal, hand) if hand else None

    def feed(self, fact: Fact) -> list[Out]:
        """What this fact makes tellable now, in order."""
        self._issued(fact)
        out: list[Out] = []
        kind = type(fact)
        if self._veil and (kind in _WORLD or kind is Lost):
            self._guard("veil", self._veil.world, None, fact)
        if kind in _WORLD:
            self._tell(self._guard("correlate.world", self._correlate.world, [], fact), out)
        if kind in _WIRE:
            for heard in self._guard("wire", self._wire.feed, [], fact):
                if isinstance(heard, Said):  # as most are
                    self._said(heard, out)
                else:
                    self._hear(heard, out)
                if self._veil:
                    self._guard("veil", self._veil.heard, None, heard, fact.source, self._reading(heard))
        if kind is Tick:
            if self._veil:
                self._guard("veil", self._veil.world, None, fact)
            # After the wire's, so that an exchange that times out is told in its turn.
            self._tell(self._guard("correlate.world", self._correlate.world, [], fact), out)
        self.account.open = self._wire.open_facts + self._correlate.open_facts
        return out

    def _issued(self, fact: Fact) -> None:
        if isinstance(fact, (Chunk, Data)):  # first, since most are
            self.account.delivered += 1
            self.account.bytes += len(fact.data)
        elif isinstance(fact, Lost):
            self.account.dropped[fact.place] += fact.n
        elif not isinstance(fact, Tick):
            self.account.delivered += 1

    def _said(self, said: Said, out: list[Out]) -> None:
        if found := self._readings.get(said.id):
            if said.frame.kind == "sse" and said.id not in self._streams:
                self._streams.add(said.id)
                self._tell(
                    self._guard("correlate.streaming", self._correlate.streaming, [], said.id, said.at), out
                )
            calls = self._guard(found[0], found[1].frame, None, said.frame)
            if calls:
                self._calls(found[0], calls, out)

    def _hear(self, heard: Asked | Ended | Skipped, out: list[Out]) -> None:
        match heard:
            case Asked(exchange=exchange):
                self._asked(exchange, out)
            case Ended(exchange=exchange):
                self._ended(exchange, out)
            case Skipped(reason=reason, n=n):
                self.account.ignored[reason] += n

    def _reading(self, heard: Heard) -> Keeping | None:
        """Who reads the exchange of what was heard and knows what of it is no content, as long as it is open."""
        id_ = heard.exchange.id if isinstance(heard, Asked) else heard.id if isinstance(heard, Said) else ""
        found = self._readings.get(id_)
        return found[1] if found and isinstance(found[1], Keeping) else None

    def _asked(self, exchange: Exchange, out: list[Out]) -> None:
        asked = self._guard("dissect.claim", question, None, exchange, self._memory)
        dissector = self._guard("dissect.claim", choose, None, asked)
        if dissector is None:
            return
        name = f"dissect.{dissector.name}"
        content = self._settings.content
        reading = self._guard(name, lambda: dissector.open(asked, content=content), None)
        if reading is not None:
            self._readings[exchange.id] = (name, reading)
            if isinstance(reading, Listener):
                self._calls(name, self._guard(name, reading.begin, None), out)
            else:
                if self._settings.prices and reading.asked is None:
                    self._settings.prices.warm()
                said = (exchange, dissector.name, reading.asked)
                self._guard("correlate.asked", self._correlate.asked, None, *said)

    def _calls(self, name: str, heard: Iterable[Begun | Done] | None, out: list[Out]) -> None:
        """What a listener heard: calls that begin are placed, calls that end are told."""
        for one in heard or ():
            if isinstance(one, Begun):
                exchange = replace(one.exchange, facts=0)
                self._guard("correlate.asked", self._correlate.asked, None, exchange, name, one.operation)
            else:
                self._done(replace(one.exchange, facts=0), one.operation, out)

    def _ended(self, exchange: Exchange, out: list[Out]) -> None:
        name, reading = self._readings.pop(exchange.id, ("", None))
        self._streams.discard(exchange.id)
        found = self._guard(name, reading.close, None, exchange) if reading else None
        if isinstance(reading, Listener) and found is not None:
            # Its facts are spent on the exchange; the calls that it carried have none of their own.
            self.account.told += exchange.facts
            self._calls(name, found, out)
            self._guard("correlate.closed", self._correlate.closed, None, exchange)
        elif found is None:
            if reading is not None:
                self._guard("correlate.discard", self._correlate.discard, None, exchange.id)
            left = (
                self._guard("dissect.rest", rest, None, exchange) if isinstance(reading, Listener) else None
            )
            if left is None:
                self.account.ignored["unclaimed"] += exchange.facts
            else:
                self._done(exchange, left, out)
        else:
            self._done(exchange, found, out)

    def _done(self, exchange: Exchange, operation: Operation, out: list[Out]) -> None:
        exchange = _settled(exchange, operation)
        operation = self._guard("prices", self._priced, operation, operation, exchange)
        told = self._guard("correlate.ended", self._correlate.ended, None, exchange, operation)
        if told is None:
            self.account.ignored["error"] += exchange.facts
        else:
            self._tell(told, out)

    def _priced(self, operation: Operation, exchange: Exchange) -> Operation:
        prices = self._settings.prices
        if prices is None or not isinstance(operation, ModelCall):
            return operation
        cost = prices.cost(operation, exchange.began)
        return operation if cost is None else replace(operation, cost_usd=cost)

    def _tell(self, told: Iterable[Told], out: list[Out]) -> None:
        for one in told:
            self._count(one)
            if isinstance(one, Placed | Invocation) and not _only_counted(one):
                span = self._guard("semconv.spans", to_span, None, one, self._settings.style)
                if span is not None:
                    out.append(span)
            out += self._guard("semconv.metrics", measure, [], one)

    def _count(self, told: Told) -> None:
        match told:
            case Placed():
                self.account.told += told.exchange.facts
            case Connection():
                self.account.told += told.facts
            case Uncounted(reason=reason, n=n):
                self.account.ignored[reason] += n
            case Invocation() | InvocationOpened() | Ambiguous() | TaskMoved() | StreamChanged():
                pass  # made of what its operations have spent

    def _guard(self, place: str, room: Callable[..., Any], otherwise: Any, *args: Any) -> Any:
        if self._strict:
            return room(*args)
        try:
            return room(*args)
        except Exception:  # noqa: BLE001 - law 9: a room's defect costs one exchange and is counted by name
            self.account.swallowed[place] += 1
            return otherwise


def _only_counted(told: Placed | Invocation) -> bool:
    return isinstance(told, Placed) and isinstance(told.operation, Effect) and told.operation.counted


def _settled(exchange: Exchange, operation: Operation) -> Exchange:
    """A stream whose speaker's own end was seen is whole, however it was hung up on; else a cut is a cut."""
    if operation.ended:
        kept = tuple(m for m in exchange.missing if m not in (UNTERMINATED, "closed_by_client"))
    else:
        kept = tuple("truncated:response" if m == UNTERMINATED else m for m in exchange.missing)
    return exchange if kept == exchange.missing else replace(exchange, missing=kept)
