"""Code run by a service over HTTP, as data: where it is asked, in what language, for how long at most, and how it ended.

Neither the code nor what it wrote is told. An exit code other than 0 is a failure, as of any process.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hexr_autoinst.dissect.ask import client_hint
from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.effects.reading import by_status, succeeded, told
from hexr_autoinst.dissect.lenient import number, parse, parse_cut, signed, text
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import Effect, Failure

_LOOKED_AT: Final = 1024  # characters of a path, from its end
_LINES: Final = 10_000  # of a body that is lines of JSON


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, as far as this piece of the answer says. `error`: what the code's own language calls its failure."""

    exit_code: int | None = None
    error: str | None = None
    language: str | None = None

    def then(self, later: "Outcome") -> "Outcome":
        """What both say; the later knows better."""
        return Outcome(
            self.exit_code if later.exit_code is None else later.exit_code,
            later.error or self.error,
            later.language or self.language,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the request says. `timeout` in seconds."""

    language: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have code run. `own`: too plain to be known on hosts of others. `messages`: the JSON values of a framed body."""

    path: re.Pattern[str]
    shaped: Callable[[dict[str, Any]], bool]
    asks: Callable[[dict[str, Any], Exchange], Asked]
    says: Callable[[dict[str, Any]], Outcome]
    own: bool = False
    messages: Callable[[bytes], Iterator[Any]] | None = None


@dataclass(slots=True)
class Running:
    """The reading of one run. State is one outcome, however much it writes."""

    asked: Effect
    way: Way
    kept: tuple[str, ...] = ()
    nested: tuple[str, ...] | None = None
    outcome: Outcome = field(default_factory=Outcome)

    def frame(self, frame: Frame) -> None:
        """A piece of a streamed answer."""
        self._hear(parse(frame.data))

    def close(self, exchange: Exchange) -> Effect:
        """It is over."""
        if answer := succeeded(exchange):
            for value in _values(answer.body, self.way):
                self._hear(value)
        failure = by_status(exchange)
        code, error = self.outcome.exit_code, self.outcome.error
        if failure is None and (error or code):
            failure = Failure(error or f"exit_{code}")
        facts = told(exit__code=code, language=self.outcome.language)
        known = {name for name, _ in facts}
        kept = tuple(f for f in self.asked.facts if f[0] not in known)
        return replace(self.asked, facts=(*kept, *facts), failure=failure)

    def _hear(self, value: Any) -> None:
        if isinstance(value, dict):
            self.outcome = self.outcome.then(self.way.says(value))


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A service. `hosts`: its own, if it has any. `kept`: see `dissect.veil`."""

    name: str
    ways: tuple[Way, ...]
    hosts: re.Pattern[str] | None = None
    kept: tuple[str, ...] = ()

    def claim(self, question: Question) -> Claim:
        """Sure on a host of its own; elsewhere path and body together must show it."""
        if self._way(question) is None:
            return Claim.NO
        return Claim.HOST if self._at_home(question) else Claim.PATH

    def open(self, question: Question, *, content: bool) -> Running:  # noqa: ARG002 - no text is told
        """Begin to read."""
        way, exchange = self._way(question), question.exchange
        if way is None:
            raise ValueError("an exchange that was not claimed")
        said = way.asks(_body(question, way), exchange)
        facts = told(language=said.language, timeout=said.timeout)
        hint = client_hint(exchange.request.headers)
        return Running(
            Effect("sandbox", "exec", self.name, facts=facts, client_hint=hint), way, ("/", *self.kept)
        )

    def _at_home(self, question: Question) -> bool:
        host = question.exchange.request.host.lower().rstrip(".")
        return self.hosts is not None and self.hosts.fullmatch(host) is not None

    def _way(self, question: Question) -> Way | None:
        if question.exchange.request.method != "POST":
            return None
        path = question.path[-_LOOKED_AT:]
        for way in self.ways:
            if way.path.fullmatch(path) and (
                self._at_home(question) if way.own else way.shaped(_body(question, way))
            ):
                return way
        return None


def word(value: Any) -> str | None:
    """A language's name, as the request or the answer gives it."""
    return text(value, 64)


def seconds(value: Any, per: float = 1) -> float | None:
    """A time limit in seconds, of which `per` make the unit that it is said in; None where there is none."""
    found = number(value)
    return found / per if found is not None and found > 0 else None


def code(value: Any) -> int | None:
    """An exit code."""
    return signed(value)


def _body(question: Question, way: Way) -> dict[str, Any]:
    if way.messages is None:
        return question.body if isinstance(question.body, dict) else {}
    first = next(way.messages(question.exchange.request.body), None)
    return first if isinstance(first, dict) else {}


def _values(body: bytes, way: Way) -> Iterator[Any]:
    if way.messages is not None:
        yield from way.messages(body)
    elif (value := parse(body)) is not None:
        yield value
    elif lines := body.splitlines()[:_LINES]:
        whole = [v for line in lines if (v := parse(line)) is not None]
        yield from whole or [parse_cut(body)]
