"""The reading of one exchange that is one effect: what its request says, and what its answer adds. No stream is kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from hexr_autoinst.dissect.failure import UNKNOWN, of_exchange
from hexr_autoinst.dissect.lenient import parse_cut
from hexr_autoinst.dissect.veil import is_veiled
from hexr_autoinst.model.exchange import Exchange, Frame, Response
from hexr_autoinst.model.operation import Effect, Extra, Failure

# How an answer completes an effect; None: it was none after all.
Completes = Callable[[Effect, Exchange], Effect | None]
Facts = dict[str, Extra | None]
_ERROR: Final = 400
_LONGEST: Final = 256


@dataclass(slots=True)
class EffectReading:
    """The reading. `kept`: see `dissect.veil`."""

    asked: Effect
    completes: Completes
    kept: tuple[str, ...] = ()
    nested: tuple[str, ...] | None = None

    def frame(self, frame: Frame) -> None:
        """Frames are somebody's content."""

    def close(self, exchange: Exchange) -> Effect | None:
        """The exchange is over."""
        return self.completes(self.asked, exchange)


def more(effect: Effect, **facts: Extra | None) -> Effect:
    """The effect with these facts, those that are known. `__` in a name stands for its dot."""
    return replace(effect, facts=(*effect.facts, *told(**facts)))


def told(**facts: Extra | None) -> tuple[tuple[str, Extra], ...]:
    """Facts by their names, without those that nobody knows."""
    return tuple(
        (name.replace("__", "."), value) for name, value in facts.items() if value is not None and value != ()
    )


def by_status(exchange: Exchange) -> Failure | None:
    """A failure that only the status names, or the end without an answer."""
    answer = exchange.response
    if answer is None:
        return of_exchange(exchange, None, content=False)
    return Failure(str(answer.status)) if answer.status >= _ERROR else None


def succeeded(exchange: Exchange) -> Response | None:
    """The answer, if it is a good one."""
    answer = exchange.response
    return answer if answer is not None and 200 <= answer.status < 300 else None


def body(exchange: Exchange) -> Any:
    """The JSON of a good answer, as far as it is whole."""
    answer = succeeded(exchange)
    return parse_cut(answer.body) if answer else None


def named(code: str | None, exchange: Exchange) -> Failure | None:
    """A failure by the name that its answer gives it, else by its status."""
    failure = by_status(exchange)
    return Failure(code) if failure is not None and code and code != UNKNOWN else failure


def given(effect: Effect, failure: Failure | None, expires: int | None) -> Effect:
    """A credential exchange that is over: what it has brought, and for how many seconds; or why nothing."""
    found = more(effect, credential__expires=None if failure else expires)
    return replace(found, failure=failure, uses="" if failure else found.uses)


def hashed(name: str, said: str | None) -> tuple[tuple[str, str], ...]:
    """A text that is told as a keyed hash only; nothing where it is not known, or was taken out of a recording."""
    return ((name, said[:_LONGEST]),) if said and not is_veiled(said) else ()
