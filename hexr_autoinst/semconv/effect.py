"""An effect as a span's name and attributes."""

from collections.abc import Iterator

from opentelemetry.util.types import AttributeValue

from hexr_autoinst.model.operation import Effect
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv import effect_names, names, observed
from hexr_autoinst.semconv.measurement import NANO
from hexr_autoinst.semconv.observed import Pairs

_MILLI = 1_000_000


def effect_name(effect: Effect) -> str:
    """The span's name, in the contract's words."""
    return effect_names.SPANS[effect.kind].format(effect.verb)


def effect_attributes(told: Placed, effect: Effect) -> Iterator[tuple[str, AttributeValue]]:
    """Every attribute of an effect's span."""
    pairs = (
        *_of_kind(told, effect),
        *_facts(effect),
        (names.INFERRED, effect.inferred or None),
        (names.ERROR_TYPE, effect.failure.type if effect.failure else None),
        *(() if _no_exchange(effect) else observed.upstream(told.exchange)),
        *(p for p in observed.capture(told) if p[0] != names.EXCHANGE_ID or not _no_exchange(effect)),
    )
    yield from ((key, value) for key, value in pairs if value is not None and value != ())


def seconds(told: Placed) -> float:
    """How long it took."""
    return max(0, told.exchange.ended - told.exchange.began) / NANO


def _no_exchange(effect: Effect) -> bool:
    """Whether it happened in the process alone: a lookup that is deduced from the call behind it."""
    return effect.kind == "cache" and effect.inferred


def _of_kind(told: Placed, effect: Effect) -> Pairs:
    yield effect_names.SERVICE, effect.service
    if effect.kind == "tool":
        yield names.OPERATION_NAME, names.EXECUTE_TOOL
        yield names.TOOL_NAME, effect.service
        yield effect_names.TOOL_TYPE, effect_names.EXTENSION
    elif effect.kind == "vault":
        yield effect_names.TENANT, told.agent.tenant
    elif effect.kind == "cache":
        yield effect_names.DURATION, max(0, told.exchange.ended - told.exchange.began) / _MILLI


def _facts(effect: Effect) -> Pairs:
    for name, value in effect.facts:
        for key in effect_names.FACTS.get(name, ()):
            yield key, value
