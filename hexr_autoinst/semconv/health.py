"""The daemon's word about itself, as measurements: what moved between two of its health reports. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hexr_autoinst.semconv.measurement import NANO, Measurement

Health = Mapping[str, Any]

# What the front counts once for each connection, whatever became of it.
_OUTCOMES: Final = (
    "handed", "spliced_not_told", "spliced_no_worker", "spliced_passed_through", "silent", "not_proxy_requests", "loops",
)  # fmt: skip


def measure_health(before: Health, now: Health) -> Iterator[Measurement]:
    """Counters by how much they grew, gauges as they stand. A report without an account says nothing of facts."""
    yield from _account(_part(before, "account"), _part(now, "account"))
    yield from _export(before, now)
    yield from _libraries(_part(now, "camera"))
    yield from _programs(_part(before, "camera", "programs"), _part(now, "camera", "programs"))
    yield from _restarts(before, now)
    yield from _proxy(_part(before, "front"), _part(now, "front"))


def _part(report: Health, *way: str) -> Health:
    """A part of a report; empty where its process has not written it, or wrote something else there."""
    found: Any = report
    for name in way:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _number(report: Health, name: str) -> int:
    value = report.get(name)
    return value if isinstance(value, int) else 0


def _grown(before: Health, now: Health, name: str) -> int:
    """By how much; a process that was started again counts from nothing."""
    old, new = _number(before, name), _number(now, name)
    return new - old if new >= old else new


def _account(before: Health, now: Health) -> Iterator[Measurement]:
    if not now:
        return
    for name, instrument in (
        ("issued", "hexr.self.facts.issued"),
        ("told", "hexr.self.facts.told"),
        ("bytes", "hexr.self.bytes"),
    ):
        if grown := now.get(name, 0) - before.get(name, 0):
            yield Measurement(instrument, max(0, grown))
    for name, instrument, label in (
        ("ignored", "hexr.self.facts.ignored", "reason"),
        ("dropped", "hexr.self.facts.dropped", "place"),
        ("swallowed", "hexr.self.swallowed", "place"),
    ):
        old = before.get(name) or {}
        for key, total in (now.get(name) or {}).items():
            if total > old.get(key, 0):
                yield Measurement(instrument, total - old.get(key, 0), ((label, key),))
    yield Measurement("hexr.self.facts.open", now.get("open", 0))


def _export(before: Health, now: Health) -> Iterator[Measurement]:
    if grown := _grown(before, now, "export_errors"):
        yield Measurement("hexr.self.export.errors", grown)
    if waiting := _part(now, "waiting"):
        yield Measurement("hexr.self.facts.waiting", _number(waiting, "facts"))


def _libraries(camera: Health) -> Iterator[Measurement]:
    probes: Counter[str] = Counter()
    for one in camera.get("attached") or ():
        probes[str(one.get("library", "?"))] += int(one.get("probes", 0))
    refused = Counter(str(one.get("library", "?")) for one in camera.get("refused") or ())
    for library, n in probes.items():
        yield Measurement("hexr.self.probes", n, (("library", library),))
    for library, n in refused.items():
        yield Measurement("hexr.self.libraries.refused", n, (("library", library),))


def _programs(before: Health, now: Health) -> Iterator[Measurement]:
    for name in now:
        old, new, labels = _part(before, name), _part(now, name), (("program", name),)
        if runs := _grown(old, new, "runs"):
            yield Measurement("hexr.self.program.runs", runs, labels)
            yield Measurement("hexr.self.program.time", _grown(old, new, "ns") / NANO, labels)


def _restarts(before: Health, now: Health) -> Iterator[Measurement]:
    """The supervisor's children, and the front's one child."""
    old, new = _part(before, "supervisor", "restarts"), _part(now, "supervisor", "restarts")
    for name in new:
        if grown := _grown(old, new, name):
            yield Measurement("hexr.self.process.restarts", grown, (("process", name),))
    old, new = _part(before, "front", "counts"), _part(now, "front", "counts")
    if grown := _grown(old, new, "worker_ended") + _grown(old, new, "worker_recycled"):
        yield Measurement("hexr.self.process.restarts", grown, (("process", "worker"),))


def _proxy(before: Health, now: Health) -> Iterator[Measurement]:
    old, new = _part(before, "counts"), _part(now, "counts")
    for outcome in _OUTCOMES:
        if grown := _grown(old, new, outcome):
            yield Measurement("hexr.self.proxy.connections", grown, (("outcome", outcome),))
    old, new = _part(before, "worker"), _part(now, "worker")
    for side in ("request", "response"):
        if heads := _grown(old, new, f"{side}_heads_timed"):
            labels = (("side", side),)
            yield Measurement("hexr.self.proxy.messages", heads, labels)
            yield Measurement(
                "hexr.self.proxy.added_time", _grown(old, new, f"{side}_added_ns") / NANO, labels
            )
