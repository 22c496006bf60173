"""A connection that carries many model calls: a script says which message begins one and whose an answer is; each is read as any other call.

What is held is bounded however long the session lasts: the calls that are open, and what the script keeps for the next one.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.claim import Begun, Done, Heard
from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.reading import KEPT, Dialect, ModelReading, begin
from hexr_autoinst.dissect.who import who
from hexr_autoinst.model.exchange import Exchange, Frame, Response
from hexr_autoinst.model.operation import Extra, Failure

_MOST: Final = 64  # calls that are open at once
_UNANSWERED: Final = "unanswered"
# Codes of a close that are no failure (RFC 6455 section 7.4.1): normal, going away, none said.
_GOOD: Final = frozenset({"", "1000", "1001", "1005"})


@dataclass(slots=True, eq=False)
class Call:
    """A call that is open. `exchange` carries its `part` and when it began.

    `id`: what its answer calls itself, once it has. `lane`: the conversation that it is in, where a connection has several. `mark`: what
    its request can be known by. `answered`, `last`: when its answer began, and went on last; 0 before that.
    """

    exchange: Exchange
    reading: ModelReading
    lane: str = ""
    mark: Any = None
    id: str | None = None
    answered: int = 0
    last: int = 0


class Script(Protocol):
    """What a dialect knows of one connection. It tells the `floor` what it hears of calls."""

    def asks(self, floor: "Dialogue", value: dict[str, Any], at: int) -> None:
        """A message of the client."""

    def answers(self, floor: "Dialogue", value: dict[str, Any], at: int) -> None:
        """A message of the server."""


class Dialogue:
    """The listener of one connection. `calls`: those that are open, oldest first."""

    nested: tuple[str, ...] | None = None

    def __init__(
        self,
        question: Question,
        dialect: Dialect,
        name: str,
        extras: tuple[tuple[str, Extra], ...] = (),
        *,
        content: bool,
    ) -> None:
        """`question`: the request that asks for the connection; `name`: the vendor that reads it; `extras`: what is true of its calls."""
        if dialect.script is None:
            raise ValueError(f"{dialect.name} is no dialogue")
        self.calls: list[Call] = []
        self._script = dialect.script(question.exchange)
        self.dialect = dialect
        self._question, self._name, self._extras = question, name, extras
        self.content = content
        self._kept = KEPT + dialect.kept + who(question, name).kept
        self._heard: list[Begun | Done] = []
        self._begun = 0
        self._why: Failure | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """The places of the dialect, and those that every model call is read by."""
        return self._kept

    def begin(self) -> Heard:
        """Nothing: who connects asks nothing yet."""
        return ()

    def frame(self, frame: Frame) -> Heard:
        """A message of either side."""
        if frame.event == "close":
            self._closed(frame)
            return ()
        value = parse(frame.data)
        if isinstance(value, dict):
            say = self._script.answers if frame.side == "response" else self._script.asks
            say(self, value, frame.at)
        return self._told()

    def close(self, exchange: Exchange) -> Heard | None:
        """The connection is over, and with it what is open. None: no call was heard."""
        for call in tuple(self.calls):
            self._cut(call, exchange)
        return self._told() if self._begun else None

    def ask(
        self,
        body: dict[str, Any],
        at: int,
        *,
        lane: str = "",
        mark: Any = None,
        dialect: Dialect | None = None,
    ) -> Call:
        """A call begins, asked with `body`. Where too many are open, the oldest is told as it is.

        `dialect`: the call's own, where it is no answer of the dialogue's but work beside it.
        """
        exchange = self._question.exchange
        request = replace(exchange.request, at=at, ended=at)
        exchange = replace(exchange, part=f"r{self._begun}", request=request, response=None, facts=0)
        self._begun += 1
        answers = who(self._question, self._name)
        reading = begin(dialect or self.dialect, body, answers=answers, content=self.content)
        reading.ask = replace(reading.ask, stream=True)
        reading.answer.extras.update(self._extras)
        call = Call(exchange, reading, lane, mark)
        self.calls.append(call)
        self._heard.append(Begun(exchange))
        if len(self.calls) > _MOST:
            self._cut(self.calls[0], replace(exchange, missing=()), at)
        return call

    def hear(self, call: Call, value: dict[str, Any], at: int) -> None:
        """A message of the call's answer."""
        call.answered = call.answered or at
        call.last = at
        call.reading.answer.frames += 1
        call.reading.hear(value, at)

    def end(self, call: Call, at: int) -> None:
        """The call is over."""
        self.calls.remove(call)
        response = Response(call.answered or at, 0, ended=at, streamed=True)
        self._done(call, replace(call.exchange, response=response))

    def _cut(self, call: Call, exchange: Exchange, at: int = 0) -> None:
        """The call has no end, and `exchange` says what is known of that."""
        self.calls.remove(call)
        end = max(at or exchange.ended, call.last, call.exchange.began)
        answer = Response(call.answered, 0, ended=end, streamed=True) if call.answered else None
        if answer is not None and call.reading.answer.failure is None:
            call.reading.answer.failure = self._why
        found = replace(call.exchange, response=answer, missing=exchange.missing)
        if answer is None:
            found = replace(found, request=replace(found.request, ended=end))
        self._done(call, found)

    def _done(self, call: Call, exchange: Exchange) -> None:
        operation = call.reading.close(exchange)
        if operation is None:
            return
        if not call.answered and not exchange.missing and operation.failure is None:
            operation = replace(operation, missing=(*operation.missing, _UNANSWERED))
        self._heard.append(Done(exchange, operation))

    def _closed(self, frame: Frame) -> None:
        """Why the server closes. A client that does has heard enough."""
        code, _, reason = frame.data.partition(" ")
        if frame.side == "response" and code not in _GOOD:
            self._why = failure.coded(code, reason, content=self.content)

    def _told(self) -> Heard:
        heard, self._heard = tuple(self._heard), []
        return heard
