"""An effect as measurements: which service, which tier, which provider, how long, what became of it."""

from collections.abc import Iterator

from hexr_autoinst.model.operation import Effect
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv.effect import seconds
from hexr_autoinst.semconv.measurement import Label, Measurement, trace, who

Moved = Iterator[tuple[str, float, tuple[Label, ...]]]


def measure_effect(told: Placed, effect: Effect) -> Iterator[Measurement]:
    """Everything that one effect moves."""
    agent, at = who(told.agent), trace(told.place)
    for instrument, value, labels in _moved(told, effect):
        yield Measurement(instrument, value, (*agent, *labels), at)


def _moved(told: Placed, effect: Effect) -> Moved:
    match effect.kind:
        case "tool":
            service = (("service", effect.service or "unknown"),)
            yield "hexr.tool.invocations", 1, service
            yield "hexr.tool.duration", seconds(told), service
        case "credential":
            yield from _credential(told, effect)
        case "vault":
            yield from _vault(told, effect)
        case "cache":
            yield from _cache(told, effect)
        case "guard":
            yield from _guard(told, effect)
        case _:
            pass


def _credential(told: Placed, effect: Effect) -> Moved:
    provider = (("provider", str(dict(effect.facts).get("provider", "unknown"))),)
    yield "hexr.credential.exchanges", 1, provider
    if effect.failure:
        yield "hexr.credential.failures", 1, (*provider, ("error.type", effect.failure.type))
    elif told.exchange.part:  # not what was asked for, but what came later in the same answer, unasked
        yield "hexr.credential.rotations", 1, provider


def _vault(told: Placed, effect: Effect) -> Moved:
    labels = (("verb", effect.verb), ("outcome", _outcome(effect)))
    yield "hexr.vault.operations", 1, labels
    yield "hexr.vault.duration", seconds(told), labels


def _outcome(effect: Effect) -> str:
    return "error" if effect.failure else "ok"


def _cache(told: Placed, effect: Effect) -> Moved:
    facts = dict(effect.facts)
    hit = facts.get("hit")
    if system := facts.get("db.system"):
        outcome = _outcome(effect) if hit is None or effect.failure else "hit" if hit else "miss"
        labels = (("system", str(system)), ("operation", effect.verb), ("outcome", outcome))
        yield "hexr.store.operations", 1, labels
    if effect.verb != "lookup":
        return
    tier = (("tier", str(facts.get("tier", "unknown"))),)
    if hit is not None:
        yield "hexr.cache.hits" if hit else "hexr.cache.misses", 1, tier
    yield "hexr.cache.lookup.duration", seconds(told), tier


def _guard(told: Placed, effect: Effect) -> Moved:
    """A guard that names no scanner is one itself."""
    facts = dict(effect.facts)
    direction = (("direction", str(facts.get("guard.what", "unknown"))),)
    scanners = _names(facts.get("guard.scanners")) or (effect.service or "unknown",)
    for scanner in scanners:
        yield "hexr_guard_scans_total", 1, (*direction, ("scanner", scanner))
    if facts.get("guard.valid") is False:
        for scanner in _names(facts.get("guard.hits")) or scanners:
            yield "hexr_guard_blocks_total", 1, (*direction, ("scanner", scanner))
    yield "hexr_guard_scan_duration_seconds", seconds(told), direction


def _names(said: object) -> tuple[str, ...]:
    return tuple(map(str, said)) if isinstance(said, tuple) else ()
